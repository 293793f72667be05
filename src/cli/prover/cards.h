// The cards that a run leaves: made from its own bundle, verified and appraised like anybody else's.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "prove/prover.h"

namespace attestml::cli {

// Verifies `bundle` under the simulated root and its own starting policy, and writes card.md and card.json. A bundle
// that our own verifier does not accept is an Error: it must not leave the house.
Result<std::vector<prove::OutputFile>> MakeCards(std::string_view bundle, const crypto::Digest256& simulated_root,
                                                 Time time);

}  // namespace attestml::cli
