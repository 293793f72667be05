#include "data/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace attestml::data {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;

}  // namespace

bool IsGzip(BytesView bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

Bytes GunzipHead(BytesView bytes, std::size_t size) {
  Bytes out(size);
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return {};
  stream.next_in = const_cast<Bytef*>(bytes.data());  // NOLINT: zlib only reads it
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(size);
  inflate(&stream, Z_NO_FLUSH);
  out.resize(size - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

Result<Bytes> Gunzip(BytesView bytes, std::size_t max_bytes) {
  if (bytes.size() < 18 || bytes.size() > std::numeric_limits<uInt>::max()) {
    return Malformed("gzip.data", std::to_string(bytes.size()) + " bytes are no gzip file of at most 4 GiB");
  }
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return Unavailable("gzip.data", "zlib does not start");
  stream.next_in = const_cast<Bytef*>(bytes.data());  // NOLINT: zlib only reads it
  stream.avail_in = static_cast<uInt>(bytes.size());
  // The last four bytes say how much comes out, modulo 2^32: a hint for the first allocation, never believed.
  const std::size_t n = bytes.size();
  const std::size_t hint = bytes[n - 4] | bytes[n - 3] << 8U | bytes[n - 2] << 16U | std::size_t{bytes[n - 1]} << 24U;
  Bytes out(std::min({hint + 1, max_bytes + 1, n * 1032 + 1}));
  std::size_t filled = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (filled == out.size()) {
      if (filled > max_bytes) break;
      out.resize(std::min(max_bytes + 1, out.size() * 2));
    }
    const auto room = static_cast<uInt>(std::min<std::size_t>(out.size() - filled, std::numeric_limits<uInt>::max()));
    stream.next_out = out.data() + filled;
    stream.avail_out = room;
    status = inflate(&stream, Z_NO_FLUSH);
    filled += room - stream.avail_out;
  }
  const bool rest = stream.avail_in != 0;
  inflateEnd(&stream);
  if (filled > max_bytes) {
    return Malformed("gzip.size", "more than " + std::to_string(max_bytes) + " bytes come out of a gzip file");
  }
  if (status != Z_STREAM_END) return Malformed("gzip.data", "a gzip file is damaged or cut short");
  if (rest) return Malformed("gzip.data", "bytes follow the end of a gzip file");
  out.resize(filled);
  return out;
}

}  // namespace attestml::data
