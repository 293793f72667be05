// Verification of the hardware layer of an Azure confidential VM's report. spec/evidence.md, section azure.
#pragma once

#include "verify/evidence.h"
#include "verify/format.h"

namespace attestml::verify {

// AzureVendor says whose hardware the report is of; AMD's when it cannot be read.
Vendor AzureVendor(BytesView report);

// VerifyAzureReport is VerifyEvidence for HCL reports; call that. Of SNP the report inside is verified as any other; of
// TDX the TD quote over the same report data, which is looked for among the collateral. The hardware's report data must
// be the SHA-256 of the runtime data and zeros. The vTPM, which alone speaks for what the guest booted and asked to
// sign, is not looked at: azure.vtpm is never checked, and the facts hold no report data and no nonce.
FormatOutcome VerifyAzureReport(const FormatInput& input);

}  // namespace attestml::verify
