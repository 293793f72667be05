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
constexpr std::size_t kMaxLength = 65536;    // tokens of a text
constexpr std::size_t kMaxText = 1U << 20U;  // the longest field that data reads

Error Bad(std::string message) { return Malformed("encoding", std::move(message)); }

std::string Quoted(std::string_view name) { return "\"" + std::string(name.substr(0, 64)) + "\""; }

bool Distinct(const std::vector<std::string>& texts) {
  return std::set<std::string_view>(texts.begin(), texts.end()).size() == texts.size();
}

// Tokens of byte pairs: a space, a printable ASCII character or one from U+0080 to U+00FF for each byte.
bool IsSpelling(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0xc2 || c == 0xc3) {
      ++i;  // one more, which is there: the text is UTF-8
    } else if (c < 0x20 || c > 0x7e) {
      return false;
    }
  }
  return true;
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

Json TextsOf(const std::vector<double>& numbers) {
  Json out = Json::array();
  for (const double number : numbers) out.push_back(FormatDecimal(number));
  return out;
}

Result<std::vector<double>> ParseNumbers(const Json& array, std::size_t size, const std::string& column) {
  if (array.size() != size) {
    return Bad("input " + Quoted(column) + " has " + std::to_string(array.size()) + " numbers, want one a channel");
  }
  std::vector<double> out;
  for (const Json& item : array) {
    if (!item.is_string()) return Bad("a number of input " + Quoted(column) + " is not a string");
    ATTESTML_TRY(const double number, ParseNumber(item.get_ref<const std::string&>(), column));
    out.push_back(number);
  }
  return out;
}

Result<std::vector<std::uint32_t>> ParseShape(const Json& array, std::size_t least, std::size_t most,
                                              const std::string& column) {
  if (array.size() < least || array.size() > most)
    return Bad("the shape of input " + Quoted(column) + " has no such rank");
  std::vector<std::uint32_t> out;
  std::size_t elements = 1;
  for (const Json& item : array) {
    const std::uint64_t size = item.is_number_unsigned() ? item.get<std::uint64_t>() : 0;
    if (size == 0 || size > kMaxWidth / elements) {
      return Bad("the shape of input " + Quoted(column) + " has a size of 0, or too many elements");
    }
    elements *= static_cast<std::size_t>(size);
    out.push_back(static_cast<std::uint32_t>(size));
  }
  return out;
}

Status ParseImage(JsonObject& object, EncodedColumn* input) {
  ATTESTML_TRY(const Json* shape, object.Array("shape"));
  ATTESTML_TRY(input->shape, ParseShape(*shape, 3, 3, input->column));
  ATTESTML_TRY(const Json* means, object.Array("means"));
  ATTESTML_TRY(input->means, ParseNumbers(*means, input->shape[0], input->column));
  ATTESTML_TRY(const Json* scales, object.Array("scales"));
  ATTESTML_TRY(input->scales, ParseNumbers(*scales, input->shape[0], input->column));
  for (const double scale : input->scales) {
    if (scale <= 0) return Bad("a scale of input " + Quoted(input->column) + " is not above 0");
  }
  return {};
}

Status ParseText(JsonObject& object, EncodedColumn* input) {
  ATTESTML_TRY(const std::string tokenizer, object.String("tokenizer"));
  if (tokenizer != "word" && tokenizer != "byte-pair") return Bad("the tokenizer is " + Quoted(tokenizer));
  input->tokenizer = tokenizer == "word" ? Tokenizer::kWord : Tokenizer::kBytePair;
  ATTESTML_TRY(const std::uint64_t length, object.Unsigned("length"));
  if (length == 0 || length > kMaxLength) {
    return Bad("length of input " + Quoted(input->column) + " is " + std::to_string(length) + ", want 1 to " +
               std::to_string(kMaxLength));
  }
  input->length = static_cast<std::uint32_t>(length);
  ATTESTML_TRY(input->lowercase, object.Bool("lowercase"));
  ATTESTML_TRY(const Json* vocabulary, object.Array("vocabulary"));
  ATTESTML_TRY(input->vocabulary, ParseTexts(*vocabulary, kMaxWidth, "vocabulary entries"));
  const std::set<std::string_view> tokens(input->vocabulary.begin(), input->vocabulary.end());
  if (tokens.empty() || tokens.size() != input->vocabulary.size()) {
    return Bad("the vocabulary of input " + Quoted(input->column) + " is empty or not distinct");
  }
  if (input->tokenizer == Tokenizer::kWord) return {};
  if (!std::all_of(tokens.begin(), tokens.end(), IsSpelling)) {
    return Bad("the vocabulary of input " + Quoted(input->column) + " holds what spells no bytes");
  }
  ATTESTML_TRY(const Json* merges, object.Array("merges"));
  if (merges->size() > kMaxWidth) return Bad(std::to_string(merges->size()) + " merges");
  for (const Json& merge : *merges) {
    const bool pair = merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
    if (!pair || merge[0].get_ref<const std::string&>().empty() || merge[1].get_ref<const std::string&>().empty()) {
      return Bad("a merge of input " + Quoted(input->column) + " is not two texts");
    }
    input->merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
    const auto& [left, right] = input->merges.back();
    if (!tokens.contains(left) || !tokens.contains(right) || !tokens.contains(left + right)) {
      return Bad("a merge of input " + Quoted(input->column) + " is not of tokens, or makes none");
    }
  }
  if (std::set(input->merges.begin(), input->merges.end()).size() != input->merges.size()) {
    return Bad("a merge of input " + Quoted(input->column) + " stands twice");
  }
  return {};
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
  } else if (type == "image") {
    input.type = ColumnType::kImage;
    ATTESTML_CHECK(ParseImage(object, &input));
  } else if (type == "text") {
    input.type = ColumnType::kText;
    ATTESTML_CHECK(ParseText(object, &input));
  } else if (type == "tensor") {
    input.type = ColumnType::kTensor;
    ATTESTML_TRY(const Json* shape, object.Array("shape"));
    ATTESTML_TRY(input.shape, ParseShape(*shape, 1, 8, input.column));
    ATTESTML_TRY(const std::string mean, object.String("mean"));
    ATTESTML_TRY(const std::string scale, object.String("scale"));
    ATTESTML_TRY(input.mean, ParseNumber(mean, input.column));
    ATTESTML_TRY(input.scale, ParseNumber(scale, input.column));
    if (input.scale <= 0) return Bad("the scale of input " + Quoted(input.column) + " is not above 0");
  } else {
    return Bad("type of input " + Quoted(input.column) + " is " + Quoted(type) + ", which is not known");
  }
  if (input.missing_input && input.type != ColumnType::kNumeric && input.type != ColumnType::kCategorical) {
    return Bad("input " + Quoted(input.column) + " is never missing");
  }
  ATTESTML_CHECK(object.Finish());
  return input;
}

Result<NumericTarget> ParseNumericTarget(const Json& value) {
  JsonObject object(value, "encoding", "the number");
  NumericTarget out;
  ATTESTML_TRY(const std::string mean, object.String("mean"));
  ATTESTML_TRY(const std::string scale, object.String("scale"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_TRY(out.mean, ParseNumber(mean, "number"));
  ATTESTML_TRY(out.scale, ParseNumber(scale, "number"));
  if (out.scale <= 0) return Bad("the scale of the number is not above 0");
  return out;
}

Status CheckClasses(const std::vector<std::string>& classes) {
  if (classes.size() < 2) return Bad(std::to_string(classes.size()) + " classes, want at least 2");
  if (!Distinct(classes)) return Bad("a class stands twice");
  // Of two, either may be the positive one, which is last.
  if (classes.size() > 2 && !StrictlySorted(classes)) return Bad("the classes are not sorted");
  return {};
}

}  // namespace

std::size_t EncodedColumn::width() const {
  std::size_t width = missing_input ? 1 : 0;
  if (type == ColumnType::kNumeric) return width + 1;
  if (type == ColumnType::kCategorical) return width + vocabulary.size();
  if (type == ColumnType::kText) return length;
  width = 1;
  for (const std::uint32_t size : shape) width *= size;
  return width;
}

Json EncodingToJson(const Encoding& encoding) {
  Json inputs = Json::array();
  for (const EncodedColumn& input : encoding.inputs) {
    Json entry = {{"column", input.column},
                  {"missingInput", input.missing_input},
                  {"type", std::string(ColumnTypeName(input.type))}};
    if (input.type == ColumnType::kNumeric || input.type == ColumnType::kTensor) {
      entry["mean"] = FormatDecimal(input.mean);
      entry["scale"] = FormatDecimal(input.scale);
    }
    if (input.type == ColumnType::kImage || input.type == ColumnType::kTensor) entry["shape"] = input.shape;
    if (input.type == ColumnType::kImage) {
      entry["means"] = TextsOf(input.means);
      entry["scales"] = TextsOf(input.scales);
    }
    if (input.type == ColumnType::kCategorical || input.type == ColumnType::kText) {
      entry["vocabulary"] = input.vocabulary;
    }
    if (input.type == ColumnType::kText) {
      entry["tokenizer"] = input.tokenizer == Tokenizer::kWord ? "word" : "byte-pair";
      entry["length"] = input.length;
      entry["lowercase"] = input.lowercase;
      if (input.tokenizer == Tokenizer::kBytePair) {
        Json merges = Json::array();
        for (const auto& [left, right] : input.merges) merges.push_back(Json::array({left, right}));
        entry["merges"] = std::move(merges);
      }
    }
    inputs.push_back(std::move(entry));
  }
  if (encoding.number) {
    Json number = {{"mean", FormatDecimal(encoding.number->mean)}, {"scale", FormatDecimal(encoding.number->scale)}};
    return {{"inputs", std::move(inputs)}, {"number", std::move(number)}, {"target", encoding.target}};
  }
  return {{"classes", encoding.classes}, {"inputs", std::move(inputs)}, {"target", encoding.target}};
}

Result<Encoding> ParseEncoding(const Json& value) {
  JsonObject object(value, "encoding", "encoding");
  Encoding encoding;
  if (object.Has("number")) {
    ATTESTML_TRY(const Json* number, object.Object("number"));
    ATTESTML_TRY(encoding.number, ParseNumericTarget(*number));
  } else {
    ATTESTML_TRY(const Json* classes, object.Array("classes"));
    ATTESTML_TRY(encoding.classes, ParseTexts(*classes, kMaxClasses, "classes"));
    ATTESTML_CHECK(CheckClasses(encoding.classes));
  }
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
