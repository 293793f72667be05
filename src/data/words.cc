#include "data/words.h"

#include <algorithm>

namespace attestml::data {
namespace {

enum Kind : unsigned char { kSpace, kLetter, kApostrophe, kSign };

constexpr std::array<Kind, 256> MakeKinds() {
  std::array<Kind, 256> kinds{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const bool letter = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    kinds[byte] = byte <= ' ' || byte == 0x7f           ? kSpace
                  : letter || byte >= 0x80              ? kLetter
                  : byte == static_cast<unsigned>('\'') ? kApostrophe
                                                        : kSign;
  }
  return kinds;
}

constexpr std::array<Kind, 256> kKinds = MakeKinds();

Kind KindOf(char c) { return kKinds[static_cast<unsigned char>(c)]; }

// Where a run of more than kMaxWord bytes is cut: not within a character.
std::size_t Cut(std::string_view run) {
  for (std::size_t end = kMaxWord; end > kMaxWord - 4; --end) {
    if ((static_cast<unsigned char>(run[end]) & 0xc0U) != 0x80U) return end;
  }
  return kMaxWord;
}

}  // namespace

bool Words::Next(std::string_view* word) {
  std::size_t begin = 0;
  while (begin < rest_.size() && KindOf(rest_[begin]) == kSpace) ++begin;
  rest_.remove_prefix(begin);
  if (rest_.empty()) return false;
  std::size_t end = 1;
  if (KindOf(rest_[0]) == kLetter) {
    // One byte more than a word may have is enough to see that it is cut.
    while (end < rest_.size() && end <= kMaxWord) {
      const Kind kind = KindOf(rest_[end]);
      const bool inside = kind == kApostrophe && end + 1 < rest_.size() && KindOf(rest_[end + 1]) == kLetter;
      if (kind != kLetter && !inside) break;
      ++end;
    }
    if (end > kMaxWord) end = Cut(rest_);
  }
  *word = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return true;
}

void LowerAscii(std::string* text) {
  for (char& c : *text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

void AppendByte(unsigned char byte, std::string* text) {
  if (byte < 0x80) {
    *text += static_cast<char>(byte);
  } else {
    *text += static_cast<char>(0xc0U | byte >> 6U);
    *text += static_cast<char>(0x80U | (byte & 0x3fU));
  }
}

}  // namespace attestml::data
