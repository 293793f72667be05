// Digests. SHA-256 names artifacts everywhere; SHA-512 makes report data; SHA-384 appears in TEE evidence.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace attestml::crypto {

using Digest256 = std::array<std::uint8_t, 32>;
using Digest384 = std::array<std::uint8_t, 48>;
using Digest512 = std::array<std::uint8_t, 64>;

Digest256 Sha256(BytesView bytes);
Digest384 Sha384(BytesView bytes);
Digest512 Sha512(BytesView bytes);
// FIPS 180-4 section 6.7: another function than SHA-256, so that no file has such a digest for its name.
Digest256 Sha512_256(BytesView bytes);
// RFC 2104 with SHA-256.
Digest256 HmacSha256(BytesView key, BytesView message);

// The words H0 to H7 of FIPS 180-4 between two blocks; at first those of section 5.3.3.
struct Sha256State {
  std::array<std::uint32_t, 8> words = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  Digest256 ToDigest() const;
};

// Sha256Stream hashes in pieces. One use: Finish ends it.
class Sha256Stream {
 public:
  Sha256Stream();
  // Goes on where somebody else has hashed whole blocks.
  Sha256Stream(const Sha256State& state, std::uint64_t num_blocks);
  Sha256Stream& Update(BytesView bytes);
  Digest256 Finish();

 private:
  alignas(8) std::array<std::uint8_t, 128> state_;
};

}  // namespace attestml::crypto
