#include "statement/encoding.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/decimal.h"

namespace attestml::statement {
namespace {

constexpr std::size_t kMaxInputs = 4096;
constexpr std::size_t kMaxWidth = 1'000'000;
constexpr std::size_t kMaxClasses = 65536;
constexpr std::size_t kMaxText = 1U << 20U;  // the longest field that data reads

Error Bad(std::string message) { return Malformed("encoding", std::move(message)); }

std::string Quoted(std::string_view name) { return "\"" + std::string(name.substr(0, 64)) + "\""; }

bool Distinct(const std::vector<std::string>& texts) {
  return std::set<std::string_view>(texts.begin(), texts.end()).size() == texts.size();
}

bool StrictlySorted(const std::vector<std::string>& texts) {
  return std::is_sorted(texts.begin(), texts.end()) && Distinct(texts);
}

Result<std::vector<std::string>> ParseTexts(const Json& array, std::size_t max, std::string_view what) {
  if (array.size() > max) return Bad(std::to_string(array.size()) + " " + std::string(what));
  std::vector<std::string> out;
  out.reserve(array.size());
  for (const Json& item : array) {
    if (!item.is_string()) return Bad(std::string(what) + " hold something that is not a string");
    const auto& text = item.get_ref<const std::string&>();
    if (text.empty() || text.size() > kMaxText) return Bad(std::string(what) + " hold an empty or overlong text");
    out.push_back(text);
  }
  return out;
}

Result<double> ParseNumber(const std::string& text, const std::string& column) {
  if (!IsShortestDecimal(text)) return Bad("a number of input " + Quoted(column) + " is not a shortest decimal");
  return *ParseDecimal(text);
}

Result<EncodedColumn> ParseInput(const Json& value) {
  JsonObject object(value, "encoding", "an input");
  EncodedColumn input;
  ATTESTML_TRY(input.column, object.String("column"));
  if (input.column.empty()) return Bad("an input has an empty column name");
  ATTESTML_TRY(const std::string type, object.String("type"));
  ATTESTML_TRY(input.missing_input, object.Bool("missingInput"));
  if (type == "numeric") {
    input.type = ColumnType::kNumeric;
    ATTESTML_TRY(const std::string mean, object.String("mean"));
    ATTESTML_TRY(const std::string scale, object.String("scale"));
    ATTESTML_TRY(input.mean, ParseNumber(mean, input.column));
    ATTESTML_TRY(input.scale, ParseNumber(scale, input.column));
    if (input.scale <= 0) return Bad("the scale of input " + Quoted(input.column) + " is not above 0");
  } else if (type == "categorical") {
    input.type = ColumnType::kCategorical;
    ATTESTML_TRY(const Json* vocabulary, object.Array("vocabulary"));
    ATTESTML_TRY(input.vocabulary, ParseTexts(*vocabulary, kMaxWidth, "vocabulary entries"));
    if (!StrictlySorted(input.vocabulary)) {
      return Bad("the vocabulary of input " + Quoted(input.column) + " is not sorted and distinct");
    }
  } else {
    return Bad("type of input " + Quoted(input.column) + " is " + Quoted(type) +
               ", want \"numeric\" or \"categorical\"");
  }
  ATTESTML_CHECK(object.Finish());
  return input;
}

Status CheckClasses(const std::vector<std::string>& classes) {
  if (classes.size() < 2) return Bad(std::to_string(classes.size()) + " classes, want at least 2");
  if (!Distinct(classes)) return Bad("a class stands twice");
  // Of two, either may be the positive one, which is last.
  if (classes.size() > 2 && !StrictlySorted(classes)) return Bad("the classes are not sorted");
  return {};
}

}  // namespace

Json EncodingToJson(const Encoding& encoding) {
  Json inputs = Json::array();
  for (const EncodedColumn& input : encoding.inputs) {
    Json entry = {{"column", input.column}, {"missingInput", input.missing_input}};
    if (input.type == ColumnType::kNumeric) {
      entry["type"] = "numeric";
      entry["mean"] = FormatDecimal(input.mean);
      entry["scale"] = FormatDecimal(input.scale);
    } else {
      entry["type"] = "categorical";
      entry["vocabulary"] = input.vocabulary;
    }
    inputs.push_back(std::move(entry));
  }
  return {{"classes", encoding.classes}, {"inputs", std::move(inputs)}, {"target", encoding.target}};
}

Result<Encoding> ParseEncoding(const Json& value) {
  JsonObject object(value, "encoding", "encoding");
  Encoding encoding;
  ATTESTML_TRY(const Json* classes, object.Array("classes"));
  ATTESTML_TRY(encoding.classes, ParseTexts(*classes, kMaxClasses, "classes"));
  ATTESTML_CHECK(CheckClasses(encoding.classes));
  ATTESTML_TRY(encoding.target, object.String("target"));
  if (encoding.target.empty()) return Bad("the target is empty");
  ATTESTML_TRY(const Json* inputs, object.Array("inputs"));
  if (inputs->empty() || inputs->size() > kMaxInputs) {
    return Bad(std::to_string(inputs->size()) + " inputs, want 1 to " + std::to_string(kMaxInputs));
  }
  std::set<std::string> names;
  std::size_t width = 0;
  for (const Json& item : *inputs) {
    ATTESTML_TRY(EncodedColumn input, ParseInput(item));
    if (input.column == encoding.target) return Bad("the target " + Quoted(encoding.target) + " is an input");
    if (!names.insert(input.column).second) return Bad("input " + Quoted(input.column) + " stands twice");
    width += input.width();
    encoding.inputs.push_back(std::move(input));
  }
  if (width == 0 || width > kMaxWidth) {
    return Bad("width is " + std::to_string(width) + ", want 1 to " + std::to_string(kMaxWidth));
  }
  ATTESTML_CHECK(object.Finish());
  return encoding;
}

}  // namespace attestml::statement
