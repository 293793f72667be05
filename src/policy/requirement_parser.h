// Reads one [[require]] of a policy file.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/toml.h"
#include "policy/policy.h"

namespace attestml::policy {

// "sha256:<64 hex digits>", and nothing else. Error id policy.value.
Result<std::optional<crypto::Digest256>> ReadDigest(TomlTable& table, std::string_view key);

// A string that must be one of `names`. Error id policy.unknown_name, with the nearest.
Status CheckName(const TomlTable& table, std::string_view key, std::string_view name,
                 std::span<const std::string_view> names);

// `number` counts from 1 and is the id of a requirement that has none.
Result<Requirement> ReadRequirement(TomlTable& table, std::size_t number, std::span<const Certifier> certifiers);

}  // namespace attestml::policy
