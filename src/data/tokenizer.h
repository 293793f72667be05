// Texts as token ids: words, or byte pairs. spec/encoding.md section 4.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "data/encoder.h"
#include "statement/encoding.h"

namespace attestml::data {

// Learns vocabulary and merges from the texts; deterministic, ties broken bytewise. Error encoding.vocabulary when
// nothing is left to learn.
Status FitTokenizer(const std::vector<std::string>& texts, const EncodingConfig& config,
                    statement::EncodedColumn* out);

// Applies a fitted tokenizer. Borrows the column.
class TextEncoder {
 public:
  explicit TextEncoder(const statement::EncodedColumn& column);
  // Fills column.length ids: statement::kPaddingToken behind the end, kUnknownToken for what the vocabulary lacks.
  void Encode(std::string_view text, std::uint32_t* ids) const;

 private:
  const statement::EncodedColumn* column_;
  std::unordered_map<std::string_view, std::uint32_t> ids_;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> ranks_;  // of merges
};

}  // namespace attestml::data
