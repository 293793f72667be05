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
constexpr std::uint64_t kWhole = 1'000'000'000;  // fractions count in billionths

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

Status CheckFormat(const CsvFormat& format) {
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
  }
  return {};
}

Status CheckTarget(const Selection& selection) {
  if (!selection.target) return {};
  const Column* column = selection.Find(selection.target->column);
  if (column == nullptr) {
    return Malformed("selection.target", "target " + Quoted(selection.target->column) + " is not a column");
  }
  if (column->type != ColumnType::kCategorical) {
    return Malformed("selection.target", "target " + Quoted(column->name) + " is numeric, want categorical");
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
