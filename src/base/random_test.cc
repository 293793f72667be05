#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <numeric>
#include <vector>

namespace attestml {
namespace {

// The vectors of spec/selection.md section 4, computed there by an independent program.
TEST(RandomTest, FollowsTheVectors) {
  struct Vector {
    std::uint64_t seed;
    std::string_view purpose;
    std::array<std::uint64_t, 4> first;
  };
  const Vector vectors[] = {
      {0, "", {0x1e28178eedbf0f30, 0x32dadb1a9e4a4d08, 0x4ef49088479a6d5c, 0x03b90a6cd230303e}},
      {0, "split", {0x931e8b53459f086f, 0xcc80c8e7a05eaefc, 0xc781b862b15d26bd, 0x4c613769eb6c4df8}},
      {42, "split", {0xfd72b5181f64cc4a, 0x59d88100e74fadef, 0xc45049b117bdd3ad, 0x4b0e42811a3bcc59}},
      {std::numeric_limits<std::uint64_t>::max(),
       "shuffle",
       {0x060493c232730119, 0x42a318a431e66433, 0xbc138e0d66615afc, 0xd7297e290ae8a57e}},
  };
  for (const Vector& vector : vectors) {
    Random random(vector.seed, vector.purpose);
    for (const std::uint64_t want : vector.first) EXPECT_EQ(random.Next(), want) << vector.seed << vector.purpose;
  }
}

TEST(RandomTest, BelowFollowsTheVectorsAndItsRange) {
  Random random(7, "x");
  for (const std::uint64_t want : {1, 4, 3, 5, 2, 2, 4, 2, 1, 2, 5, 5}) EXPECT_EQ(random.Below(6), want);
  // 2^64 mod (3 * 2^62) = 2^62: a quarter of all values is drawn again.
  for (const std::uint64_t want : {452879269192569931U, 2176549262194274911U, 13125918065154427761U}) {
    EXPECT_EQ(random.Below(std::uint64_t{3} << 62U), want);
  }
  EXPECT_EQ(random.Below(1), 0U);
}

TEST(RandomTest, UniformFollowsTheVectors) {
  Random random(1, "weights");
  EXPECT_EQ(random.Uniform(), 0.6418047317432923);
  EXPECT_EQ(random.Uniform(), 0.3874014232391695);
  EXPECT_EQ(random.Uniform(), 0.30415627962610703);
}

TEST(RandomTest, ShuffleFollowsTheVector) {
  std::vector<std::uint32_t> items(10);
  std::iota(items.begin(), items.end(), 0U);
  Random(42, "split").Shuffle(std::span(items));
  EXPECT_EQ(items, (std::vector<std::uint32_t>{0, 3, 7, 1, 8, 9, 2, 5, 4, 6}));
  std::vector<std::uint32_t> none;
  Random(42, "split").Shuffle(std::span(none));
}

}  // namespace
}  // namespace attestml
