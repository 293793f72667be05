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

inline constexpr std::string_view kColumnTypes[] = {"numeric", "categorical", "image", "text", "tensor"};
inline constexpr std::string_view kFileTypes[] = {"csv",          "idx", "cifar10",    "cifar100",
                                                  "image-folder", "npy", "safetensors"};

}  // namespace attestml::statement
