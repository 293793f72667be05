// Texts as token ids: words, or byte pairs. spec/encoding.md section 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "data/encoder.h"
#include "statement/encoding.h"

namespace attestml::data {

// Learns vocabulary and merges from the texts; deterministic, ties broken bytewise. Error encoding.vocabulary: no text
// holds a word that counts, or the alphabet alone is larger than the vocabulary may be.
Status FitTokenizer(const std::vector<std::string>& texts, const EncodingConfig& config, statement::EncodedColumn* out);

// TextEncoder applies a fitted tokenizer. Borrows the column. Not for several threads: it remembers the words it saw.
class TextEncoder {
 public:
  explicit TextEncoder(const statement::EncodedColumn& column);
  // Fills column.length ids: statement::kPaddingToken behind the end, kUnknownToken for what the vocabulary lacks.
  void Encode(std::string_view text, std::uint32_t* ids);

 private:
  const std::vector<std::uint32_t>& WordIds(std::string_view word);
  std::vector<std::uint32_t> Merge(std::string_view word) const;

  const statement::EncodedColumn* column_;
  std::unordered_map<std::string, std::uint32_t> ids_;  // byte pairs: of what a token stands for, not of its spelling
  struct Merged {
    std::uint32_t rank = 0;
    std::uint32_t symbol = 0;
  };
  std::unordered_map<std::uint64_t, Merged> merges_;  // of two symbols
  std::unordered_map<std::string, std::uint32_t> symbols_;
  std::vector<std::uint32_t> symbol_ids_;  // token of each symbol
  std::unordered_map<std::string, std::vector<std::uint32_t>> known_;
};

}  // namespace attestml::data
