#include "statement/selection.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/decimal.h"

namespace attestml::statement {
namespace {

constexpr std::size_t kMaxColumns = 4096;
constexpr std::size_t kMaxText = 4096;  // bytes of a name, value, mark or suffix
constexpr std::size_t kMaxConditions = 256;
constexpr std::size_t kMaxValues = 65536;  // of one condition
constexpr std::size_t kMaxParts = 64;
constexpr std::uint64_t kWhole = 1'000'000'000;  // fractions count in billionths

constexpr std::array<std::pair<Comparison, std::string_view>, 6> kComparisons = {{{Comparison::kIn, "in"},
                                                                                  {Comparison::kNotIn, "not-in"},
                                                                                  {Comparison::kLess, "<"},
                                                                                  {Comparison::kLessEqual, "<="},
                                                                                  {Comparison::kGreater, ">"},
                                                                                  {Comparison::kGreaterEqual, ">="}}};

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

std::string_view ComparisonName(Comparison comparison) {
  for (const auto& [value, name] : kComparisons) {
    if (value == comparison) return name;
  }
  return "";
}

std::string_view TypeName(ColumnType type) { return type == ColumnType::kNumeric ? "numeric" : "categorical"; }

Json SplitToJson(const Split& split) {
  Json parts = Json::array();
  for (const Split::Part& part : split.parts) parts.push_back({{"name", part.name}, {"fraction", part.fraction}});
  return {{"seed", std::to_string(split.seed)},
          {"stratify", split.stratify},
          {"parts", std::move(parts)},
          {"part", split.part}};
}

Result<std::vector<std::string>> ParseStrings(const Json& array, std::string_view id, std::string_view what) {
  std::vector<std::string> out;
  for (const Json& item : array) {
    if (!item.is_string()) return Malformed(id, std::string(what) + " holds something that is not a string");
    out.push_back(item.get_ref<const std::string&>());
  }
  return out;
}

Result<CsvFormat> ParseFormat(const Json& value) {
  JsonObject object(value, "selection.format", "format");
  CsvFormat format;
  ATTESTML_TRY(const std::string type, object.String("type"));
  if (type != "csv") return Unsupported("selection.format", "format type is " + Quoted(type) + ", want \"csv\"");
  ATTESTML_TRY(const std::string delimiter, object.String("delimiter"));
  if (delimiter.size() != 1) return Malformed("selection.format", "the delimiter is not one ASCII character");
  format.delimiter = delimiter.front();
  ATTESTML_TRY(format.header, object.Bool("header"));
  ATTESTML_TRY(const std::uint64_t skip, object.Unsigned("skipLines"));
  if (skip > 1) return Malformed("selection.format", "skipLines is " + std::to_string(skip) + ", want 0 or 1");
  format.skip_lines = static_cast<std::uint32_t>(skip);
  ATTESTML_TRY(format.trim, object.Bool("trim"));
  ATTESTML_TRY(format.missing, object.String("missing"));
  ATTESTML_CHECK(object.Finish());
  return format;
}

Result<Column> ParseColumn(const Json& value) {
  JsonObject object(value, "selection.columns", "a column");
  Column column;
  ATTESTML_TRY(column.name, object.String("name"));
  ATTESTML_TRY(const std::string type, object.String("type"));
  if (type != "numeric" && type != "categorical") {
    return Malformed("selection.columns", "column type is " + Quoted(type) + ", want \"numeric\" or \"categorical\"");
  }
  column.type = type == "numeric" ? ColumnType::kNumeric : ColumnType::kCategorical;
  ATTESTML_TRY(column.feature, object.Bool("feature"));
  ATTESTML_CHECK(object.Finish());
  return column;
}

Result<Target> ParseTarget(const Json& value) {
  JsonObject object(value, "selection.target", "target");
  Target target;
  ATTESTML_TRY(target.column, object.String("column"));
  ATTESTML_TRY(target.positive, object.String("positive"));
  ATTESTML_TRY(target.strip_suffix, object.String("stripSuffix"));
  ATTESTML_CHECK(object.Finish());
  return target;
}

Result<Condition> ParseCondition(const Json& value) {
  JsonObject object(value, "selection.filter", "a condition");
  Condition condition;
  ATTESTML_TRY(condition.column, object.String("column"));
  ATTESTML_TRY(const std::string name, object.String("comparison"));
  const auto* const known = std::find_if(kComparisons.begin(), kComparisons.end(),
                                         [&](const auto& comparison) { return comparison.second == name; });
  if (known == kComparisons.end()) return Malformed("selection.filter", "unknown comparison " + Quoted(name));
  condition.comparison = known->first;
  ATTESTML_TRY(const Json* values, object.Array("values"));
  ATTESTML_TRY(condition.values, ParseStrings(*values, "selection.filter", "values"));
  ATTESTML_CHECK(object.Finish());
  return condition;
}

Result<std::uint64_t> ParseSeed(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::uint64_t seed = 0;
  const bool shape = !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), digit) &&
                     (text == "0" || text.front() != '0');
  for (std::size_t i = 0; shape && i < text.size(); ++i) {
    seed = seed * 10 + static_cast<std::uint64_t>(text[i] - '0');
  }
  // Overflow wraps to a number that has another text.
  if (!shape || std::to_string(seed) != text) {
    return Malformed("selection.split", "the seed is not a decimal number below 2^64");
  }
  return seed;
}

Result<Split> ParseSplit(const Json& value) {
  JsonObject object(value, "selection.split", "split");
  Split split;
  ATTESTML_TRY(const std::string seed, object.String("seed"));
  ATTESTML_TRY(split.seed, ParseSeed(seed));
  ATTESTML_TRY(split.stratify, object.Bool("stratify"));
  ATTESTML_TRY(const Json* parts, object.Array("parts"));
  for (const Json& item : *parts) {
    JsonObject entry(item, "selection.split", "a part");
    Split::Part part;
    ATTESTML_TRY(part.name, entry.String("name"));
    ATTESTML_TRY(part.fraction, entry.String("fraction"));
    ATTESTML_CHECK(entry.Finish());
    split.parts.push_back(std::move(part));
  }
  ATTESTML_TRY(split.part, object.String("part"));
  ATTESTML_CHECK(object.Finish());
  return split;
}

}  // namespace

const Column* Selection::Find(std::string_view name) const {
  const auto it =
      std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; });
  return it == columns.end() ? nullptr : &*it;
}

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

Json SelectionToJson(const Selection& selection) {
  const CsvFormat& format = selection.format;
  Json columns = Json::array();
  for (const Column& column : selection.columns) {
    columns.push_back({{"name", column.name}, {"type", TypeName(column.type)}, {"feature", column.feature}});
  }
  Json filter = Json::array();
  for (const Condition& condition : selection.filter) {
    filter.push_back({{"column", condition.column},
                      {"comparison", ComparisonName(condition.comparison)},
                      {"values", condition.values}});
  }
  Json json = {{"format",
                {{"type", "csv"},
                 {"delimiter", std::string(1, format.delimiter)},
                 {"header", format.header},
                 {"skipLines", format.skip_lines},
                 {"trim", format.trim},
                 {"missing", format.missing}}},
               {"columns", std::move(columns)},
               {"target", nullptr},
               {"sensitive", selection.sensitive},
               {"missing", selection.missing == MissingPolicy::kDrop ? "drop" : "category"},
               {"filter", std::move(filter)},
               {"split", nullptr}};
  if (selection.target) {
    json["target"] = {{"column", selection.target->column},
                      {"positive", selection.target->positive},
                      {"stripSuffix", selection.target->strip_suffix}};
  }
  if (selection.split) json["split"] = SplitToJson(*selection.split);
  return json;
}

Result<Selection> ParseSelection(const Json& value) {
  JsonObject object(value, "selection.member", "selection");
  Selection selection;
  ATTESTML_TRY(const Json* format, object.Object("format"));
  ATTESTML_TRY(selection.format, ParseFormat(*format));
  ATTESTML_TRY(const Json* columns, object.Array("columns"));
  for (const Json& item : *columns) {
    ATTESTML_TRY(Column column, ParseColumn(item));
    selection.columns.push_back(std::move(column));
  }
  const Json* target = object.Optional("target");
  if (target == nullptr) return Malformed("selection.member", "selection has no member \"target\"");
  if (!target->is_null()) {
    ATTESTML_TRY(selection.target, ParseTarget(*target));
  }
  ATTESTML_TRY(const Json* sensitive, object.Array("sensitive"));
  ATTESTML_TRY(selection.sensitive, ParseStrings(*sensitive, "selection.sensitive", "sensitive"));
  ATTESTML_TRY(const std::string missing, object.String("missing"));
  if (missing != "category" && missing != "drop") {
    return Malformed("selection.missing", "missing is " + Quoted(missing) + ", want \"category\" or \"drop\"");
  }
  selection.missing = missing == "drop" ? MissingPolicy::kDrop : MissingPolicy::kCategory;
  ATTESTML_TRY(const Json* filter, object.Array("filter"));
  for (const Json& item : *filter) {
    ATTESTML_TRY(Condition condition, ParseCondition(item));
    selection.filter.push_back(std::move(condition));
  }
  const Json* split = object.Optional("split");
  if (split == nullptr) return Malformed("selection.member", "selection has no member \"split\"");
  if (!split->is_null()) {
    ATTESTML_TRY(selection.split, ParseSplit(*split));
  }
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckSelection(selection));
  return selection;
}

crypto::Digest256 SelectionDigest(const Selection& selection) {
  return crypto::Sha256(AsBytes(DumpJson(SelectionToJson(selection))));
}

crypto::Digest256 LeafSchemaDigest(const Selection& selection) {
  Json columns = Json::array();
  for (const Column& column : selection.columns) {
    columns.push_back({{"name", column.name}, {"type", TypeName(column.type)}});
  }
  Json schema = {{"columns", std::move(columns)}, {"target", nullptr}};
  if (selection.target) schema["target"] = selection.target->column;
  return crypto::Sha256(AsBytes(DumpJson(schema)));
}

}  // namespace attestml::statement
