// The simulated authority on disk.
//
//     authority.json             {"root":"<key id>","version":1}
//     keys/*.pem                 root, platform-ca, tcb-signer, pck, attestation; mode 0600
//     certificates/pck-chain.pem, tcb-signing-chain.pem
//     certification.bin          what follows the signature in every quote of this platform
//     collateral/tcb-info.json, qe-identity.json, root-crl.der, pck-crl.der     renewed in place
//
// The directory appears whole (tee/state_folder.h). Simulated TDX is a part of the same platform, and has no state of
// its own; folders of other vendors' authorities may lie in it: snp/, nitro/.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "tee/simulated_authority.h"
#include "tee/state_folder.h"

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

  Result<SimulatedKeys> LoadKeys() const;
  struct Chains {
    std::string pck, tcb_signing;  // PEM
  };
  Result<Chains> LoadChains() const;

  Result<crypto::Digest256> RootKeyId() const;
  struct Window {
    Time issued, until;
  };
  Result<Window> CollateralWindow() const;

 private:
  Status Renew(Time now) const;

  StateFolder folder_;
};

}  // namespace attestml::tee
