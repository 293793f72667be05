// The simulated authority on disk.
//
//     authority.json             {"root":"<key id>","version":1}
//     keys/*.pem                 root, platform-ca, tcb-signer, pck, attestation; mode 0600
//     certificates/pck-chain.pem, tcb-signing-chain.pem
//     certification.bin          what follows the signature in every quote of this platform
//     collateral/tcb-info.json, qe-identity.json, root-crl.der, pck-crl.der     renewed in place
//
// The directory has mode 0700 and appears whole, by one rename. What is read from it is ours, but it is read with caps
// and errors all the same: a disk may be full, a file gone.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "tee/simulated_authority.h"

namespace attestml::tee {

class SimulatedStore {
 public:
  explicit SimulatedStore(std::string directory);

  // Makes the authority unless there is one, and renews its collateral when that is due. Safe when several processes do
  // it at once: one wins, all use the winner's.
  Status Ensure(Time now) const;

  // What a quote needs. Error ids tee.simulated.absent, .state, .version.
  struct Device {
    crypto::PrivateKey attestation;
    Bytes certification;
    SimulatedCollateral collateral;
    std::string tcb_signing_chain;
  };
  Result<Device> Load() const;

  Result<crypto::Digest256> RootKeyId() const;
  struct Window {
    Time issued, until;
  };
  Result<Window> CollateralWindow() const;

 private:
  Result<bool> Exists() const;
  Status Create(Time now) const;
  Status Renew(Time now) const;
  Result<Bytes> Read(std::string_view name) const;
  Result<crypto::PrivateKey> ReadKey(std::string_view name) const;

  std::string directory_;
};

}  // namespace attestml::tee
