// One column of a table as a plain array.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "statement/selection.h"

namespace attestml::data {

inline constexpr std::int32_t kMissingCode = -1;

// Numeric: `numbers`, NaN where missing. Categorical: `codes` into `values`, kMissingCode where missing; `values` are
// in order of first appearance in the file and shared by all selections of it. Image and tensor: `cells`. Text:
// `texts`. These three are never missing.
struct ColumnData {
  std::string name;
  statement::ColumnType type = statement::ColumnType::kCategorical;
  std::vector<double> numbers{};
  std::vector<std::int32_t> codes{};
  std::vector<std::string> values{};

  // Equal blocks of bytes, one a record: an image's bytes by channel, row and column, or a tensor's float32 in the
  // machine's order. The blocks lie `stride` bytes apart in memory that all selections of a file share; a selection
  // that does not hold every record names those it holds in `places`.
  struct Cells {
    std::shared_ptr<const void> owner;  // keeps `data` alive
    const std::uint8_t* data = nullptr;
    std::size_t stride = 0;
    std::size_t size = 0;
    std::vector<std::uint32_t> places;

    BytesView operator[](std::size_t row) const { return {data + (places.empty() ? row : places[row]) * stride, size}; }
  };
  Cells cells{};
  std::vector<std::uint32_t> shape{};  // of one cell
  std::vector<std::string> texts{};

  bool Missing(std::size_t row) const {
    if (type == statement::ColumnType::kNumeric) return numbers[row] != numbers[row];
    return type == statement::ColumnType::kCategorical && codes[row] == kMissingCode;
  }
};

}  // namespace attestml::data
