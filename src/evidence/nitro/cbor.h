// CBOR (RFC 8949) as attestation documents use it: a reader of what the caller expects next, and its mirror.
//
// No library: general decoders accept what must be refused here (longer heads than needed, indefinite lengths, any
// nesting) and hand out a tree. CborReader never descends on its own: the caller names the next item's type, so there
// is no recursion and no depth, and whatever is not asked for is refused. Nothing is allocated; lengths are compared
// with what is left by ByteReader alone. A length or number that is not in its shortest form is no item.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/bytes.h"

namespace attestml::evidence::nitro {

// Each Read function returns false, and consumes nothing, when the next item is not whole, not in its shortest form, or
// not of that type. Borrows from `bytes`.
class CborReader {
 public:
  CborReader() = default;
  explicit CborReader(BytesView bytes) : in_(bytes) {}

  [[nodiscard]] bool ReadUnsigned(std::uint64_t* out);
  [[nodiscard]] bool ReadBytes(BytesView* out);
  // Text of printable ASCII characters, which is all that these documents hold; any other text is refused, and so is
  // what is not UTF-8.
  [[nodiscard]] bool ReadText(std::string_view* out);
  // Heads of definite length; the items follow. A count that what is left cannot hold is refused.
  [[nodiscard]] bool ReadArray(std::size_t* items);
  [[nodiscard]] bool ReadMap(std::size_t* pairs);
  // A map that may be of indefinite length: then `pairs` is nothing, and ReadBreak ends it.
  [[nodiscard]] bool ReadAnyMap(std::optional<std::size_t>* pairs);
  [[nodiscard]] bool ReadBreak();
  [[nodiscard]] bool ReadTag(std::uint64_t* out);
  [[nodiscard]] bool ReadNull();

  bool empty() const { return in_.empty(); }
  std::size_t remaining() const { return in_.remaining(); }

 private:
  bool ReadHead(unsigned type, ByteReader* after, std::uint64_t* argument) const;
  bool ReadString(unsigned type, BytesView* out);
  bool ReadCount(unsigned type, std::size_t item_size, std::size_t* out);
  bool ReadByte(std::uint8_t byte);

  ByteReader in_;
};

// CborWriter appends items in their shortest form.
class CborWriter {
 public:
  void WriteUnsigned(std::uint64_t value) { WriteHead(0, value); }
  void WriteNegative(std::uint64_t value) { WriteHead(1, value - 1); }  // writes -value, which is not zero
  void WriteBytes(BytesView bytes);
  void WriteText(std::string_view text);
  void WriteArray(std::size_t items) { WriteHead(4, items); }
  void WriteMap(std::size_t pairs) { WriteHead(5, pairs); }
  void WriteTag(std::uint64_t tag) { WriteHead(6, tag); }
  void WriteNull() { out_.WriteU8(0xf6); }
  void WriteEncoded(BytesView items) { out_.WriteBytes(items); }  // as they stand

  Bytes Take() && { return std::move(out_).Take(); }

 private:
  void WriteHead(unsigned type, std::uint64_t argument);
  ByteWriter out_;
};

}  // namespace attestml::evidence::nitro
