#include "data/utf8.h"

#include <algorithm>
#include <cstdint>

namespace attestml::data {
namespace {

// Written so that the compiler makes vector code of it: most files are ASCII and this is all they cost.
bool PlainAscii(const unsigned char* text, std::size_t size) {
  unsigned char high = 0;
  unsigned char zero = 0;
  for (std::size_t i = 0; i < size; ++i) {
    high = static_cast<unsigned char>(high | text[i]);
    zero = static_cast<unsigned char>(zero | (text[i] == 0 ? 1 : 0));
  }
  return high < 0x80 && zero == 0;
}

// Length of the well-formed character at `text` (`size` bytes are left), 0 when there is none.
std::size_t Character(const unsigned char* text, std::size_t size) {
  const unsigned char lead = text[0];
  if (lead < 0x80) return lead != 0 ? 1 : 0;
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;   // shorter forms
    if (lead == 0xed) high = 0x9f;  // surrogates
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;  // above U+10FFFF
  }
  if (length == 0 || length > size || text[1] < low || text[1] > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (text[i] < 0x80 || text[i] > 0xbf) return 0;
  }
  return length;
}

}  // namespace

std::optional<std::size_t> FirstBadByte(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  constexpr std::size_t kBlock = 4096;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t block = std::min(kBlock, text.size() - at);
    if (PlainAscii(bytes + at, block)) {
      at += block;
      continue;
    }
    for (const std::size_t stop = at + block; at < stop;) {
      const std::size_t length = Character(bytes + at, text.size() - at);
      if (length == 0) return at;
      at += length;
    }
  }
  return std::nullopt;
}

}  // namespace attestml::data
