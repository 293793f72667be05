// Verification of one Intel DCAP quote: of an SGX enclave or of a TDX trust domain. spec/evidence.md, sections sgx and
// tdx.
#pragma once

#include "verify/format.h"

namespace attestml::verify {

// VerifyDcapQuote is VerifyEvidence for SGX and TDX quotes; call that.
FormatOutcome VerifyDcapQuote(const FormatInput& input);

}  // namespace attestml::verify
