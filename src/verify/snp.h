// Verification of one AMD SEV-SNP attestation report, versions 2 to 5. spec/evidence.md, section snp.
#pragma once

#include "verify/format.h"

namespace attestml::verify {

// VerifySnpReport is VerifyEvidence for SEV-SNP reports; call that. The endorsement key's certificate and AMD's
// authorities are found among the collateral by content. Of several certificates that could be the report's, one that
// verifies is enough; when none does, the outcome is that of the one that came furthest.
FormatOutcome VerifySnpReport(const FormatInput& input);

}  // namespace attestml::verify
