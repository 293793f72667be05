#include "evidence/nitro/cbor.h"

#include <algorithm>
#include <limits>

namespace attestml::evidence::nitro {
namespace {

// RFC 8949 3.1, 3.2, 3.3.
constexpr unsigned kUnsigned = 0;
constexpr unsigned kBytes = 2;
constexpr unsigned kText = 3;
constexpr unsigned kArray = 4;
constexpr unsigned kMap = 5;
constexpr unsigned kTag = 6;
constexpr std::uint8_t kIndefiniteMap = 0xbf;
constexpr std::uint8_t kNull = 0xf6;
constexpr std::uint8_t kBreak = 0xff;

}  // namespace

bool CborReader::ReadHead(unsigned type, ByteReader* after, std::uint64_t* argument) const {
  *after = in_;
  std::uint8_t first = 0;
  if (!after->ReadU8(&first) || first >> 5 != type) return false;
  const unsigned info = first & 0x1fU;
  if (info < 24) {
    *argument = info;
    return true;
  }
  if (info > 27) return false;  // reserved, or of indefinite length
  BytesView bytes;
  if (!after->ReadBytes(std::size_t{1} << (info - 24), &bytes)) return false;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  // The least number that needs as many bytes.
  const std::uint64_t least = info == 24 ? 24 : std::uint64_t{1} << (8 * (bytes.size() / 2));
  *argument = value;
  return value >= least;
}

bool CborReader::ReadUnsigned(std::uint64_t* out) {
  ByteReader after;
  if (!ReadHead(kUnsigned, &after, out)) return false;
  in_ = after;
  return true;
}

bool CborReader::ReadTag(std::uint64_t* out) {
  ByteReader after;
  if (!ReadHead(kTag, &after, out)) return false;
  in_ = after;
  return true;
}

bool CborReader::ReadString(unsigned type, BytesView* out) {
  ByteReader after;
  std::uint64_t size = 0;
  if (!ReadHead(type, &after, &size) || size > std::numeric_limits<std::size_t>::max()) return false;
  if (!after.ReadBytes(static_cast<std::size_t>(size), out)) return false;
  in_ = after;
  return true;
}

bool CborReader::ReadBytes(BytesView* out) { return ReadString(kBytes, out); }

bool CborReader::ReadText(std::string_view* out) {
  const ByteReader before = in_;
  BytesView bytes;
  if (!ReadString(kText, &bytes)) return false;
  if (!std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t c) { return c >= 0x20 && c <= 0x7e; })) {
    in_ = before;
    return false;
  }
  *out = AsText(bytes);
  return true;
}

bool CborReader::ReadCount(unsigned type, std::size_t item_size, std::size_t* out) {
  ByteReader after;
  std::uint64_t count = 0;
  if (!ReadHead(type, &after, &count) || count > after.remaining() / item_size) return false;
  in_ = after;
  *out = static_cast<std::size_t>(count);
  return true;
}

bool CborReader::ReadArray(std::size_t* items) { return ReadCount(kArray, 1, items); }
bool CborReader::ReadMap(std::size_t* pairs) { return ReadCount(kMap, 2, pairs); }

bool CborReader::ReadAnyMap(std::optional<std::size_t>* pairs) {
  if (ReadByte(kIndefiniteMap)) {
    pairs->reset();
    return true;
  }
  std::size_t count = 0;
  if (!ReadMap(&count)) return false;
  *pairs = count;
  return true;
}

bool CborReader::ReadByte(std::uint8_t byte) {
  ByteReader after = in_;
  std::uint8_t next = 0;
  if (!after.ReadU8(&next) || next != byte) return false;
  in_ = after;
  return true;
}

bool CborReader::ReadBreak() { return ReadByte(kBreak); }
bool CborReader::ReadNull() { return ReadByte(kNull); }

void CborWriter::WriteHead(unsigned type, std::uint64_t argument) {
  const auto first = static_cast<std::uint8_t>(type << 5U);
  if (argument < 24) {
    out_.WriteU8(static_cast<std::uint8_t>(first | argument));
    return;
  }
  unsigned log = 0;  // of the number of bytes
  while (log < 3 && argument >> (8U << log) != 0) ++log;
  out_.WriteU8(static_cast<std::uint8_t>(first | (24 + log)));
  for (unsigned byte = 1U << log; byte-- > 0;) out_.WriteU8(static_cast<std::uint8_t>(argument >> (8 * byte)));
}

void CborWriter::WriteBytes(BytesView bytes) {
  WriteHead(kBytes, bytes.size());
  out_.WriteBytes(bytes);
}

void CborWriter::WriteText(std::string_view text) {
  WriteHead(kText, text.size());
  out_.WriteText(text);
}

}  // namespace attestml::evidence::nitro
