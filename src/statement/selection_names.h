// The words of a selection's text.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "statement/selection.h"

namespace attestml::statement {

inline constexpr std::array<std::pair<Comparison, std::string_view>, 6> kComparisons = {
    {{Comparison::kIn, "in"},
     {Comparison::kNotIn, "not-in"},
     {Comparison::kLess, "<"},
     {Comparison::kLessEqual, "<="},
     {Comparison::kGreater, ">"},
     {Comparison::kGreaterEqual, ">="}}};

inline std::string_view ComparisonName(Comparison comparison) {
  for (const auto& [value, name] : kComparisons) {
    if (value == comparison) return name;
  }
  return "";
}

inline std::string_view TypeName(ColumnType type) { return type == ColumnType::kNumeric ? "numeric" : "categorical"; }

}  // namespace attestml::statement
