#include "crypto/sha256_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/hex.h"

namespace attestml::crypto {
namespace {

Bytes Message(std::size_t size, std::uint32_t seed) {
  Bytes out(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t& byte : out) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24U);
  }
  return out;
}

// FIPS 180-4 examples, as NIST publishes them.
TEST(Sha256BatchTest, FollowsThePublishedVectors) {
  std::vector<Digest256> out(4);
  {
    Sha256Batch batch;
    batch.Add(AsBytes("abc"), &out[0]);
    batch.Add({}, &out[1]);
    batch.Add(AsBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), &out[2]);
    batch.Add(AsBytes("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                      "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
              &out[3]);
  }
  EXPECT_EQ(HexEncode(out[0]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HexEncode(out[1]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexEncode(out[2]), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HexEncode(out[3]), "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

// Every length over more blocks than are hashed side by side, and batches that fill no lane, some and all, and more.
TEST(Sha256BatchTest, GivesWhatSha256Gives) {
  for (std::size_t size = 0; size < 4200; ++size) {
    for (const std::size_t count : {1, 2, 3, 8, 9, 16, 17}) {
      if (count > 3 && size > 200) continue;
      std::vector<Digest256> out(count);
      Sha256Batch batch;
      for (std::uint32_t i = 0; i < count; ++i) batch.Add(Message(size, i), &out[i]);
      batch.Flush();
      for (std::uint32_t i = 0; i < count; ++i) EXPECT_EQ(out[i], Sha256(Message(size, i))) << size << " " << i;
    }
  }
}

// What a batch picks depends on the processor; here each is asked for itself.
TEST(Sha256LanesTest, EachGivesWhatSha256Gives) {
  for (std::size_t size = 0; size < 1100; ++size) {
    const std::size_t num_blocks = Sha256Blocks(size);
    Bytes padded(64 * num_blocks * kManyLanes);
    std::vector<Digest256> want;
    for (std::uint32_t i = 0; i < kManyLanes; ++i) {
      const Bytes message = Message(size, i);
      std::uint8_t* const to = padded.data() + 64 * num_blocks * i;
      std::copy(message.begin(), message.end(), to);
      Sha256Pad(size, to + size);
      want.push_back(Sha256(message));
    }
    if (HasTwoLanes()) {
      Sha256State one;
      Sha256State other;
      CompressTwo(padded.data(), padded.data() + 64 * num_blocks, num_blocks, &one, &other);
      EXPECT_EQ(one.ToDigest(), want[0]) << size;
      EXPECT_EQ(other.ToDigest(), want[1]) << size;
    }
    if (HasManyLanes()) {
      std::array<Digest256, kManyLanes> many;
      HashMany(padded.data(), num_blocks, &many);
      EXPECT_EQ(std::vector<Digest256>(many.begin(), many.end()), want) << size;
    }
  }
}

TEST(Sha256EachTest, GivesWhatSha256Gives) {
  std::vector<Bytes> messages;
  for (std::uint32_t i = 0; i < 40; ++i) messages.push_back(Message(i * 7919 % 2000, i));
  for (const std::size_t size : {0, 64, 64, 128, 100000, 99999}) messages.push_back(Message(size, 1));
  for (std::size_t count = 0; count <= messages.size(); ++count) {
    const std::vector<BytesView> views(messages.end() - static_cast<std::ptrdiff_t>(count), messages.end());
    const std::vector<Digest256> out = Sha256Each(views);
    ASSERT_EQ(out.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(out[i], Sha256(views[i])) << count << " " << i;
  }
}

// Past 2^32 bits the length needs its second word.
TEST(Sha256EachTest, GoesOnFromAnyBlock) {
  if (!HasTwoLanes()) GTEST_SKIP() << "the processor has no SHA extensions";
  const Bytes end = Message(10, 1);
  for (const std::uint64_t num_blocks : {0ULL, 1ULL, (1ULL << 23U) - 1, 1ULL << 23U, 1ULL << 40U}) {
    Bytes padded(64);
    std::copy(end.begin(), end.end(), padded.begin());
    Sha256Pad(64 * num_blocks + end.size(), padded.data() + end.size());
    const Sha256State begun{{1, 2, 3, 4, 5, 6, 7, 8}};
    Sha256State want = begun;
    Sha256State unused;
    CompressTwo(padded.data(), padded.data(), 1, &want, &unused);
    EXPECT_EQ(Sha256Stream(begun, num_blocks).Update(end).Finish(), want.ToDigest()) << num_blocks;
  }
}

TEST(Sha256BatchTest, MixesLengths) {
  std::vector<Bytes> messages;
  for (std::uint32_t i = 0; i < 2000; ++i) messages.push_back(Message(i * 7919 % 600, i));
  std::vector<Digest256> out(messages.size());
  {
    Sha256Batch batch;
    for (std::size_t i = 0; i < messages.size(); ++i) batch.Add(messages[i], &out[i]);
  }
  for (std::size_t i = 0; i < messages.size(); ++i) EXPECT_EQ(out[i], Sha256(messages[i])) << i;
}

}  // namespace
}  // namespace attestml::crypto
