// One byte string has one text: what decodes, encodes to itself.
#include "base/base64.h"
#include "base/hex.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const std::string_view text = fuzz::Text(data, size);
  if (const auto bytes = Base64Decode(text); bytes.ok()) fuzz::Require(Base64Encode(*bytes) == text);
  if (const auto bytes = Base64UrlDecode(text); bytes.ok()) fuzz::Require(Base64UrlEncode(*bytes) == text);
  if (const auto bytes = HexDecode(text); bytes.ok()) fuzz::Require(bytes->size() * 2 == text.size());
  fuzz::Require(*Base64Decode(Base64Encode(BytesView(data, size))) == Bytes(data, data + size));
  return 0;
}
