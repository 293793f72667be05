// What an SGX or TDX quote says of itself. Nothing in it is verified.
#pragma once

#include "evidence/sgx/quote.h"
#include "verify/evidence.h"

namespace attestml::verify {

// DcapFacts fills all that stands in the quote. What collateral says (TCB status, dates, advisories) is left empty.
// Registers and hazards: spec/evidence.md 4.4, spec/policy.md 3.
EvidenceFacts DcapFacts(const evidence::sgx::Quote& quote);

}  // namespace attestml::verify
