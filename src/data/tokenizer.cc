#include "data/tokenizer.h"

#include <algorithm>

#include "data/byte_pairs.h"
#include "data/words.h"

namespace attestml::data {
namespace {

using statement::EncodedColumn;
using statement::kFirstToken;
using statement::kPaddingToken;
using statement::kUnknownToken;
using statement::Tokenizer;

constexpr std::size_t kMaxKnown = 1U << 20U;  // words that a TextEncoder remembers

std::vector<WordCount> CountWords(const std::vector<std::string>& texts, bool lowercase) {
  std::unordered_map<std::string, std::uint64_t> counts;
  std::string word;
  for (const std::string& text : texts) {
    Words words(text);
    for (std::string_view view; words.Next(&view);) {
      word = view;
      if (lowercase) LowerAscii(&word);
      ++counts[word];
    }
  }
  std::vector<WordCount> out;
  out.reserve(counts.size());
  for (auto& [text, count] : counts) out.push_back({text, count});
  std::sort(out.begin(), out.end(), [](const WordCount& a, const WordCount& b) {
    return a.count != b.count ? a.count > b.count : a.word < b.word;
  });
  return out;
}

}  // namespace

Status FitTokenizer(const std::vector<std::string>& texts, const EncodingConfig& config, EncodedColumn* out) {
  out->tokenizer = config.tokenizer;
  out->length = config.length;
  out->lowercase = config.lowercase;
  const std::vector<WordCount> words = CountWords(texts, config.lowercase);
  if (words.empty()) return Malformed("encoding.vocabulary", "column \"" + out->column + "\" holds no word");
  if (config.tokenizer == Tokenizer::kBytePair) return LearnBytePairs(words, config, out);
  for (const WordCount& word : words) {
    if (word.count < config.min_count || out->vocabulary.size() == config.vocabulary) break;
    out->vocabulary.push_back(word.word);
  }
  if (out->vocabulary.empty()) {
    return Malformed("encoding.vocabulary", "column \"" + out->column + "\" holds no word that occurs " +
                                                std::to_string(config.min_count) + " times");
  }
  return {};
}

TextEncoder::TextEncoder(const EncodedColumn& column) : column_(&column) {
  const bool words = column.tokenizer == Tokenizer::kWord;
  for (std::size_t i = 0; i < column.vocabulary.size(); ++i) {
    ids_.try_emplace(words ? column.vocabulary[i] : Unspelled(column.vocabulary[i]),
                     static_cast<std::uint32_t>(i + kFirstToken));
  }
  if (words) return;
  const auto symbol = [&](const std::string& text) {
    const auto [it, is_new] = symbols_.try_emplace(text, static_cast<std::uint32_t>(symbol_ids_.size()));
    if (is_new) {
      const auto id = ids_.find(text);
      symbol_ids_.push_back(id == ids_.end() ? static_cast<std::uint32_t>(kUnknownToken) : id->second);
    }
    return it->second;
  };
  for (const auto& [text, id] : ids_) symbol(text);
  for (std::size_t i = 0; i < column.merges.size(); ++i) {
    const std::string left = Unspelled(column.merges[i].first);
    const std::string right = Unspelled(column.merges[i].second);
    const std::uint64_t pair = std::uint64_t{symbol(left)} << 32U | symbol(right);
    merges_.try_emplace(pair, Merged{static_cast<std::uint32_t>(i), symbol(left + right)});
  }
}

std::vector<std::uint32_t> TextEncoder::Merge(std::string_view word) const {
  // A byte that is no symbol is unknown by itself and merges with nothing.
  constexpr std::uint32_t kNone = 0xffffffffU;
  std::vector<std::uint32_t> parts;
  const auto add = [&](std::string_view byte) {
    const auto it = symbols_.find(std::string(byte));
    parts.push_back(it == symbols_.end() ? kNone : it->second);
  };
  for (std::size_t i = 0; i < word.size(); ++i) add(word.substr(i, 1));
  add(kWordEnd);
  while (true) {
    const Merged* best = nullptr;
    std::uint64_t best_pair = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const std::uint64_t pair = std::uint64_t{parts[i]} << 32U | parts[i + 1];
      const auto it = merges_.find(pair);
      if (it != merges_.end() && (best == nullptr || it->second.rank < best->rank)) {
        best = &it->second;
        best_pair = pair;
      }
    }
    if (best == nullptr) break;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool joined = i + 1 < parts.size() && (std::uint64_t{parts[i]} << 32U | parts[i + 1]) == best_pair;
      parts[kept++] = joined ? best->symbol : parts[i];
      if (joined) ++i;
    }
    parts.resize(kept);
  }
  for (std::uint32_t& part : parts) {
    part = part == kNone ? static_cast<std::uint32_t>(kUnknownToken) : symbol_ids_[part];
  }
  return parts;
}

const std::vector<std::uint32_t>& TextEncoder::WordIds(std::string_view word) {
  std::string text(word);
  if (column_->lowercase) LowerAscii(&text);
  const auto known = known_.find(text);
  if (known != known_.end()) return known->second;
  std::vector<std::uint32_t> ids;
  if (column_->tokenizer == Tokenizer::kWord) {
    const auto it = ids_.find(text);
    ids.push_back(it == ids_.end() ? static_cast<std::uint32_t>(kUnknownToken) : it->second);
  } else {
    ids = Merge(text);
  }
  if (known_.size() == kMaxKnown) known_.clear();
  return known_.emplace(std::move(text), std::move(ids)).first->second;
}

void TextEncoder::Encode(std::string_view text, std::uint32_t* ids) {
  std::size_t filled = 0;
  Words words(text);
  for (std::string_view word; filled < column_->length && words.Next(&word);) {
    for (const std::uint32_t id : WordIds(word)) {
      if (filled == column_->length) break;
      ids[filled++] = id;
    }
  }
  std::fill(ids + filled, ids + column_->length, static_cast<std::uint32_t>(kPaddingToken));
}

}  // namespace attestml::data
