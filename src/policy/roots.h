// The roots of TEE vendors that a policy adds and removes (spec/policy.md 3.1).
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "crypto/digest.h"
#include "verify/evidence.h"

namespace attestml::policy {

// ReadRoots returns the built-in roots without `removed`, and behind them those of [[root]]: name, key, vendor
// ("intel", "amd", "aws"), each for evidence of its vendor and no other. Error ids policy.*; policy.duplicate for a key
// that is there already.
Result<std::vector<verify::TrustAnchor>> ReadRoots(std::vector<TomlTable>& tables,
                                                   std::span<const crypto::Digest256> removed);

}  // namespace attestml::policy
