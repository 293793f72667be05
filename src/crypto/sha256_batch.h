// Sha256Batch hashes many short messages, as record leaves and tree nodes are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace attestml::crypto {

// Gives what Sha256 gives. One message leaves half of the processor's SHA unit idle, because each round waits for the
// last; so two of the same number of blocks are hashed side by side. Without that unit, OpenSSL does each by itself.
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
  // A padded message that waits for another of its number of blocks.
  struct Waiting {
    Digest256* out = nullptr;
    Bytes bytes{};
  };
  std::array<Waiting, kMaxBlocks> waiting_;
};

}  // namespace attestml::crypto
