#include "tasks/augmentation.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace attestml::tasks {
namespace {

statement::EncodedColumn Image(std::uint32_t channels, std::uint32_t height, std::uint32_t width) {
  statement::EncodedColumn image;
  image.type = statement::ColumnType::kImage;
  image.shape = {channels, height, width};
  image.means.assign(channels, 0.25);
  image.scales.assign(channels, 0.5);
  return image;
}

TEST(Augment, IsAWindowOfThePaddedImageOrItsMirror) {
  const auto image = Image(2, 3, 4);
  std::vector<float> original(24);
  std::iota(original.begin(), original.end(), 1.0F);
  constexpr int kPadding = 2;
  const float black = -0.5F;  // (0 - 0.25) / 0.5
  const auto at = [&](std::size_t channel, int row, int column) {
    if (row < 0 || row >= 3 || column < 0 || column >= 4) return black;
    return original[channel * 12 + static_cast<std::size_t>(row * 4 + column)];
  };
  std::set<std::vector<float>> wanted;
  for (int top = -kPadding; top <= kPadding; ++top) {
    for (int left = -kPadding; left <= kPadding; ++left) {
      for (const bool flip : {false, true}) {
        std::vector<float> x;
        for (std::size_t channel = 0; channel < 2; ++channel) {
          for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 4; ++column) {
              x.push_back(at(channel, row + top, (flip ? 3 - column : column) + left));
            }
          }
        }
        wanted.insert(x);
      }
    }
  }
  Random random(1, "test");
  std::set<std::vector<float>> seen;
  for (int i = 0; i < 2000; ++i) {
    std::vector<float> x = original;
    Augment({kPadding, true}, image, 1, x, &random);
    ASSERT_TRUE(wanted.contains(x));
    seen.insert(x);
  }
  EXPECT_EQ(seen.size(), wanted.size());  // 50 cases in 2000 draws: one is missed with a chance of about 1e-16
}

TEST(Augment, DrawsForEachImageInOrder) {
  const auto image = Image(1, 4, 4);
  std::vector<float> both(32);
  std::iota(both.begin(), both.end(), 0.0F);
  std::vector<float> first(both.begin(), both.begin() + 16);
  Random a(3, "test");
  Random b(3, "test");
  Augment({1, true}, image, 2, both, &a);
  Augment({1, true}, image, 1, first, &b);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), both.begin()));
}

TEST(Augment, NothingAskedNothingDone) {
  const auto image = Image(1, 2, 2);
  std::vector<float> x = {1, 2, 3, 4};
  Random random(1, "test");
  Augment({}, image, 1, x, &random);
  EXPECT_EQ(x, (std::vector<float>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace attestml::tasks
