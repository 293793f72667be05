#include "verify/evidence.h"

#include "verify/sgx.h"

namespace attestml::verify {

// One format so far. Its parser refuses every other by the bytes alone: a media type is the prover's word.
EvidenceOutcome VerifyEvidence(const evidence::EvidencePackage& package,
                               std::span<const evidence::CollateralItem> extra, std::span<const TrustAnchor> anchors,
                               Time time, Memo* memo) {
  return VerifySgxQuote(package, extra, anchors, time, memo);
}

}  // namespace attestml::verify
