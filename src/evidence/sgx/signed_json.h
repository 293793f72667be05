// Intel's signed collateral, as the PCS serves it: {"<member>":{…},"signature":"<128 hex digits>"}.
//
// The signature is over the exact bytes of the member's value, so they are found in the text without building a value
// from it, and nothing unsigned is ever parsed any further.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::evidence::sgx {

inline constexpr std::size_t kMaxSignedJson = std::size_t{1} << 20;  // genuine ones have up to 10 KiB

// SignedJson borrows from the text it was split from.
struct SignedJson {
  std::string_view body;                     // from "{" to "}"
  std::array<std::uint8_t, 64> signature{};  // r || s
};

// SplitSignedJson accepts exactly the two members, each once, in any order, and white space around them. Error ids,
// where <id> is what the caller passes: <id>.size, <id>.syntax, <id>.duplicate_member, <id>.unknown_member,
// <id>.signature.
Result<SignedJson> SplitSignedJson(std::string_view text, std::string_view member, const std::string& id);

// LooksLikeSignedJson says whether `text` starts as an object whose first or second member has this name: what kind of
// document it is, not whether it is a good one.
bool LooksLikeSignedJson(std::string_view text, std::string_view member);

}  // namespace attestml::evidence::sgx
