// Helpers against closed forms and printed tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/decimal.h"
#include "properties/chi_square.h"
#include "properties/curves.h"
#include "properties/digest_set.h"
#include "properties/divergence.h"
#include "properties/intervals.h"
#include "properties/summary.h"
#include "properties/summation.h"

namespace attestml::properties {
namespace {

TEST(Sum, KeepsWhatPlainAdditionLoses) {
  Sum sum;
  for (const double term : {1.0, 1e100, 1.0, -1e100}) sum.Add(term);
  EXPECT_EQ(sum.Total(), 2.0);
  Sum tenths;
  for (int i = 0; i < 10; ++i) tenths.Add(0.1);
  EXPECT_EQ(tenths.Total(), 1.0);
}

TEST(Value, IsNeverInfiniteOrNan) {
  EXPECT_FALSE(Value(std::numeric_limits<double>::infinity()).defined());
  EXPECT_FALSE(Value(std::nan("")).defined());
  EXPECT_EQ(Value(std::nan("")).reason(), reason::kNotFinite);
  EXPECT_FALSE(Ratio(0, 0, reason::kNoRecords).defined());
  EXPECT_FALSE(Ratio(1, 0, reason::kNoRecords).defined());
  EXPECT_EQ(Ratio(0, 5, reason::kNoRecords).number(), 0);
}

// Newcombe (1998), Statistics in Medicine 17, table I, method 3.
TEST(Wilson, TextbookValues) {
  struct Case {
    std::uint64_t r, n;
    double lower, upper;
  };
  for (const Case& c : {Case{81, 263, 0.2553, 0.3662}, Case{15, 148, 0.0624, 0.1605}, Case{0, 20, 0, 0.1611},
                        Case{1, 29, 0.0061, 0.1718}}) {
    const Bounds bounds = WilsonBounds(c.r, c.n);
    EXPECT_NEAR(bounds.lower, c.lower, 5e-5) << c.r << "/" << c.n;
    EXPECT_NEAR(bounds.upper, c.upper, 5e-5) << c.r << "/" << c.n;
  }
}

TEST(Wilson, EndsAreExactAndMirrored) {
  for (const std::uint64_t n : {1U, 2U, 7U, 1000U, 15060U}) {
    EXPECT_EQ(WilsonBounds(0, n).lower, 0);
    EXPECT_EQ(WilsonBounds(n, n).upper, 1);
    // 0 of n: upper is z² / (n + z²).
    const double z2 = kNormalQuantile975 * kNormalQuantile975;
    EXPECT_NEAR(WilsonBounds(0, n).upper, z2 / (static_cast<double>(n) + z2), 1e-15);
    for (std::uint64_t r = 0; r <= std::min<std::uint64_t>(n, 50); ++r) {
      EXPECT_NEAR(WilsonBounds(r, n).lower, 1 - WilsonBounds(n - r, n).upper, 1e-14);
    }
  }
  EXPECT_NEAR(std::erfc(-kNormalQuantile975 / std::sqrt(2.0)) / 2, 0.975, 1e-16);
}

// Hanley and McNeil (1982), Radiology 143: area 0.893 of 51 abnormal and 58 normal has a standard error of 0.032 to
// 0.033.
TEST(HanleyMcNeil, ThePapersExample) {
  const Bounds bounds = HanleyMcNeilBounds(0.893, 51, 58);
  EXPECT_NEAR((0.893 - bounds.lower) / kNormalQuantile975, 0.0325, 5e-4);
  EXPECT_EQ(HanleyMcNeilBounds(1, 10, 10).lower, 1);
  EXPECT_EQ(HanleyMcNeilBounds(1, 10, 10).upper, 1);
}

// Upper 5 %, 1 % and 0.1 % points as statistical tables print them.
TEST(ChiSquare, StandardTables) {
  struct Case {
    double degrees, point, tail, error;
  };
  for (const Case& c : {Case{1, 2.706, 0.10, 5e-5}, Case{1, 3.841, 0.05, 2e-5}, Case{1, 6.635, 0.01, 2e-5},
                        Case{1, 10.828, 0.001, 1e-6}, Case{2, 5.991, 0.05, 2e-5}, Case{3, 7.815, 0.05, 2e-5},
                        Case{5, 15.086, 0.01, 1e-5}, Case{9, 16.919, 0.05, 1e-5}, Case{10, 29.588, 0.001, 1e-6},
                        Case{14, 23.685, 0.05, 1e-5}, Case{30, 43.773, 0.05, 1e-5}, Case{100, 124.342, 0.05, 1e-5},
                        Case{100, 61.918, 0.999, 1e-5}}) {
    EXPECT_NEAR(ChiSquareTail(c.point, c.degrees), c.tail, c.error) << c.degrees << " " << c.point;
  }
}

TEST(ChiSquare, ClosedForms) {
  for (double x = 0.01; x < 600; x *= 1.37) {
    EXPECT_NEAR(ChiSquareTail(x, 1) / std::erfc(std::sqrt(x / 2)), 1, 1e-12) << x;
    EXPECT_NEAR(ChiSquareTail(x, 2) / std::exp(-x / 2), 1, 1e-12) << x;
    for (const int half : {2, 5, 20, 60}) {
      double term = 1, sum = 1;
      for (int i = 1; i < half; ++i) {
        term *= x / 2 / i;
        sum += term;
      }
      const double expected = std::exp(-x / 2) * sum;
      if (expected > 1e-300) {
        EXPECT_NEAR(ChiSquareTail(x, 2 * half) / expected, 1, 1e-11) << x << " " << half;
      }
    }
  }
  EXPECT_EQ(ChiSquareTail(0, 3), 1);
  EXPECT_EQ(ChiSquareTail(std::numeric_limits<double>::infinity(), 3), 0);
  EXPECT_TRUE(std::isnan(ChiSquareTail(-1, 3)));
  EXPECT_TRUE(std::isnan(ChiSquareTail(1, 0)));
  EXPECT_NEAR(ChiSquareTail(1e-8, 2), 1 - 5e-9, 1e-15);
  EXPECT_NEAR(ChiSquareTail(100000, 100000), 0.4994, 1e-4);  // near one half, by the median's approximation
}

TEST(Summary, MeanDeviationQuantiles) {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_EQ(Mean(values).number(), 5);
  EXPECT_DOUBLE_EQ(SampleDeviation(values).number(), std::sqrt(32.0 / 7));
  // numpy.quantile([4, 1, 3, 2], …) by its default method.
  const std::vector<double> four = {4, 1, 3, 2};
  const std::vector<double> levels = {1, 0.25, 0.5, 0, 0.9};
  const std::vector<Value> found = Quantiles(four, levels);
  const double expected[] = {4, 1.75, 2.5, 1, 3.7};
  for (std::size_t i = 0; i < levels.size(); ++i) EXPECT_DOUBLE_EQ(found[i].number(), expected[i]);
  EXPECT_EQ(Quantiles({}, levels)[0].reason(), reason::kNoValues);
  EXPECT_EQ(Mean({}).reason(), reason::kNoValues);
  EXPECT_EQ(SampleDeviation(std::vector<double>{3}).reason(), reason::kFewerThanTwo);
  EXPECT_EQ(SampleDeviation(std::vector<double>{3, 3}).number(), 0);
  EXPECT_EQ(Mean(std::vector<double>{1e308, 1e308}).reason(), reason::kNotFinite);
}

TEST(Summary, QuantilesAreThoseOfTheSortedValues) {
  std::mt19937 random(7);
  std::vector<double> values;
  for (int i = 0; i < 1001; ++i) values.push_back(static_cast<double>(random() % 97));
  std::vector<double> levels;
  for (int i = 100; i >= 0; --i) levels.push_back(i / 100.0);
  const std::vector<Value> found = Quantiles(values, levels);
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double h = 1000 * levels[i];
    const auto low = static_cast<std::size_t>(std::floor(h));
    const double high = values[std::min<std::size_t>(low + 1, 1000)];
    EXPECT_EQ(found[i].number(), values[low] + (h - std::floor(h)) * (high - values[low])) << levels[i];
  }
}

TEST(Divergence, HandComputed) {
  const CategoryCounts counts{{50, 30, 20}, {100, 60, 240}};
  // p = .5 .3 .2, q = .25 .15 .6
  EXPECT_DOUBLE_EQ(TotalVariation(counts).number(), 0.4);
  const double psi = 0.25 * std::log(2.0) + 0.15 * std::log(2.0) + 0.4 * std::log(3.0);
  EXPECT_NEAR(PopulationStability(counts, std::nullopt).number(), psi, 1e-15);
  const double js = 0.25 * std::log(0.5 / 0.375) + 0.15 * std::log(0.3 / 0.225) + 0.1 * std::log(0.2 / 0.4) +
                    0.125 * std::log(0.25 / 0.375) + 0.075 * std::log(0.15 / 0.225) + 0.3 * std::log(0.6 / 0.4);
  EXPECT_NEAR(JensenShannon(counts).number(), js, 1e-15);
}

TEST(Divergence, EqualAndDisjoint) {
  const CategoryCounts equal{{1, 2, 3}, {10, 20, 30}};
  EXPECT_EQ(TotalVariation(equal).number(), 0);
  EXPECT_NEAR(JensenShannon(equal).number(), 0, 1e-16);
  EXPECT_NEAR(TestHomogeneity(equal).statistic.number(), 0, 1e-16);
  EXPECT_NEAR(TestHomogeneity(equal).p_value.number(), 1, 1e-12);
  const CategoryCounts disjoint{{5, 0}, {0, 7}};
  EXPECT_EQ(TotalVariation(disjoint).number(), 1);
  EXPECT_NEAR(JensenShannon(disjoint).number(), std::log(2.0), 1e-15);
  EXPECT_EQ(PopulationStability(disjoint, std::nullopt).reason(), reason::kOneSided);
  EXPECT_NEAR(PopulationStability(disjoint, 0.01).number(), 2 * 0.99 * std::log(100.0), 1e-12);
  const CategoryCounts one{{5}, {7}};
  EXPECT_EQ(TestHomogeneity(one).p_value.reason(), reason::kOneCategory);
  const CategoryCounts none{{0, 0}, {1, 2}};
  EXPECT_EQ(TotalVariation(none).reason(), reason::kNoRecords);
  EXPECT_EQ(JensenShannon(none).reason(), reason::kNoRecords);
  EXPECT_EQ(TestHomogeneity(none).statistic.reason(), reason::kNoRecords);
}

// A 2 × 2 table by the closed form n (ad - bc)² / (r1 r2 c1 c2).
TEST(Divergence, ChiSquareOfATwoByTwoTable) {
  const Homogeneity test = TestHomogeneity({{43, 9}, {44, 4}});
  EXPECT_NEAR(test.statistic.number(), 100.0 * std::pow(43.0 * 4 - 9.0 * 44, 2) / (52.0 * 48 * 87 * 13), 1e-12);
  EXPECT_NEAR(test.statistic.number(), 1.7774, 5e-5);  // the handedness example of many textbooks
  EXPECT_EQ(test.degrees.number(), 1);
  EXPECT_NEAR(test.p_value.number(), std::erfc(std::sqrt(test.statistic.number() / 2)), 1e-14);
}

double PairCount(const std::vector<double>& scores, const std::vector<std::uint8_t>& truths) {
  std::uint64_t twice = 0, pairs = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (truths[i] == 0 || truths[j] != 0) continue;
      ++pairs;
      twice += scores[i] > scores[j] ? 2 : scores[i] == scores[j] ? 1 : 0;
    }
  }
  return static_cast<double>(twice) / (2 * static_cast<double>(pairs));
}

TEST(Curve, AreaIsThePairCount) {
  std::mt19937 random(11);
  for (int round = 0; round < 20; ++round) {
    std::vector<double> scores;
    std::vector<std::uint8_t> truths = {0, 1};
    const auto levels = 1 + random() % 40;  // few levels: many ties
    for (int i = 0; i < 200; ++i) scores.push_back(static_cast<double>(random() % levels) / 7);
    while (truths.size() < scores.size()) truths.push_back(random() % 3 == 0 ? 1 : 0);
    EXPECT_EQ(Curve(scores, truths).RocArea().number(), PairCount(scores, truths));
  }
}

TEST(Curve, TiesAndDegenerateCases) {
  const std::vector<double> tied = {0.5, 0.5, 0.5, 0.5};
  const std::vector<std::uint8_t> mixed = {1, 0, 0, 1};
  EXPECT_EQ(Curve(tied, mixed).points().size(), 1U);
  EXPECT_EQ(Curve(tied, mixed).RocArea().number(), 0.5);
  EXPECT_EQ(Curve(tied, mixed).AveragePrecision().number(), 0.5);
  const std::vector<std::uint8_t> all(4, 1), none(4, 0);
  EXPECT_EQ(Curve(tied, all).RocArea().reason(), reason::kNoNegatives);
  EXPECT_EQ(Curve(tied, all).AveragePrecision().number(), 1);
  EXPECT_EQ(Curve(tied, none).RocArea().reason(), reason::kNoPositives);
  EXPECT_EQ(Curve(tied, none).AveragePrecision().reason(), reason::kNoPositives);
  EXPECT_EQ(Curve({}, {}).RocArea().reason(), reason::kNoPositives);
  // scikit-learn's example: y = 0 0 1 1, scores .1 .4 .35 .8 give AP 0.8333 and AUC 0.75.
  const std::vector<double> scores = {0.1, 0.4, 0.35, 0.8};
  const std::vector<std::uint8_t> truths = {0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(Curve(scores, truths).AveragePrecision().number(), 0.5 + 1.0 / 3);
  EXPECT_EQ(Curve(scores, truths).RocArea().number(), 0.75);
}

TEST(Calibration, BinsAreOpenBelow) {
  EXPECT_EQ(CalibrationBin(0), 0U);
  EXPECT_EQ(CalibrationBin(0.2), 2U);  // 3/15 belongs to the bin that ends there
  EXPECT_EQ(CalibrationBin(std::nextafter(0.2, 1)), 3U);
  EXPECT_EQ(CalibrationBin(1), 14U);
  EXPECT_EQ(ExpectedCalibrationError(Calibrate({}, {})).reason(), reason::kNoRecords);
  const std::vector<double> confidences = {0.9, 0.9, 0.6, 0.6};
  const std::vector<std::uint8_t> correct = {1, 0, 1, 1};
  // two of .9, half of them right; two of .6, both right
  EXPECT_NEAR(ExpectedCalibrationError(Calibrate(confidences, correct)).number(), (0.4 + 0.4) / 2, 1e-15);
}

TEST(Thinning, KeepsTheEnds) {
  EXPECT_TRUE(ThinnedIndices(0).empty());
  EXPECT_EQ(ThinnedIndices(101).size(), 101U);
  EXPECT_EQ(ThinnedIndices(101)[57], 57U);
  const std::vector<std::size_t> many = ThinnedIndices(12345);
  EXPECT_EQ(many.size(), 101U);
  EXPECT_EQ(many.front(), 0U);
  EXPECT_EQ(many.back(), 12344U);
  EXPECT_TRUE(std::is_sorted(many.begin(), many.end()));
}

TEST(DigestSet, FindsExactlyItsMembers) {
  std::mt19937_64 random(3);
  std::vector<crypto::Digest256> members, others;
  for (int i = 0; i < 5000; ++i) {
    crypto::Digest256 digest{};
    // A third of them share their first two bytes, so that one bucket is large.
    for (std::size_t b = i % 3 == 0 ? 2 : 0; b < digest.size(); ++b) digest[b] = static_cast<std::uint8_t>(random());
    (i % 2 == 0 ? members : others).push_back(digest);
  }
  const std::size_t distinct = members.size();
  members.insert(members.end(), members.begin(), members.begin() + 100);
  const DigestSet set(members);
  EXPECT_EQ(set.size(), distinct);
  for (const auto& digest : members) EXPECT_TRUE(set.Contains(digest));
  for (const auto& digest : others) EXPECT_FALSE(set.Contains(digest));
  EXPECT_FALSE(DigestSet({}).Contains(members[0]));
}

}  // namespace
}  // namespace attestml::properties
