// ByteWriter appends integers and byte strings to a buffer it owns; the mirror of ByteReader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace attestml {

class ByteWriter {
 public:
  void WriteBytes(BytesView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void WriteText(std::string_view text) { WriteBytes(AsBytes(text)); }
  void WriteZeros(std::size_t n) { out_.insert(out_.end(), n, 0); }
  void WriteU8(std::uint8_t v) { out_.push_back(v); }
  void WriteU16Le(std::uint16_t v) { WriteLittle(v); }
  void WriteU32Le(std::uint32_t v) { WriteLittle(v); }
  void WriteU64Le(std::uint64_t v) { WriteLittle(v); }

  std::size_t size() const { return out_.size(); }
  BytesView view() const { return out_; }
  Bytes Take() && { return std::move(out_); }

 private:
  template <typename T>
  void WriteLittle(T v) {
    for (std::size_t i = 0; i < sizeof(T); ++i) out_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
  }

  Bytes out_;
};

}  // namespace attestml
