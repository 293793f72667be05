// Verification of one AWS Nitro attestation document. spec/evidence.md, section Nitro.
#pragma once

#include "verify/format.h"

namespace attestml::verify {

// VerifyNitroDocument is VerifyEvidence for Nitro documents; call that. The chain is built from the document's own
// certificates alone. Collateral matters only for CRLs: AWS has none looked at, so none is asked for, but what one of
// the path's authorities has revoked in a CRL that is given is refused.
FormatOutcome VerifyNitroDocument(const FormatInput& input);

}  // namespace attestml::verify
