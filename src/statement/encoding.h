// Encoding: how a selection becomes numbers, fitted on the training view and carried by the model in its metadata.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "statement/selection.h"

namespace attestml::statement {

struct EncodedColumn {
  std::string column;
  ColumnType type = ColumnType::kNumeric;
  // Numeric: input = (value - mean) / scale; missing gives 0, and 1 in one further input when `missing_input`.
  double mean = 0;
  double scale = 1;  // population standard deviation of the training view, 1 when that is 0
  // Categorical: one input per entry, in this order (sorted bytewise); a value that is not here sets none of them.
  std::vector<std::string> vocabulary;
  bool missing_input = false;  // one more input, set when the value is missing
  bool operator==(const EncodedColumn&) const = default;

  std::size_t width() const { return (type == ColumnType::kNumeric ? 1 : vocabulary.size()) + (missing_input ? 1 : 0); }
};

struct Encoding {
  std::vector<EncodedColumn> inputs;  // in column order
  std::vector<std::string> classes;   // sorted bytewise; with a positive class of two, the positive one is last
  std::string target;
  bool operator==(const Encoding&) const = default;

  std::size_t width() const {
    std::size_t sum = 0;
    for (const auto& input : inputs) sum += input.width();
    return sum;
  }
};

// Numbers are decimal strings. Parse is strict; a model file is hostile. Error id encoding.
Json EncodingToJson(const Encoding& encoding);
Result<Encoding> ParseEncoding(const Json& value);

}  // namespace attestml::statement
