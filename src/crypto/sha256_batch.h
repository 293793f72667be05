// Sha256Batch hashes many short messages, as record leaves and tree nodes are; Sha256Each a few long ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/sha256_lanes.h"

namespace attestml::crypto {

// Gives what Sha256 gives. Messages of the same number of blocks are hashed side by side, sixteen or two at a time, by
// what the processor has; without either, OpenSSL does each by itself.
class Sha256Batch {
 public:
  Sha256Batch() = default;
  Sha256Batch(const Sha256Batch&) = delete;
  Sha256Batch& operator=(const Sha256Batch&) = delete;
  ~Sha256Batch() { Flush(); }

  // Copies `message`. `out` is filled at the latest by Flush, and must stay until then.
  void Add(BytesView message, Digest256* out);
  void Flush();

 private:
  static constexpr std::size_t kMaxBlocks = 64;  // a small image and its label
  // Padded messages of one number of blocks, end to end, that wait until the lanes are full.
  struct Waiting {
    std::size_t size = 0;
    std::array<Digest256*, kManyLanes> out{};
    Bytes bytes{};
  };
  static void Hash(std::size_t num_blocks, Waiting* waiting);

  std::array<Waiting, kMaxBlocks> waiting_;
};

// Sha256 of each message: two at a time where the processor can, which takes less than one after the other.
std::vector<Digest256> Sha256Each(std::span<const BytesView> messages);

}  // namespace attestml::crypto
