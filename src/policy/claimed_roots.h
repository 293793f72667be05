// Roots that the evidence of a bundle shows, for `policy init` and nothing else.
#pragma once

#include <span>
#include <vector>

#include "crypto/digest.h"
#include "statement/envelope.h"

namespace attestml::policy {

// ClaimedRoots lists the key ids of the self-signed authorities in the evidence of these lines: those in the quote's
// chain, in a Nitro document and in the collateral, each once, none of them a vendor's. NOTHING here is verified:
// whoever made the lines chose these roots, so they may be offered to a person to compare and must never become trust
// anchors of a verdict. At most 16.
std::vector<crypto::Digest256> ClaimedRoots(std::span<const statement::Envelope> envelopes);

}  // namespace attestml::policy
