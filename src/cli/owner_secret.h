// The secret under which an owner's statements are concealed: a file of 64 hexadecimal digits.
#pragma once

#include <string>

#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::cli {

// Error id cli.owner_secret, kind usage.
Result<crypto::Digest256> ReadOwnerSecret(const std::string& path);

}  // namespace attestml::cli
