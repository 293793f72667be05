// DerReader reads DER (X.690) from front to back: definite lengths in their shortest form, tags of one byte.
#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "base/bytes.h"

namespace attestml::crypto {

// Identifier octets as they stand in the encoding.
inline constexpr std::uint8_t kDerBoolean = 0x01;
inline constexpr std::uint8_t kDerInteger = 0x02;
inline constexpr std::uint8_t kDerBitString = 0x03;
inline constexpr std::uint8_t kDerOctetString = 0x04;
inline constexpr std::uint8_t kDerOid = 0x06;
inline constexpr std::uint8_t kDerEnumerated = 0x0a;
inline constexpr std::uint8_t kDerUtcTime = 0x17;
inline constexpr std::uint8_t kDerGeneralizedTime = 0x18;
inline constexpr std::uint8_t kDerSequence = 0x30;

// DerValue borrows from what was read: `content` without, `full` with the identifier and length octets.
struct DerValue {
  std::uint8_t tag = 0;
  BytesView content;
  BytesView full;
};

class DerReader {
 public:
  DerReader() = default;
  explicit DerReader(BytesView bytes) : in_(bytes) {}

  // Each returns false, and consumes nothing, when the next value is not whole, not DER, or not of the tag asked for.
  [[nodiscard]] bool Read(DerValue* out);
  [[nodiscard]] bool Read(std::uint8_t tag, BytesView* content);
  [[nodiscard]] bool ReadSequence(DerReader* out);
  // A non-negative INTEGER (or value of another tag with the same content rules) of at most 8 bytes.
  [[nodiscard]] bool ReadUnsigned(std::uint64_t* out, std::uint8_t tag = kDerInteger);
  [[nodiscard]] bool ReadBoolean(bool* out);

  bool empty() const { return in_.empty(); }

 private:
  ByteReader in_;
};

}  // namespace attestml::crypto
