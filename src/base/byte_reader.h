// ByteReader reads a byte string from front to back and can never leave it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace attestml {

// Each Read function returns false, and consumes nothing, when there is not enough left. Borrows from `bytes`.
// ReadBytes holds the only comparison with the end; everything else is built on it.
class ByteReader {
 public:
  ByteReader() = default;
  explicit ByteReader(BytesView bytes) : rest_(bytes) {}

  [[nodiscard]] bool ReadBytes(std::size_t n, BytesView* out) {
    if (n > rest_.size()) return false;
    *out = rest_.first(n);
    rest_ = rest_.subspan(n);
    return true;
  }

  template <std::size_t N>
  [[nodiscard]] bool ReadArray(std::array<std::uint8_t, N>* out) {
    BytesView bytes;
    if (!ReadBytes(N, &bytes)) return false;
    std::copy(bytes.begin(), bytes.end(), out->begin());
    return true;
  }

  [[nodiscard]] bool ReadU8(std::uint8_t* out) { return ReadLittle(out); }
  [[nodiscard]] bool ReadU16Le(std::uint16_t* out) { return ReadLittle(out); }
  [[nodiscard]] bool ReadU32Le(std::uint32_t* out) { return ReadLittle(out); }
  [[nodiscard]] bool ReadU64Le(std::uint64_t* out) { return ReadLittle(out); }

  [[nodiscard]] bool ReadU16Be(std::uint16_t* out) { return ReadBig(out); }
  [[nodiscard]] bool ReadU32Be(std::uint32_t* out) { return ReadBig(out); }

  // A child that cannot see past its length. Nothing is consumed when the length runs past the end.
  [[nodiscard]] bool ReadU16LePrefixed(ByteReader* out) { return ReadPrefixed<std::uint16_t>(out); }
  [[nodiscard]] bool ReadU32LePrefixed(ByteReader* out) { return ReadPrefixed<std::uint32_t>(out); }

  bool empty() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  BytesView rest() const { return rest_; }

 private:
  template <typename T>
  [[nodiscard]] bool ReadLittle(T* out) {
    BytesView bytes;
    if (!ReadBytes(sizeof(T), &bytes)) return false;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes[i]) << (8 * i)));
    }
    *out = value;
    return true;
  }

  template <typename T>
  [[nodiscard]] bool ReadBig(T* out) {
    BytesView bytes;
    if (!ReadBytes(sizeof(T), &bytes)) return false;
    T value = 0;
    for (const std::uint8_t byte : bytes) value = static_cast<T>(static_cast<T>(value << 8U) | byte);
    *out = value;
    return true;
  }

  template <typename T>
  [[nodiscard]] bool ReadPrefixed(ByteReader* out) {
    ByteReader attempt = *this;
    T size = 0;
    BytesView body;
    if (!attempt.ReadLittle(&size) || !attempt.ReadBytes(size, &body)) return false;
    *this = attempt;
    *out = ByteReader(body);
    return true;
  }

  BytesView rest_;
};

}  // namespace attestml
