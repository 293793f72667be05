#include "data/byte_pairs.h"

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "data/words.h"

namespace attestml::data {
namespace {

std::string Spelled(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) AppendByte(static_cast<unsigned char>(byte), &out);
  return out;
}

struct Pair {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

std::uint64_t Key(Pair pair) { return std::uint64_t{pair.left} << 32U | pair.right; }

// Counts of pairs are kept up to date word by word. The heap holds every count that a pair ever had; one that is out
// of date is passed over.
class Learner {
 public:
  explicit Learner(const std::vector<WordCount>& words) : heap_(Less{&symbols_}) {
    bool seen[256] = {};
    for (const WordCount& word : words) {
      for (const char byte : word.word) seen[static_cast<unsigned char>(byte)] = true;
    }
    seen[static_cast<unsigned char>(kWordEnd[0])] = true;
    std::uint32_t symbol_of[256] = {};
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if (seen[byte]) symbol_of[byte] = Symbol(std::string(1, static_cast<char>(byte)));
    }
    words_.reserve(words.size());
    for (const WordCount& word : words) {
      Word entry;
      entry.count = word.count;
      for (const char byte : word.word) entry.symbols.push_back(symbol_of[static_cast<unsigned char>(byte)]);
      entry.symbols.push_back(symbol_of[static_cast<unsigned char>(kWordEnd[0])]);
      words_.push_back(std::move(entry));
      Count(static_cast<std::uint32_t>(words_.size() - 1), true);
    }
    Push();
  }

  std::size_t symbols() const { return symbols_.size(); }
  const std::string& symbol(std::size_t i) const { return symbols_[i]; }

  // The pair to merge next, at least `least` times there; false when there is none.
  bool Best(std::uint64_t least, Pair* out) {
    while (!heap_.empty()) {
      const Entry top = heap_.top();
      if (top.count < least) return false;
      heap_.pop();
      const auto it = pairs_.find(Key(top.pair));
      if (it == pairs_.end() || it->second.count != top.count) continue;
      *out = top.pair;
      return true;
    }
    return false;
  }

  void Merge(Pair pair) {
    const std::uint32_t joined = Symbol(symbols_[pair.left] + symbols_[pair.right]);
    std::vector<std::uint32_t> where = std::move(pairs_[Key(pair)].words);
    std::sort(where.begin(), where.end());
    where.erase(std::unique(where.begin(), where.end()), where.end());
    for (const std::uint32_t index : where) {
      auto& symbols = words_[index].symbols;
      bool there = false;
      for (std::size_t i = 0; i + 1 < symbols.size() && !there; ++i) {
        there = symbols[i] == pair.left && symbols[i + 1] == pair.right;
      }
      if (!there) continue;
      Count(index, false);
      std::size_t kept = 0;
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        const bool both = i + 1 < symbols.size() && symbols[i] == pair.left && symbols[i + 1] == pair.right;
        symbols[kept++] = both ? joined : symbols[i];
        if (both) ++i;
      }
      symbols.resize(kept);
      Count(index, true);
    }
    pairs_.erase(Key(pair));
    changed_.erase(std::remove(changed_.begin(), changed_.end(), Key(pair)), changed_.end());
    Push();
  }

 private:
  struct Word {
    std::vector<std::uint32_t> symbols;
    std::uint64_t count = 0;
  };
  struct Tally {
    std::uint64_t count = 0;
    std::vector<std::uint32_t> words;  // where it was seen; may name a word twice, or one that lost it
  };
  struct Entry {
    std::uint64_t count = 0;
    Pair pair;
  };
  struct Less {
    const std::vector<std::string>* symbols;
    bool operator()(const Entry& a, const Entry& b) const {
      if (a.count != b.count) return a.count < b.count;
      if (a.pair.left != b.pair.left) return (*symbols)[a.pair.left] > (*symbols)[b.pair.left];
      return (*symbols)[a.pair.right] > (*symbols)[b.pair.right];
    }
  };

  std::uint32_t Symbol(const std::string& text) {
    const auto [it, is_new] = symbol_of_.try_emplace(text, static_cast<std::uint32_t>(symbols_.size()));
    if (is_new) symbols_.push_back(text);
    return it->second;
  }

  // Adds or takes away the pairs of a word.
  void Count(std::uint32_t index, bool add) {
    const Word& word = words_[index];
    for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i) {
      const std::uint64_t key = Key({word.symbols[i], word.symbols[i + 1]});
      Tally& tally = pairs_[key];
      if (add) {
        tally.count += word.count;
        if (tally.words.empty() || tally.words.back() != index) tally.words.push_back(index);
      } else {
        tally.count -= word.count;
      }
      changed_.push_back(key);
    }
  }

  void Push() {
    std::sort(changed_.begin(), changed_.end());
    changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
    for (const std::uint64_t key : changed_) {
      const std::uint64_t count = pairs_[key].count;
      if (count == 0) {
        pairs_.erase(key);
      } else {
        heap_.push({count, {static_cast<std::uint32_t>(key >> 32U), static_cast<std::uint32_t>(key)}});
      }
    }
    changed_.clear();
  }

  std::vector<std::string> symbols_;
  std::unordered_map<std::string, std::uint32_t> symbol_of_;
  std::vector<Word> words_;
  std::unordered_map<std::uint64_t, Tally> pairs_;
  std::vector<std::uint64_t> changed_;
  std::priority_queue<Entry, std::vector<Entry>, Less> heap_;
};

}  // namespace

Status LearnBytePairs(const std::vector<WordCount>& words, const EncodingConfig& config,
                      statement::EncodedColumn* out) {
  Learner learner(words);
  if (learner.symbols() > config.vocabulary) {
    return Malformed("encoding.vocabulary", "column \"" + out->column + "\" has an alphabet of " +
                                                std::to_string(learner.symbols()) + " tokens, the vocabulary at most " +
                                                std::to_string(config.vocabulary));
  }
  const std::uint64_t least = std::max<std::uint64_t>(2, config.min_count);
  Pair pair;
  while (learner.symbols() < config.vocabulary && learner.Best(least, &pair)) {
    out->merges.emplace_back(Spelled(learner.symbol(pair.left)), Spelled(learner.symbol(pair.right)));
    learner.Merge(pair);
  }
  for (std::size_t i = 0; i < learner.symbols(); ++i) out->vocabulary.push_back(Spelled(learner.symbol(i)));
  return {};
}

std::string Unspelled(std::string_view spelling) {
  std::string out;
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    const auto byte = static_cast<unsigned char>(spelling[i]);
    if (byte < 0x80) {
      out += spelling[i];
    } else if ((byte == 0xc2 || byte == 0xc3) && i + 1 < spelling.size()) {
      out += static_cast<char>((byte & 3U) << 6U | (static_cast<unsigned char>(spelling[++i]) & 0x3fU));
    }
  }
  return out;
}

}  // namespace attestml::data
