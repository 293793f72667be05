#include "properties/binomial.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attestml::properties {
namespace {

TEST(Binomial, IncompleteBetaInClosedForm) {
  for (const double x : {0.0, 0.01, 0.3, 0.5, 0.77, 0.999, 1.0}) {
    EXPECT_NEAR(RegularizedBeta(1, 1, x), x, 1e-15);
    EXPECT_NEAR(RegularizedBeta(1, 7.5, x), 1 - std::pow(1 - x, 7.5), 1e-14);
    EXPECT_NEAR(RegularizedBeta(4.25, 1, x), std::pow(x, 4.25), 1e-14);
    EXPECT_NEAR(RegularizedBeta(2, 3, x), x * x * (6 - 8 * x + 3 * x * x), 1e-14);
    EXPECT_NEAR(RegularizedBeta(0.5, 0.5, x), 2 / std::acos(-1.0) * std::asin(std::sqrt(x)), 1e-14);
    EXPECT_NEAR(RegularizedBeta(31, 12.5, x) + RegularizedBeta(12.5, 31, 1 - x), 1, 1e-13);
  }
  // The documentation of scipy.special.betainc.
  EXPECT_NEAR(RegularizedBeta(1.4, 3.1, 0.5), 0.8148904036225296, 1e-14);
}

// P(at least k of n) is a sum of at most n terms.
TEST(Binomial, TheBoundIsWhereTheTailIsAlpha) {
  for (const int n : {1, 10, 97}) {
    for (int k = 1; k <= n; k += 3) {
      for (const double alpha : {0.001, 0.025, 0.3}) {
        const double p = ClopperPearsonLower(static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(n), alpha);
        double tail = 0, choose = 1;
        for (int i = 0; i <= n; ++i) {
          if (i > 0) choose = choose * (n - i + 1) / i;
          if (i >= k) tail += choose * std::pow(p, i) * std::pow(1 - p, n - i);
        }
        EXPECT_NEAR(tail, alpha, 1e-11) << k << " of " << n;
      }
    }
  }
}

// The documentation of R's binom.test (682 of 925, two-sided 0.95) and of scipy.stats.binomtest (3 of 15, one-sided
// 0.95).
TEST(Binomial, AgreesWithPublishedIntervals) {
  EXPECT_NEAR(ClopperPearsonLower(682, 925, 0.025), 0.7076683, 5e-8);
  EXPECT_NEAR(1 - ClopperPearsonLower(243, 925, 0.025), 0.7654066, 5e-8);
  EXPECT_NEAR(ClopperPearsonLower(3, 15, 0.05), 0.05684686759024681, 1e-14);
  EXPECT_EQ(ClopperPearsonLower(0, 15, 0.05), 0);
  EXPECT_NEAR(ClopperPearsonLower(100000, 100000, 0.001), std::pow(0.001, 1e-5), 1e-15);
  EXPECT_NEAR(ClopperPearsonLower(99999, 100000, 0.001), 0.99990766, 1e-7);
}

TEST(Binomial, NormalQuantiles) {
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(NormalQuantile(0.99), 2.3263478740408408, 1e-13);
  EXPECT_NEAR(NormalQuantile(0.001), -3.090232306167813, 1e-13);
  EXPECT_NEAR(NormalQuantile(0.5), 0, 1e-15);
  EXPECT_NEAR(NormalQuantile(1e-20), -9.262340089798408, 1e-11);
  for (const double p : {0.01, 0.2, 0.6, 0.9999}) {
    EXPECT_NEAR(std::erfc(-NormalQuantile(p) / std::sqrt(2)) / 2, p, 1e-14);
  }
}

}  // namespace
}  // namespace attestml::properties
