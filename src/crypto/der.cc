#include "crypto/der.h"

namespace attestml::crypto {

bool DerReader::Read(DerValue* out) {
  ByteReader attempt = in_;
  std::uint8_t tag = 0;
  std::uint8_t first = 0;
  if (!attempt.ReadU8(&tag) || (tag & 0x1f) == 0x1f || !attempt.ReadU8(&first)) return false;
  std::size_t size = first;
  if (first >= 0x80) {
    BytesView octets;
    if (first == 0x80 || first > 0x84 || !attempt.ReadBytes(first & 0x7f, &octets)) return false;
    size = 0;
    for (std::uint8_t octet : octets) size = size << 8 | octet;
    if (octets[0] == 0 || size < 0x80) return false;
  }
  BytesView content;
  if (!attempt.ReadBytes(size, &content)) return false;
  *out = {tag, content, in_.rest().first(in_.remaining() - attempt.remaining())};
  in_ = attempt;
  return true;
}

bool DerReader::Read(std::uint8_t tag, BytesView* content) {
  DerReader attempt = *this;
  DerValue value;
  if (!attempt.Read(&value) || value.tag != tag) return false;
  *content = value.content;
  *this = attempt;
  return true;
}

bool DerReader::ReadSequence(DerReader* out) {
  BytesView content;
  if (!Read(kDerSequence, &content)) return false;
  *out = DerReader(content);
  return true;
}

bool DerReader::ReadUnsigned(std::uint64_t* out, std::uint8_t tag) {
  DerReader attempt = *this;
  BytesView content;
  if (!attempt.Read(tag, &content) || content.empty() || content.size() > 9 || (content[0] & 0x80) != 0) return false;
  const bool padded = content[0] == 0 && content.size() > 1;
  if (padded && (content[1] & 0x80) == 0) return false;
  if (content.size() == 9 && !padded) return false;
  std::uint64_t value = 0;
  for (std::uint8_t octet : content) value = value << 8 | octet;
  *out = value;
  *this = attempt;
  return true;
}

bool DerReader::ReadBoolean(bool* out) {
  DerReader attempt = *this;
  BytesView content;
  if (!attempt.Read(kDerBoolean, &content) || content.size() != 1 || (content[0] != 0 && content[0] != 0xff))
    return false;
  *out = content[0] != 0;
  *this = attempt;
  return true;
}

}  // namespace attestml::crypto
