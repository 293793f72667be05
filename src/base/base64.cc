#include "base/base64.h"

#include <array>

namespace attestml {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> Inverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr auto kStandardInverse = Inverse(kStandard);
constexpr auto kUrlInverse = Inverse(kUrl);

std::string Encode(BytesView bytes, std::string_view alphabet, bool pad) {
  std::string out(bytes.size() / 3 * 4, '\0');
  char* to = out.data();
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3, to += 4) {
    const unsigned v = (unsigned{bytes[i]} << 16) | (unsigned{bytes[i + 1]} << 8) | bytes[i + 2];
    to[0] = alphabet[v >> 18];
    to[1] = alphabet[(v >> 12) & 63];
    to[2] = alphabet[(v >> 6) & 63];
    to[3] = alphabet[v & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return out;
  const unsigned v = (unsigned{bytes[i]} << 16) | (left == 2 ? unsigned{bytes[i + 1]} << 8 : 0U);
  out.push_back(alphabet[v >> 18]);
  out.push_back(alphabet[(v >> 12) & 63]);
  if (left == 2) out.push_back(alphabet[(v >> 6) & 63]);
  if (pad) out.append(3 - left, '=');
  return out;
}

Result<Bytes> Decode(std::string_view text, const std::array<std::int8_t, 256>& inverse) {
  auto bad = [](std::string_view why) { return Malformed("base64", "base64 text " + std::string(why)); };
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return bad("has an impossible length");
  Bytes out(text.size() / 4 * 3 + (tail == 0 ? 0 : tail - 1));
  std::uint8_t* to = out.data();
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return inverse[static_cast<std::uint8_t>(text[k])]; };
  for (; i + 4 <= text.size(); i += 4) {
    const int a = at(i);
    const int b = at(i + 1);
    const int c = at(i + 2);
    const int d = at(i + 3);
    if ((a | b | c | d) < 0) return bad("has a character outside the alphabet");
    const auto v = static_cast<unsigned>((a << 18) | (b << 12) | (c << 6) | d);
    *to++ = static_cast<std::uint8_t>(v >> 16);
    *to++ = static_cast<std::uint8_t>(v >> 8);
    *to++ = static_cast<std::uint8_t>(v);
  }
  if (tail == 0) return out;
  const int a = at(i);
  const int b = at(i + 1);
  const int c = tail == 3 ? at(i + 2) : 0;
  if ((a | b | c) < 0) return bad("has a character outside the alphabet");
  const auto v = static_cast<unsigned>((a << 18) | (b << 12) | (c << 6));
  if ((tail == 2 && (v & 0xffff) != 0) || (v & 0xff) != 0) return bad("has set bits after its last byte");
  *to++ = static_cast<std::uint8_t>(v >> 16);
  if (tail == 3) *to++ = static_cast<std::uint8_t>(v >> 8);
  return out;
}

}  // namespace

std::string Base64Encode(BytesView bytes) { return Encode(bytes, kStandard, true); }
std::string Base64UrlEncode(BytesView bytes) { return Encode(bytes, kUrl, false); }

Result<Bytes> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return Malformed("base64", "base64 text is not padded to a multiple of 4 characters");
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return Decode(text, kStandardInverse);
}

Result<Bytes> Base64UrlDecode(std::string_view text) { return Decode(text, kUrlInverse); }

}  // namespace attestml
