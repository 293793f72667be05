#include "statement/selection.h"

#include <algorithm>
#include <utility>

#include "base/json_fields.h"
#include "statement/selection_names.h"

namespace attestml::statement {
namespace {

constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 24;  // along one side of a shape

template <typename Enum, std::size_t n>
std::optional<Enum> Named(const std::string_view (&names)[n], std::string_view name) {
  for (std::size_t i = 0; i < n; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::string Quoted(std::string_view name) { return "\"" + std::string(name.substr(0, 64)) + "\""; }

Json FormatToJson(const FileFormat& format) {
  Json json = {{"type", FileTypeName(format.type)}};
  if (!format.IsText()) return json;
  json["delimiter"] = std::string(1, format.delimiter);
  json["header"] = format.header;
  json["skipLines"] = format.skip_lines;
  json["trim"] = format.trim;
  json["missing"] = format.missing;
  // Stands only when false, so what was written before there was a choice keeps its digest.
  if (!format.quote) json["quote"] = false;
  return json;
}

Json ColumnToJson(const Column& column) {
  Json json = {{"name", column.name}, {"type", ColumnTypeName(column.type)}};
  if (!column.shape.empty()) json["shape"] = column.shape;
  return json;
}

Json SplitToJson(const Split& split) {
  Json parts = Json::array();
  for (const Split::Part& part : split.parts) parts.push_back({{"name", part.name}, {"fraction", part.fraction}});
  return {{"seed", std::to_string(split.seed)},
          {"stratify", split.stratify},
          {"parts", std::move(parts)},
          {"part", split.part}};
}

Result<std::vector<std::string>> ParseStrings(JsonView array, std::string_view id, std::string_view what) {
  std::vector<std::string> out;
  for (const JsonView item : array) {
    if (!item.is_string()) return Malformed(id, std::string(what) + " holds something that is not a string");
    out.emplace_back(item.String());
  }
  return out;
}

Result<FileFormat> ParseFormat(JsonView value) {
  JsonFields object(value, "selection.format", "format");
  FileFormat format;
  ATTESTML_TRY(const std::string_view type, object.String("type"));
  const auto known = FileTypeOf(type);
  if (!known) return Unsupported("selection.format", "format type is " + Quoted(type) + ", which is not known");
  format.type = *known;
  if (!format.IsText()) {
    ATTESTML_CHECK(object.Finish());
    return format;
  }
  ATTESTML_TRY(const std::string_view delimiter, object.String("delimiter"));
  if (delimiter.size() != 1) return Malformed("selection.format", "the delimiter is not one ASCII character");
  format.delimiter = delimiter.front();
  ATTESTML_TRY(format.header, object.Bool("header"));
  ATTESTML_TRY(const std::uint64_t skip, object.Unsigned("skipLines"));
  if (skip > 1) return Malformed("selection.format", "skipLines is " + std::to_string(skip) + ", want 0 or 1");
  format.skip_lines = static_cast<std::uint32_t>(skip);
  ATTESTML_TRY(format.trim, object.Bool("trim"));
  ATTESTML_TRY(format.missing, object.String("missing"));
  if (object.Optional("quote")) {
    ATTESTML_TRY(format.quote, object.Bool("quote"));
    if (format.quote) return Malformed("selection.format", "quote is true, want it absent or false");
  }
  ATTESTML_CHECK(object.Finish());
  return format;
}

Result<Column> ParseColumn(JsonView value) {
  JsonFields object(value, "selection.columns", "a column");
  Column column;
  ATTESTML_TRY(column.name, object.String("name"));
  ATTESTML_TRY(const std::string_view type, object.String("type"));
  const auto known = ColumnTypeOf(type);
  if (!known) {
    return Malformed("selection.columns",
                     "column type is " + Quoted(type) + ", want numeric, categorical, image, text or tensor");
  }
  column.type = *known;
  if (object.Optional("shape")) {
    ATTESTML_TRY(const JsonView shape, object.Array("shape"));
    if (shape.empty()) return Malformed("selection.columns", "a shape is empty, want it absent");
    for (const JsonView size : shape) {
      if (size.kind() != JsonKind::kUnsigned || size.Unsigned() > kMaxSize) {
        return Malformed("selection.columns", "a shape holds something that is not a whole number up to 16777216");
      }
      column.shape.push_back(static_cast<std::uint32_t>(size.Unsigned()));
    }
  }
  ATTESTML_TRY(column.feature, object.Bool("feature"));
  ATTESTML_CHECK(object.Finish());
  return column;
}

Result<Target> ParseTarget(JsonView value) {
  JsonFields object(value, "selection.target", "target");
  Target target;
  ATTESTML_TRY(target.column, object.String("column"));
  ATTESTML_TRY(target.positive, object.String("positive"));
  ATTESTML_TRY(target.strip_suffix, object.String("stripSuffix"));
  ATTESTML_CHECK(object.Finish());
  return target;
}

Result<Condition> ParseCondition(JsonView value) {
  JsonFields object(value, "selection.filter", "a condition");
  Condition condition;
  ATTESTML_TRY(condition.column, object.String("column"));
  ATTESTML_TRY(const std::string_view name, object.String("comparison"));
  const auto* const known = std::find_if(kComparisons.begin(), kComparisons.end(),
                                         [&](const auto& comparison) { return comparison.second == name; });
  if (known == kComparisons.end()) return Malformed("selection.filter", "unknown comparison " + Quoted(name));
  condition.comparison = known->first;
  ATTESTML_TRY(const JsonView values, object.Array("values"));
  ATTESTML_TRY(condition.values, ParseStrings(values, "selection.filter", "values"));
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

Result<Split> ParseSplit(JsonView value) {
  JsonFields object(value, "selection.split", "split");
  Split split;
  ATTESTML_TRY(const std::string_view seed, object.String("seed"));
  ATTESTML_TRY(split.seed, ParseSeed(seed));
  ATTESTML_TRY(split.stratify, object.Bool("stratify"));
  ATTESTML_TRY(const JsonView parts, object.Array("parts"));
  for (const JsonView item : parts) {
    JsonFields entry(item, "selection.split", "a part");
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

std::string_view ColumnTypeName(ColumnType type) { return kColumnTypes[static_cast<std::size_t>(type)]; }
std::optional<ColumnType> ColumnTypeOf(std::string_view name) { return Named<ColumnType>(kColumnTypes, name); }
std::string_view FileTypeName(FileType type) { return kFileTypes[static_cast<std::size_t>(type)]; }
std::optional<FileType> FileTypeOf(std::string_view name) { return Named<FileType>(kFileTypes, name); }

const Column* Selection::Find(std::string_view name) const {
  const auto it =
      std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; });
  return it == columns.end() ? nullptr : &*it;
}

Json SelectionToJson(const Selection& selection) {
  Json columns = Json::array();
  for (const Column& column : selection.columns) {
    Json entry = ColumnToJson(column);
    entry["feature"] = column.feature;
    columns.push_back(std::move(entry));
  }
  Json filter = Json::array();
  for (const Condition& condition : selection.filter) {
    filter.push_back({{"column", condition.column},
                      {"comparison", ComparisonName(condition.comparison)},
                      {"values", condition.values}});
  }
  Json json = {{"format", FormatToJson(selection.format)},
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

Result<Selection> ParseSelection(JsonView value) {
  JsonFields object(value, "selection.member", "selection");
  Selection selection;
  ATTESTML_TRY(const JsonView format, object.Object("format"));
  ATTESTML_TRY(selection.format, ParseFormat(format));
  ATTESTML_TRY(const JsonView columns, object.Array("columns"));
  for (const JsonView item : columns) {
    ATTESTML_TRY(Column column, ParseColumn(item));
    selection.columns.push_back(std::move(column));
  }
  const JsonView target = object.Optional("target");
  if (!target) return Malformed("selection.member", "selection has no member \"target\"");
  if (!target.is_null()) {
    ATTESTML_TRY(selection.target, ParseTarget(target));
  }
  ATTESTML_TRY(const JsonView sensitive, object.Array("sensitive"));
  ATTESTML_TRY(selection.sensitive, ParseStrings(sensitive, "selection.sensitive", "sensitive"));
  ATTESTML_TRY(const std::string_view missing, object.String("missing"));
  if (missing != "category" && missing != "drop") {
    return Malformed("selection.missing", "missing is " + Quoted(missing) + ", want \"category\" or \"drop\"");
  }
  selection.missing = missing == "drop" ? MissingPolicy::kDrop : MissingPolicy::kCategory;
  ATTESTML_TRY(const JsonView filter, object.Array("filter"));
  for (const JsonView item : filter) {
    ATTESTML_TRY(Condition condition, ParseCondition(item));
    selection.filter.push_back(std::move(condition));
  }
  const JsonView split = object.Optional("split");
  if (!split) return Malformed("selection.member", "selection has no member \"split\"");
  if (!split.is_null()) {
    ATTESTML_TRY(selection.split, ParseSplit(split));
  }
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckSelection(selection));
  return selection;
}

Result<Selection> ParseSelection(const Json& value) {
  ATTESTML_TRY(const JsonDocument document, JsonDocument::Of(value));
  return ParseSelection(document.root());
}

crypto::Digest256 SelectionDigest(const Selection& selection) {
  return crypto::Sha256(AsBytes(DumpJson(SelectionToJson(selection))));
}

crypto::Digest256 LeafSchemaDigest(const Selection& selection) {
  Json columns = Json::array();
  for (const Column& column : selection.columns) {
    columns.push_back(ColumnToJson(column));
  }
  Json schema = {{"columns", std::move(columns)}, {"target", nullptr}};
  if (selection.target) schema["target"] = selection.target->column;
  return crypto::Sha256(AsBytes(DumpJson(schema)));
}

}  // namespace attestml::statement
