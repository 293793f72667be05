// Dictionary gives each distinct text a code, 0, 1, … in order of first appearance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace attestml::data {

// Open addressing with linear probing, at most half full; a look-up that finds is inlined into the reader's loop.
class Dictionary {
 public:
  Dictionary() : slots_(kFirstSize) {}

  std::int32_t Code(std::string_view text) {
    const std::uint64_t hash = Hash(text);
    const auto tag = static_cast<std::uint32_t>(hash >> 32U);
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.code < 0) return Add(text, at, tag);
      if (slot.tag == tag && values_[static_cast<std::size_t>(slot.code)] == text) return slot.code;
    }
  }

  std::size_t size() const { return values_.size(); }
  std::vector<std::string> Take() && { return std::move(values_); }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::int32_t code = -1;
  };
  static constexpr std::size_t kFirstSize = 64;  // a power of two

  static std::uint64_t Load(const char* from, std::size_t n) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, n);
    return word;
  }

  static std::uint64_t Mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 32U);
  }

  static std::uint64_t Hash(std::string_view text) {
    const char* from = text.data();
    std::size_t n = text.size();
    std::uint64_t hash = n * 0xd6e8feb86659fd93U;
    if (n >= 8) {
      for (; n > 8; n -= 8, from += 8) hash = Mix(hash, Load(from, 8));
      hash = Mix(hash, Load(from + n - 8, 8));  // overlaps what is already in when the size is no multiple of 8
    } else if (n >= 4) {
      hash = Mix(hash, Load(from, 4) | Load(from + n - 4, 4) << 32U);
    } else if (n > 0) {
      hash = Mix(hash, Load(from, 1) | Load(from + n / 2, 1) << 8U | Load(from + n - 1, 1) << 16U);
    }
    return hash ^ (hash >> 29U);
  }

  std::int32_t Add(std::string_view text, std::size_t at, std::uint32_t tag);

  std::vector<Slot> slots_;
  std::vector<std::string> values_;
};

}  // namespace attestml::data
