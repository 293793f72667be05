// Learning byte pairs: spec/encoding.md section 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/encoder.h"
#include "statement/encoding.h"

namespace attestml::data {

struct WordCount {
  std::string word;
  std::uint64_t count = 0;
};

// The symbol behind the last byte of each word. No word holds a space.
inline constexpr std::string_view kWordEnd = " ";

// LearnBytePairs fills vocabulary and merges from distinct words. Error encoding.vocabulary when the alphabet alone is
// larger than the vocabulary may be.
Status LearnBytePairs(const std::vector<WordCount>& words, const EncodingConfig& config, statement::EncodedColumn* out);

// A token's bytes from its spelling (words.h); characters beyond U+00FF, which no spelling has, give nothing.
std::string Unspelled(std::string_view spelling);

}  // namespace attestml::data
