// The simulated Nitro device: AWS' authorities on disk, and documents by an enclave's key.
//
//     authority.json                                        {"root":"<key id>","version":1}
//     keys/{root,regional,zonal,instance,enclave}.pem       P-384, mode 0600
//     certificates/root.der
//
// The authorities below the root live for weeks and the enclave's certificate for three hours, as AWS' do, so these are
// issued anew each time. A document cannot be verified as of now after that.
//
// An enclave's measurement is that of its image. Here PCR0 stands for the program: its SHA-256 and 16 zero bytes.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "tee/device.h"
#include "tee/state_folder.h"

namespace attestml::tee {

class SimulatedNitroStore {
 public:
  explicit SimulatedNitroStore(std::string directory) : folder_(std::move(directory)) {}

  // Makes the authority unless there is one.
  Status Ensure(Time now) const;
  Result<bool> Exists() const { return folder_.Exists(); }
  Result<crypto::Digest256> RootKeyId() const;
  Result<std::unique_ptr<Device>> Open(const crypto::Digest256& measurement, Time now) const;

 private:
  StateFolder folder_;
};

}  // namespace attestml::tee
