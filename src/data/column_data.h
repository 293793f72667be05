// One column of a table as a plain array.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "statement/selection.h"

namespace attestml::data {

inline constexpr std::int32_t kMissingCode = -1;

// Numeric: `numbers`, NaN where missing. Categorical: `codes` into `values`, kMissingCode where missing; `values` are
// in order of first appearance in the file and shared by all selections of it.
struct ColumnData {
  std::string name;
  statement::ColumnType type = statement::ColumnType::kCategorical;
  std::vector<double> numbers;
  std::vector<std::int32_t> codes;
  std::vector<std::string> values;

  bool Missing(std::size_t row) const {
    return type == statement::ColumnType::kNumeric ? numbers[row] != numbers[row] : codes[row] == kMissingCode;
  }
};

}  // namespace attestml::data
