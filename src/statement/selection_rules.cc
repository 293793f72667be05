// What a selection must be, however it was made: spec/selection.md section 1.
#include <algorithm>
#include <set>

#include "base/decimal.h"
#include "statement/selection.h"

namespace attestml::statement {
namespace {

constexpr std::size_t kMaxColumns = 4096;
constexpr std::size_t kMaxText = 4096;  // bytes of a name, value, mark or suffix
constexpr std::size_t kMaxConditions = 256;
constexpr std::size_t kMaxValues = 65536;  // of one condition
constexpr std::size_t kMaxParts = 64;
constexpr std::size_t kMaxRank = 8;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 24;  // of one record's image or tensor
constexpr std::uint64_t kWhole = 1'000'000'000;                 // fractions count in billionths

std::string Quoted(std::string_view name) { return "\"" + std::string(name.substr(0, 64)) + "\""; }

// Control characters would let a name or value pretend to be something else where a person reads it.
Status CheckText(std::string_view text, std::string_view id, std::string_view what) {
  if (text.size() > kMaxText) {
    return Malformed(id, std::string(what) + " has " + std::to_string(text.size()) + " bytes, want at most " +
                             std::to_string(kMaxText));
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), control)) {
    return Malformed(id, std::string(what) + " holds a control character");
  }
  return {};
}

bool IsInputOnly(ColumnType type) {
  return type == ColumnType::kImage || type == ColumnType::kText || type == ColumnType::kTensor;
}

Status CheckFormat(const FileFormat& format) {
  if (!format.IsText()) {
    FileFormat bare;
    bare.type = format.type;
    if (format == bare) return {};
    return Malformed("selection.format",
                     "a " + std::string(FileTypeName(format.type)) + " dataset has settings of a text file");
  }
  const char d = format.delimiter;
  const bool word = (d >= '0' && d <= '9') || (d >= 'A' && d <= 'Z') || (d >= 'a' && d <= 'z');
  if (d != '\t' && (d < 0x20 || d > 0x7e || word || d == '"' || d == '.' || d == '-')) {
    return Malformed("selection.format",
                     "the delimiter is not a tab or an ASCII sign other than quote, point and minus");
  }
  if (format.skip_lines > 1) {
    return Malformed("selection.format", "skipLines is " + std::to_string(format.skip_lines) + ", want 0 or 1");
  }
  return CheckText(format.missing, "selection.format", "the missing mark");
}

Status CheckShape(const Column& column) {
  const bool image = column.type == ColumnType::kImage;
  if (!image && column.type != ColumnType::kTensor) {
    if (column.shape.empty()) return {};
    return Malformed("selection.columns", "column " + Quoted(column.name) +
                                              " has a shape, want one for images and "
                                              "tensors only");
  }
  if (image ? column.shape.size() != 3 : column.shape.empty() || column.shape.size() > kMaxRank) {
    return Malformed("selection.columns", "column " + Quoted(column.name) + " has a shape of " +
                                              std::to_string(column.shape.size()) + " sizes, want " +
                                              (image ? "channels, height and width" : "1 to 8"));
  }
  std::uint64_t elements = 1;
  for (const std::uint32_t size : column.shape) {
    if (size == 0 || elements > kMaxElements / size) {
      return Malformed("selection.columns", "column " + Quoted(column.name) +
                                                " has a shape of no elements, or of more "
                                                "than 16777216");
    }
    elements *= size;
  }
  return {};
}

// Which columns a format can hold.
Status CheckFormatColumns(const FileFormat& format, const std::vector<Column>& columns) {
  const auto count = [&](ColumnType type) {
    return std::count_if(columns.begin(), columns.end(), [&](const Column& column) { return column.type == type; });
  };
  const auto images = count(ColumnType::kImage);
  const auto categories = count(ColumnType::kCategorical);
  const auto all = static_cast<std::ptrdiff_t>(columns.size());
  const auto shaped = [&] {
    return std::any_of(columns.begin(), columns.end(), [](const Column& column) {
      return column.type == ColumnType::kImage && column.shape == std::vector<std::uint32_t>{3, 32, 32};
    });
  };
  const std::string name = std::string(FileTypeName(format.type));
  switch (format.type) {
    case FileType::kCsv:
      if (images + count(ColumnType::kTensor) == 0) return {};
      return Malformed("selection.columns", "a csv file holds no images and no tensors");
    case FileType::kImageFolder:
      if (images > 0 && count(ColumnType::kTensor) == 0) return {};
      return Malformed("selection.columns",
                       "an image-folder has columns of numbers, categories, texts and images, and "
                       "of images at least one");
    case FileType::kCifar10:
    case FileType::kCifar100:
      if (images == 1 && shaped() && all == (format.type == FileType::kCifar10 ? 2 : 3) && categories == all - 1 &&
          columns.back().type == ColumnType::kImage) {
        return {};
      }
      return Malformed("selection.columns", "a " + name + " file has " + (all == 2 ? "its label" : "its labels") +
                                                " as categories, then one image of shape 3, 32, 32");
    case FileType::kIdx:
    case FileType::kNpy:
    case FileType::kSafetensors:
      if (count(ColumnType::kText) == 0) return {};
      return Malformed("selection.columns", "a " + name + " dataset holds no texts");
  }
  return {};
}

Status CheckColumns(const std::vector<Column>& columns) {
  if (columns.empty() || columns.size() > kMaxColumns) {
    return Malformed("selection.columns",
                     std::to_string(columns.size()) + " columns, want 1 to " + std::to_string(kMaxColumns));
  }
  std::set<std::string_view> names;
  for (const Column& column : columns) {
    if (column.name.empty()) return Malformed("selection.columns", "a column has an empty name");
    ATTESTML_CHECK(CheckText(column.name, "selection.columns", "a column name"));
    if (!names.insert(column.name).second) {
      return Malformed("selection.columns", "column " + Quoted(column.name) + " stands twice");
    }
    ATTESTML_CHECK(CheckShape(column));
  }
  return {};
}

Status CheckTarget(const Selection& selection) {
  if (!selection.target) return {};
  const Column* column = selection.Find(selection.target->column);
  if (column == nullptr) {
    return Malformed("selection.target", "target " + Quoted(selection.target->column) + " is not a column");
  }
  if (column->type != ColumnType::kCategorical && column->type != ColumnType::kNumeric) {
    return Malformed("selection.target", "target " + Quoted(column->name) + " is " +
                                             std::string(ColumnTypeName(column->type)) +
                                             ", want categorical or numeric");
  }
  // A number has no classes: nothing can be the positive one, and no label ends in a suffix.
  if (column->type == ColumnType::kNumeric &&
      !(selection.target->positive.empty() && selection.target->strip_suffix.empty())) {
    return Malformed("selection.target", "target " + Quoted(column->name) + " is numeric and has no classes, want " +
                                             "neither a positive one nor a suffix to strip");
  }
  ATTESTML_CHECK(CheckText(selection.target->positive, "selection.target", "the positive class"));
  return CheckText(selection.target->strip_suffix, "selection.target", "the suffix to strip");
}

Status CheckSensitive(const Selection& selection) {
  std::set<std::string_view> names;
  for (const std::string& name : selection.sensitive) {
    if (selection.Find(name) == nullptr) {
      return Malformed("selection.sensitive", "sensitive attribute " + Quoted(name) + " is not a column");
    }
    if (IsInputOnly(selection.Find(name)->type)) {
      return Malformed("selection.sensitive", "sensitive attribute " + Quoted(name) + " has no values to group by");
    }
    if (selection.target && selection.target->column == name) {
      return Malformed("selection.sensitive", "sensitive attribute " + Quoted(name) + " is the target");
    }
    if (!names.insert(name).second) {
      return Malformed("selection.sensitive", "sensitive attribute " + Quoted(name) + " stands twice");
    }
  }
  return {};
}

Status CheckCondition(const Selection& selection, const Condition& condition) {
  const Column* column = selection.Find(condition.column);
  if (column == nullptr) {
    return Malformed("selection.filter", "filter column " + Quoted(condition.column) + " is not a column");
  }
  if (IsInputOnly(column->type)) {
    return Malformed("selection.filter", "filter column " + Quoted(column->name) + " has no values to compare");
  }
  const bool ordering = condition.comparison != Comparison::kIn && condition.comparison != Comparison::kNotIn;
  if (ordering && column->type != ColumnType::kNumeric) {
    return Malformed("selection.filter", "column " + Quoted(column->name) + " is categorical and has no order");
  }
  if (condition.values.empty() || condition.values.size() > (ordering ? 1 : kMaxValues)) {
    return Malformed("selection.filter", "a condition on " + Quoted(column->name) + " has " +
                                             std::to_string(condition.values.size()) + " values, want " +
                                             (ordering ? "1" : "1 to " + std::to_string(kMaxValues)));
  }
  for (const std::string& value : condition.values) {
    ATTESTML_CHECK(CheckText(value, "selection.filter", "a filter value"));
    if (column->type == ColumnType::kNumeric && !ParseDecimal(value)) {
      return Malformed("selection.filter",
                       "a filter value of numeric column " + Quoted(column->name) + " is not a decimal number");
    }
  }
  return {};
}

Status CheckSplit(const Selection& selection) {
  if (!selection.split) return {};
  const Split& split = *selection.split;
  if (split.stratify && !selection.target) {
    return Malformed("selection.split", "a stratified split needs a target");
  }
  if (split.stratify && selection.Find(selection.target->column)->type != ColumnType::kCategorical) {
    return Malformed("selection.split", "a stratified split needs a categorical target");
  }
  if (split.parts.empty() || split.parts.size() > kMaxParts) {
    return Malformed("selection.split",
                     std::to_string(split.parts.size()) + " parts, want 1 to " + std::to_string(kMaxParts));
  }
  std::set<std::string_view> names;
  std::uint64_t sum = 0;
  for (const Split::Part& part : split.parts) {
    if (part.name.empty()) return Malformed("selection.split", "a part has an empty name");
    ATTESTML_CHECK(CheckText(part.name, "selection.split", "a part name"));
    if (!names.insert(part.name).second) {
      return Malformed("selection.split", "part " + Quoted(part.name) + " stands twice");
    }
    ATTESTML_TRY(const std::uint64_t billionths, FractionBillionths(part.fraction));
    sum += billionths;
  }
  if (sum > kWhole) return Malformed("selection.split", "the fractions add up to more than 1");
  if (!names.contains(split.part)) {
    return Malformed("selection.split", "selected part " + Quoted(split.part) + " is not a part");
  }
  return {};
}

}  // namespace

Result<std::uint64_t> FractionBillionths(std::string_view text) {
  if (text == "1") return kWhole;
  std::uint64_t value = 0;
  bool good = text.size() >= 3 && text.size() <= 11 && text.substr(0, 2) == "0.";
  for (std::size_t i = 2; good && i < 11; ++i) {
    const char c = i < text.size() ? text[i] : '0';
    good = c >= '0' && c <= '9';
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (!good || value == 0) {
    return Malformed("selection.split",
                     "fraction " + Quoted(text) + " is not \"1\", or \"0.\" and 1 to 9 digits above 0");
  }
  return value;
}

Status CheckSelection(const Selection& selection) {
  ATTESTML_CHECK(CheckFormat(selection.format));
  ATTESTML_CHECK(CheckColumns(selection.columns));
  ATTESTML_CHECK(CheckFormatColumns(selection.format, selection.columns));
  ATTESTML_CHECK(CheckTarget(selection));
  ATTESTML_CHECK(CheckSensitive(selection));
  if (selection.filter.size() > kMaxConditions) {
    return Malformed("selection.filter", std::to_string(selection.filter.size()) + " conditions, want at most " +
                                             std::to_string(kMaxConditions));
  }
  for (const Condition& condition : selection.filter) ATTESTML_CHECK(CheckCondition(selection, condition));
  return CheckSplit(selection);
}

}  // namespace attestml::statement
