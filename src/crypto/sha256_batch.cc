#include "crypto/sha256_batch.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace attestml::crypto {
namespace {

// Of fewer messages than this, two at a time are faster than sixteen lanes of which some are idle.
constexpr std::size_t kFewMessages = 9;

std::size_t NumLanes() {
  if (HasManyLanes()) return kManyLanes;
  return HasTwoLanes() ? 2 : 1;
}

// A message of which the first blocks are hashed.
struct Begun {
  BytesView message;
  Digest256* out = nullptr;
  std::size_t num_blocks = 0;
  Sha256State state{};

  const std::uint8_t* next() const { return message.data() + 64 * num_blocks; }
  std::size_t blocks_left() const { return message.size() / 64 - num_blocks; }
  void Finish() const { *out = Sha256Stream(state, num_blocks).Update(message.subspan(64 * num_blocks)).Finish(); }
};

}  // namespace

void Sha256Batch::Hash(std::size_t num_blocks, Waiting* waiting) {
  const std::uint8_t* const bytes = waiting->bytes.data();
  const std::size_t size = std::exchange(waiting->size, 0);
  if (HasManyLanes() && (size >= kFewMessages || !HasTwoLanes())) {
    std::array<Digest256, kManyLanes> digests;
    HashMany(bytes, num_blocks, &digests);
    for (std::size_t i = 0; i < size; ++i) *waiting->out[i] = digests[i];
    return;
  }
  for (std::size_t i = 0; i < size; i += 2) {
    const std::size_t other = std::min(i + 1, size - 1);
    Sha256State states[2];
    CompressTwo(bytes + 64 * num_blocks * i, bytes + 64 * num_blocks * other, num_blocks, &states[0], &states[1]);
    *waiting->out[i] = states[0].ToDigest();
    *waiting->out[other] = states[1].ToDigest();
  }
}

void Sha256Batch::Add(BytesView message, Digest256* out) {
  static const std::size_t num_lanes = NumLanes();
  const std::size_t num_blocks = Sha256Blocks(message.size());
  if (num_blocks > kMaxBlocks || num_lanes == 1) {
    *out = Sha256(message);
    return;
  }
  Waiting& waiting = waiting_[num_blocks - 1];
  // All lanes are hashed, whether a message waits in each or not.
  if (waiting.bytes.empty()) waiting.bytes.resize(64 * num_blocks * num_lanes);
  std::uint8_t* const to = waiting.bytes.data() + 64 * num_blocks * waiting.size;
  std::copy(message.begin(), message.end(), to);
  Sha256Pad(message.size(), to + message.size());
  waiting.out[waiting.size++] = out;
  if (waiting.size == num_lanes) Hash(num_blocks, &waiting);
}

void Sha256Batch::Flush() {
  for (std::size_t i = 0; i < kMaxBlocks; ++i) {
    if (waiting_[i].size > 0) Hash(i + 1, &waiting_[i]);
  }
}

std::vector<Digest256> Sha256Each(std::span<const BytesView> messages) {
  std::vector<Digest256> out(messages.size());
  std::vector<Begun> begun;
  for (std::size_t i = 0; i < messages.size(); ++i) begun.push_back({messages[i], &out[i]});
  if (HasTwoLanes()) {
    // Longest first; what is longer of two goes on beside the next.
    std::sort(begun.begin(), begun.end(),
              [](const Begun& a, const Begun& b) { return a.message.size() > b.message.size(); });
    for (std::size_t i = 0; i + 1 < begun.size(); ++i) {
      Begun& one = begun[i];
      Begun& other = begun[i + 1];
      const std::size_t num_blocks = std::min(one.blocks_left(), other.blocks_left());
      CompressTwo(one.next(), other.next(), num_blocks, &one.state, &other.state);
      one.num_blocks += num_blocks;
      other.num_blocks += num_blocks;
      if (one.blocks_left() > other.blocks_left()) std::swap(one, other);
    }
  }
  for (const Begun& each : begun) each.Finish();
  return out;
}

}  // namespace attestml::crypto
