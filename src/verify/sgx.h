// Verification of one Intel SGX DCAP quote, version 3. spec/checks.md, section sgx.
#pragma once

#include "verify/format.h"

namespace attestml::verify {

// VerifySgxQuote is VerifyEvidence for SGX quotes; call that.
FormatOutcome VerifySgxQuote(const FormatInput& input);

}  // namespace attestml::verify
