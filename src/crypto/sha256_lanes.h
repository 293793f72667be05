// SHA-256 of several messages side by side, on instructions that not every processor has. Sha256Batch and Sha256Each
// pick among them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "crypto/digest.h"

namespace attestml::crypto {

// Blocks that a message fills, and what follows its bytes in the last of them (section 5.1.1): a one bit, zeros, the
// length in bits. `end` is where the message ends in its last block or the one before.
constexpr std::size_t Sha256Blocks(std::size_t size) { return (size + 9 + 63) / 64; }
void Sha256Pad(std::size_t size, std::uint8_t* end);

// Two lanes: SHA extensions. Takes as many blocks of each message.
bool HasTwoLanes();
void CompressTwo(const std::uint8_t* one, const std::uint8_t* other, std::size_t num_blocks, Sha256State* state_one,
                 Sha256State* state_other);

// Sixteen lanes: AVX-512. The padded messages, of the same number of blocks, lie end to end.
inline constexpr std::size_t kManyLanes = 16;
bool HasManyLanes();
void HashMany(const std::uint8_t* messages, std::size_t num_blocks, std::array<Digest256, kManyLanes>* out);

}  // namespace attestml::crypto
