// Encoding: how a selection becomes numbers, fitted on the training view and carried by the model in its metadata.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "statement/selection.h"

namespace attestml::statement {

// How a text becomes token ids (spec/encoding.md section 4).
enum class Tokenizer : std::uint8_t { kWord, kBytePair };

// Token ids of every tokenizer: 0 fills up, 1 is whatever the vocabulary does not hold, 2 is its first entry.
inline constexpr std::size_t kPaddingToken = 0;
inline constexpr std::size_t kUnknownToken = 1;
inline constexpr std::size_t kFirstToken = 2;

struct EncodedColumn {
  std::string column;
  ColumnType type = ColumnType::kNumeric;
  // Numeric: input = (value - mean) / scale; missing gives 0, and 1 in one further input when `missing_input`.
  double mean = 0;
  double scale = 1;  // population standard deviation of the training view, 1 when that is 0
  // Categorical: one input per entry, in this order (sorted bytewise); a value that is not here sets none of them.
  std::vector<std::string> vocabulary;
  // Text: the same member holds its tokens, the most frequent words first, or the bytes of the alphabet and then what
  // was merged; id i + 2 is entry i.
  bool missing_input = false;  // one more input, set when the value is missing; numeric and categorical only
  // Image: input = (byte / 255 - means[channel]) / scales[channel], channel by channel, row by row. Tensor:
  // input = (value - mean) / scale.
  std::vector<std::uint32_t> shape{};
  std::vector<double> means{};
  std::vector<double> scales{};
  // Text: `length` inputs, token ids as numbers; longer texts are cut, shorter ones filled up at the end.
  Tokenizer tokenizer = Tokenizer::kWord;
  std::uint32_t length = 0;
  bool lowercase = false;                                     // ASCII letters only
  std::vector<std::pair<std::string, std::string>> merges{};  // byte pairs, in the order they were learned
  bool operator==(const EncodedColumn&) const = default;

  std::size_t width() const;
};

// A target that is a number: the model gives (value - mean) / scale, and answers mean + scale × what it gives.
struct NumericTarget {
  double mean = 0;
  double scale = 1;  // above 0; population standard deviation of the training view
  bool operator==(const NumericTarget&) const = default;
};

struct Encoding {
  std::vector<EncodedColumn> inputs;  // in column order
  std::vector<std::string> classes;   // sorted bytewise; with a positive class of two, the positive one is last
  std::string target;
  std::optional<NumericTarget> number{};  // instead of classes, which are then empty
  bool operator==(const Encoding&) const = default;

  std::size_t width() const {
    std::size_t sum = 0;
    for (const auto& input : inputs) sum += input.width();
    return sum;
  }
  // What a model of it gives for a record: a logit a class, or one number.
  std::size_t outputs() const { return number ? 1 : classes.size(); }
};

// Numbers are decimal strings. Parse is strict; a model file is hostile. Error id encoding.
Json EncodingToJson(const Encoding& encoding);
Result<Encoding> ParseEncoding(const Json& value);

}  // namespace attestml::statement
