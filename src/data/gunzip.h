// Gunzip: a gzip file (RFC 1952) as it was before, with a cap on what comes out.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::data {

bool IsGzip(BytesView bytes);

// One member, nothing behind it, checksum and length right. Error ids gzip.data (malformed) and gzip.size (more than
// `max_bytes` come out).
Result<Bytes> Gunzip(BytesView bytes, std::size_t max_bytes);

// The first `size` bytes that come out, or as many as there are before the end or the first damage. To look at a
// header before memory is taken for the rest.
Bytes GunzipHead(BytesView bytes, std::size_t size);

}  // namespace attestml::data
