// The simulated SEV-SNP device: AMD's authorities for one Genoa chip, on disk, and reports of version 3 by its VCEK.
//
//     authority.json                          {"root":"<key id of the ARK>","version":1}
//     keys/{ark,ask,vek}.pem                  RSA of 4096 bits twice, P-384; mode 0600. Making them takes seconds
//     certificates/{ark,ask,vek}.der
//     collateral/crl.der                      renewed in place when half of its window has passed
//
// A guest's measurement is that of its image. Here MEASUREMENT stands for the program: its SHA-256 and 16 zero bytes.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "tee/device.h"
#include "tee/state_folder.h"

namespace attestml::tee {

class SimulatedSnpStore {
 public:
  explicit SimulatedSnpStore(std::string directory) : folder_(std::move(directory)) {}

  // Makes the authority unless there is one, and renews its CRL when that is due.
  Status Ensure(Time now) const;
  Result<bool> Exists() const { return folder_.Exists(); }
  Result<crypto::Digest256> RootKeyId() const;
  Result<Time> CollateralUntil() const;
  Result<std::unique_ptr<Device>> Open(const crypto::Digest256& measurement, Time now) const;

 private:
  StateFolder folder_;
};

}  // namespace attestml::tee
