// Whether two pieces of evidence speak of one running program. spec/bundle.md, "programs".
#pragma once

#include <string>

#include "verify/evidence.h"

namespace attestml::verify {

// DescribeDifference names the first thing in which they differ of all that stays as it is while one program runs: TEE,
// format, root, measurement, signer, product, security version, debug, and every register but those that a running
// program, its host or an update of the platform may change. "" when there is none.
std::string DescribeDifference(const VerifiedEvidence& a, const VerifiedEvidence& b);

}  // namespace attestml::verify
