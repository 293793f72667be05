// "did you mean …?": the known name closest to a misspelt one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace attestml {

// NearestName returns the candidate at the smallest edit distance (insert, delete, replace, swap of neighbours), or ""
// when none is within a third of the length of `name` (at least 1, at most 3 edits).
std::string NearestName(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace attestml
