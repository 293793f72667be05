#include "properties/corruptions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "properties/subject_for_test.h"

namespace attestml::properties {
namespace {

constexpr crypto::Digest256 kSeed{};

// An image of `channels` × 3 × 4, standardised with a mean and scale of its own a channel.
InputSpace SmallImages(std::uint32_t channels) {
  static const data::Table table = test::TableOf("1,y\n2,n\n", test::SelectionOf("a:number y", "y"));
  model::Model model;
  statement::EncodedColumn column;
  column.column = "image";
  column.type = statement::ColumnType::kImage;
  column.shape = {channels, 3, 4};
  for (std::uint32_t c = 0; c < channels; ++c) {
    column.means.push_back(0.25 + 0.25 * c);
    column.scales.push_back(0.5);
  }
  model.encoding.inputs = {column};
  auto space = InputSpace::Make(model, table);
  EXPECT_TRUE(space.ok());
  return *std::move(space);
}

using Pixels = std::vector<double>;

Pixels After(CorruptionKind kind, double strength, Pixels pixels, std::uint32_t row = 0) {
  const InputSpace space = SmallImages(static_cast<std::uint32_t>(pixels.size() / 12));
  Corrupt(space, {kind, strength}, kSeed, row, pixels);
  return pixels;
}

void ExpectNear(const Pixels& seen, const Pixels& wanted) {
  ASSERT_EQ(seen.size(), wanted.size());
  for (std::size_t k = 0; k < seen.size(); ++k) EXPECT_NEAR(seen[k], wanted[k], 1e-15) << k;
}

const Pixels kRamp = {0, 0.25, 0.5, 0.75, 1, 0, 0.25, 0.5, 0.75, 1, 0, 0.25};

TEST(Corruptions, BrightnessAndContrast) {
  ExpectNear(After(CorruptionKind::kBrightness, 0.5, kRamp), {0.5, 0.75, 1, 1, 1, 0.5, 0.75, 1, 1, 1, 0.5, 0.75});
  ExpectNear(After(CorruptionKind::kBrightness, -0.5, kRamp), {0, 0, 0, 0.25, 0.5, 0, 0, 0, 0.25, 0.5, 0, 0});
  const double mean = 5.25 / 12;
  Pixels half;
  for (const double p : kRamp) half.push_back((p + mean) / 2);
  ExpectNear(After(CorruptionKind::kContrast, 0.5, kRamp), half);
  ExpectNear(After(CorruptionKind::kContrast, 1, kRamp), Pixels(12, mean));
}

TEST(Corruptions, BoxBlurMeansWhatOfTheWindowIsInTheImage) {
  const Pixels out = After(CorruptionKind::kBoxBlur, 1, kRamp);
  EXPECT_NEAR(out[0], (0 + 0.25 + 1 + 0) / 4, 1e-15);
  EXPECT_NEAR(out[5], (0 + 0.25 + 0.5 + 1 + 0 + 0.25 + 0.75 + 1 + 0) / 9, 1e-15);
  EXPECT_NEAR(out[7], (0.5 + 0.75 + 0.25 + 0.5 + 0 + 0.25) / 6, 1e-15);
  ExpectNear(After(CorruptionKind::kBoxBlur, 64, kRamp), Pixels(12, 5.25 / 12));
}

TEST(Corruptions, PixelateCutsBlocksAtTheEdge) {
  const double a = (0 + 0.25 + 1 + 0) / 4, b = (0.5 + 0.75 + 0.25 + 0.5) / 4, c = (0.75 + 1) / 2, d = 0.25 / 2;
  ExpectNear(After(CorruptionKind::kPixelate, 2, kRamp), {a, a, b, b, a, a, b, b, c, c, d, d});
}

TEST(Corruptions, ChannelsStandAlone) {
  Pixels two = kRamp;
  two.insert(two.end(), 12, 0.5);
  const Pixels blurred = After(CorruptionKind::kBoxBlur, 1, two);
  ExpectNear({blurred.begin() + 12, blurred.end()}, Pixels(12, 0.5));
  ExpectNear({blurred.begin(), blurred.begin() + 12}, After(CorruptionKind::kBoxBlur, 1, kRamp));
}

TEST(Corruptions, SaltAndPepperTakesAllChannelsOfAPlace) {
  std::size_t salt = 0, pepper = 0;
  for (std::uint32_t row = 0; row < 500; ++row) {
    const Pixels out = After(CorruptionKind::kSaltAndPepper, 0.3, Pixels(24, 0.5), row);
    for (std::size_t k = 0; k < 12; ++k) {
      EXPECT_EQ(out[k], out[12 + k]);
      salt += out[k] == 1 ? 1 : 0;
      pepper += out[k] == 0 ? 1 : 0;
    }
  }
  // 6000 places, each kind with chance 0.15: five standard deviations are 138.
  EXPECT_NEAR(static_cast<double>(salt), 900, 138);
  EXPECT_NEAR(static_cast<double>(pepper), 900, 138);
  ExpectNear(After(CorruptionKind::kSaltAndPepper, 0.3, Pixels(12, 0.5), 7),
             After(CorruptionKind::kSaltAndPepper, 0.3, Pixels(12, 0.5), 7));
}

TEST(Corruptions, GaussianNoiseIsNormal) {
  double sum = 0, squares = 0;
  std::size_t n = 0;
  for (std::uint32_t row = 0; row < 1000; ++row) {
    const Pixels out = After(CorruptionKind::kGaussianNoise, 0.05, Pixels(12, 0.5), row);
    for (const double p : out) {
      sum += (p - 0.5) / 0.05;
      squares += (p - 0.5) * (p - 0.5) / 0.0025;
      ++n;
    }
  }
  EXPECT_NEAR(sum / static_cast<double>(n), 0, 0.05);
  EXPECT_NEAR(squares / static_cast<double>(n), 1, 0.07);
}

TEST(Corruptions, StrengthsHaveAMeaning) {
  EXPECT_FALSE(StrengthObjection(CorruptionKind::kBoxBlur, 1.5).empty());
  EXPECT_FALSE(StrengthObjection(CorruptionKind::kPixelate, 1).empty());
  EXPECT_FALSE(StrengthObjection(CorruptionKind::kBrightness, 0).empty());
  EXPECT_FALSE(StrengthObjection(CorruptionKind::kSaltAndPepper, 1.1).empty());
  for (const CorruptionKind kind : kCorruptions) {
    EXPECT_FALSE(StrengthObjection(kind, std::nan("")).empty());
    EXPECT_FALSE(StrengthObjection(kind, 0).empty());
    EXPECT_TRUE(StrengthObjection(kind, kind == CorruptionKind::kPixelate ? 2 : 1).empty());
  }
}

}  // namespace
}  // namespace attestml::properties
