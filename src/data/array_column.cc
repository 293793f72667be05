#include "data/array_column.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

namespace attestml::data {
namespace {

using artifact::ElementType;
using statement::Column;
using statement::ColumnType;

static_assert(std::endian::native == std::endian::little, "elements of files are used as they stand in memory");

constexpr std::int64_t kMaxRows = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMaxExact = std::int64_t{1} << 53;

template <typename T>
T At(BytesView data, std::size_t i) {
  T value;
  std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
  return value;
}

std::int64_t Whole(const Array& array, std::size_t i) {
  if (array.type == ElementType::kU8) return array.data[i];
  if (array.type == ElementType::kI32) return At<std::int32_t>(array.data, i);
  return At<std::int64_t>(array.data, i);
}

bool IsWhole(ElementType type) { return type != ElementType::kF32 && type != ElementType::kF64; }

std::string Text(const std::vector<std::int64_t>& sizes) {
  std::string out;
  for (const std::int64_t size : sizes) out += (out.empty() ? "" : " x ") + std::to_string(size);
  return out;
}

class Filler {
 public:
  Filler(const Array& array, const Column& column, std::string_view family, const std::string& where)
      : array_(array), column_(column), family_(family), where_(where) {}

  Result<ColumnData> Fill() {
    if (array_.shape.empty() || array_.shape[0] < 1 || array_.shape[0] > kMaxRows) {
      return Bad(".rows", "holds no records, or more than 2147483647");
    }
    rows_ = static_cast<std::size_t>(array_.shape[0]);
    data_.name = column_.name;
    data_.type = column_.type;
    data_.shape = column_.shape;
    switch (column_.type) {
      case ColumnType::kImage:
        ATTESTML_CHECK(FillCells(ElementType::kU8, true));
        break;
      case ColumnType::kTensor:
        ATTESTML_CHECK(FillCells(ElementType::kF32, false));
        ATTESTML_CHECK(CheckFinite());
        break;
      case ColumnType::kNumeric:
        ATTESTML_CHECK(CheckRankOne());
        ATTESTML_CHECK(FillNumbers());
        break;
      case ColumnType::kCategorical:
        ATTESTML_CHECK(CheckRankOne());
        ATTESTML_CHECK(FillCategories());
        break;
      case ColumnType::kText:
        return Bad(".type", "holds no texts");
    }
    return std::move(data_);
  }

 private:
  Error Bad(std::string_view id, const std::string& message) const {
    return Malformed(std::string(family_) + std::string(id), where_ + ": column \"" + column_.name + "\" " + message);
  }

  Status FillCells(ElementType want, bool image) {
    if (array_.type != want) {
      return Bad(".type", "has elements of type " + std::string(ElementName(array_.type)) + ", want " +
                              std::string(ElementName(want)));
    }
    std::vector<std::int64_t> shape(array_.shape.begin() + 1, array_.shape.end());
    if (image && shape.size() == 2) shape.insert(shape.begin(), 1);
    const std::vector<std::int64_t> wanted(column_.shape.begin(), column_.shape.end());
    if (shape != wanted) {
      return Bad(".shape",
                 "has records of shape " + (shape.empty() ? "(none)" : Text(shape)) + ", want " + Text(wanted));
    }
    data_.cells.owner = array_.owner;
    data_.cells.data = array_.data.data();
    data_.cells.size = array_.data.size() / rows_;
    data_.cells.stride = data_.cells.size;
    return {};
  }

  Status CheckFinite() const {
    for (std::size_t i = 0; i < array_.data.size() / 4; ++i) {
      if (!std::isfinite(At<float>(array_.data, i))) return NotFinite(i / (data_.cells.size / 4));
    }
    return {};
  }

  Error NotFinite(std::size_t row) const {
    return Bad(".value", "has a number in record " + std::to_string(row + 1) + " that is not finite");
  }

  Status CheckRankOne() const {
    if (array_.shape.size() == 1) return {};
    return Bad(".shape", "has shape " + Text(array_.shape) + ", want one value a record");
  }

  Status FillNumbers() {
    data_.numbers.resize(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
      double number = 0;
      if (array_.type == ElementType::kF32) {
        number = static_cast<double>(At<float>(array_.data, row));
      } else if (array_.type == ElementType::kF64) {
        number = At<double>(array_.data, row);
      } else {
        const std::int64_t whole = Whole(array_, row);
        if (whole > kMaxExact || whole < -kMaxExact) {
          return Bad(".value",
                     "has a number in record " + std::to_string(row + 1) + " above 2^53, want one that a double holds");
        }
        number = static_cast<double>(whole);
      }
      // Not a number would read as missing.
      if (!std::isfinite(number)) return NotFinite(row);
      data_.numbers[row] = number;
    }
    return {};
  }

  Status FillCategories() {
    if (!IsWhole(array_.type)) {
      return Bad(".type", "has elements of type " + std::string(ElementName(array_.type)) + ", want whole numbers");
    }
    std::unordered_map<std::int64_t, std::int32_t> code_of;
    data_.codes.resize(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::int64_t value = Whole(array_, row);
      const auto [it, is_new] = code_of.try_emplace(value, static_cast<std::int32_t>(data_.values.size()));
      if (is_new) data_.values.push_back(std::to_string(value));
      data_.codes[row] = it->second;
    }
    return {};
  }

  const Array& array_;
  const Column& column_;
  std::string_view family_;
  const std::string& where_;
  std::size_t rows_ = 0;
  ColumnData data_;
};

}  // namespace

Result<ColumnData> FillColumn(const Array& array, const Column& column, std::string_view family,
                              const std::string& where) {
  return Filler(array, column, family, where).Fill();
}

}  // namespace attestml::data
