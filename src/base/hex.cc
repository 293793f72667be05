#include "base/hex.h"

namespace attestml {
namespace {

int Nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string HexEncode(BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

bool HexDecodeInto(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    int high = Nibble(text[2 * i]);
    int low = Nibble(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

Result<Bytes> HexDecode(std::string_view text) {
  Bytes out(text.size() / 2);
  if (text.size() % 2 != 0 || !HexDecodeInto(text, out)) {
    return Malformed("hex",
                     "text of " + std::to_string(text.size()) + " characters is not pairs of hexadecimal digits");
  }
  return out;
}

}  // namespace attestml
