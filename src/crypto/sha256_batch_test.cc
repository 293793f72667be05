#include "crypto/sha256_batch.h"

#include <gtest/gtest.h>

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

// Every length over more blocks than are hashed side by side: alone, with itself, and with another.
TEST(Sha256BatchTest, GivesWhatSha256Gives) {
  for (std::size_t size = 0; size < 4200; ++size) {
    const Bytes one = Message(size, 1);
    const Bytes other = Message(size, 2);
    Digest256 alone;
    std::array<Digest256, 3> pair;
    Sha256Batch batch;
    batch.Add(one, &alone);
    batch.Flush();
    batch.Add(one, &pair[0]);
    batch.Add(other, &pair[1]);
    batch.Add(other, &pair[2]);
    batch.Flush();
    EXPECT_EQ(alone, Sha256(one)) << size;
    EXPECT_EQ(pair[0], Sha256(one)) << size;
    EXPECT_EQ(pair[1], Sha256(other)) << size;
    EXPECT_EQ(pair[2], Sha256(other)) << size;
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
