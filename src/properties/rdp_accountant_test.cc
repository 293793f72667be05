#include "properties/rdp_accountant.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/decimal.h"
#include "properties/oracle_for_test.h"

namespace attestml::properties {
namespace {

double Epsilon(double q, double sigma, std::uint64_t steps, double delta) {
  const auto spent = EpsilonFor({q, sigma, steps}, delta);
  EXPECT_TRUE(spent.ok());
  return spent.ok() ? spent->epsilon : -1;
}

// The conversion before Balle et al.: divergence + log(1 / delta) / (order - 1).
double OlderEpsilon(double q, double sigma, std::uint64_t steps, double delta) {
  double best = INFINITY;
  for (const double order : DefaultOrders()) {
    best = std::min(best, RenyiDivergence({q, sigma, steps}, order) - std::log(delta) / (order - 1));
  }
  return best;
}

void ExpectWithin(double seen, double wanted, double part) { EXPECT_NEAR(seen, wanted, part * wanted); }

// tensorflow/privacy, tensorflow_privacy/privacy/analysis/compute_dp_sgd_privacy_test.py (0.8), Test0 and Test1:
// (n, batch, noise, epochs, delta) → epsilon.
TEST(Accountant, AgreesWithTensorFlowPrivacy) {
  ExpectWithin(Epsilon(150.0 / 60000, 1.3, 6000, 1e-5), 0.7242234026109595, 0.01);
  ExpectWithin(Epsilon(100.0 / 100000, 1.0, 30000, 1e-7), 1.4154988495444845, 0.01);
  const std::vector<double> order = {19};  // the order it names, and so the same digits
  ExpectWithin(EpsilonFor({150.0 / 60000, 1.3, 6000}, 1e-5, order)->epsilon, 0.7242234026109595, 1e-9);
}

// tensorflow/privacy, rdp_accountant_test.py: test_compute_rdp_scalar, test_compute_rdp_sequence and
// test_get_privacy_spent_check_target_delta, the last with the conversion of its time.
TEST(Accountant, AgreesWithTensorFlowPrivacyOrderByOrder) {
  EXPECT_NEAR(RenyiDivergence({0.1, 2, 10}, 5), 0.07737, 5e-6);
  const std::vector<std::pair<double, double>> divergences = {
      {1.5, 0.00065}, {2.5, 0.001085}, {5, 0.00218075}, {50, 0.023846}, {100, 167.416307}};
  for (const auto& [order, value] : divergences) EXPECT_NEAR(RenyiDivergence({0.01, 2.5, 50}, order), value, 1e-5);
  EXPECT_NEAR(RenyiDivergence({0.01, 4, 10000}, 20) - std::log(1e-5) / 19, 1.258575, 1e-5);
  EXPECT_DOUBLE_EQ(RenyiDivergence({1, 10, 1}, 20), 0.1);
}

// tensorflow/privacy, tutorials/README.md: batches of 256 of 60000 records, delta 1e-5, the older conversion.
TEST(Accountant, AgreesWithTheTensorFlowPrivacyTutorials) {
  const double q = 256.0 / 60000;
  EXPECT_NEAR(OlderEpsilon(q, 1.12, 60 * 60000 / 256, 1e-5), 2.92, 0.01 * 2.92);
  EXPECT_NEAR(OlderEpsilon(q, 0.6, 30 * 60000 / 256, 1e-5), 9.74, 0.01 * 9.74);
  EXPECT_NEAR(OlderEpsilon(q, 1.2, 10 * 60000 / 256, 1e-5), 1.20, 0.01 * 1.20);
  // The newer conversion is never worse.
  EXPECT_LT(Epsilon(q, 1.12, 60 * 60000 / 256, 1e-5), 2.92);
}

// pytorch/opacus, opacus/tests/accountants_test.py: test_rdp_accountant, test_get_noise_multiplier_rdp_epochs and
// test_get_noise_multiplier_rdp_steps. Its noise is found to 0.01 of epsilon.
TEST(Accountant, AgreesWithOpacus) {
  ExpectWithin(Epsilon(0.04, 1.5, 2250, 1e-5), 7.32911117143, 1e-9);
  ExpectWithin(*NoiseMultiplierFor(8, 1e-5, 0.04, 2250), 1.416, 0.01);
  ExpectWithin(*NoiseMultiplierFor(8, 1e-5, 0.04, 2000), 1.3562, 0.01);
}

// opacus/accountants/analysis/rdp.py, the example at its top: composed by hand, orders 2 to 32 → (0.336, 23).
TEST(Accountant, ComposesByAddingDivergences) {
  double best = INFINITY;
  int at = 0;
  for (int order = 2; order <= 32; ++order) {
    const double sum = RenyiDivergence({1e-5, 1.0, 10}, order) + RenyiDivergence({1e-4, 3.0, 4}, order);
    const double epsilon = sum + std::log1p(-1.0 / order) - std::log(1e-5 * order) / (order - 1);
    if (epsilon < best) {
      best = epsilon;
      at = order;
    }
  }
  EXPECT_NEAR(best, 0.336, 0.0005);
  EXPECT_EQ(at, 23);
}

TEST(Accountant, AgreesWithItsOracle) {
  const std::vector<double> orders = {1.1, 1.5, 2, 2.7, 5, 8.3, 10.9, 16, 32, 64, 256};
  std::vector<std::tuple<double, double, std::uint64_t, double>> grid;
  for (const double q : {0.001, 0.01, 0.1, 0.5, 1.0}) {
    for (const double sigma : {0.3, 0.8, 1.5, 4.0, 20.0}) grid.emplace_back(q, sigma, 1000, q > 0.05 ? 1e-5 : 1e-7);
  }
  std::string spec = "{\"orders\":[";
  for (std::size_t i = 0; i < orders.size(); ++i) spec += (i == 0 ? "" : ",") + FormatDecimal(orders[i]);
  spec += "],\"mechanisms\":[";
  for (const auto& [q, sigma, steps, delta] : grid) {
    spec += (spec.back() == '[' ? "[" : ",[") + FormatDecimal(q) + "," + FormatDecimal(sigma) + "," +
            std::to_string(steps) + "," + FormatDecimal(delta) + "]";
  }
  const Json answer = test::RunOracle("privacy.py", spec + "]}");
  ASSERT_TRUE(answer.is_object());
  ASSERT_EQ(answer["epsilon"].size(), grid.size());
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const auto& [q, sigma, steps, delta] = grid[i];
    const PrivateMechanism mechanism{q, sigma, steps};
    for (std::size_t k = 0; k < orders.size(); ++k) {
      const double wanted = answer["divergence"][i][k].get<double>();
      // The oracle's moment is 1 + something small and keeps 15 digits of the sum.
      EXPECT_NEAR(RenyiDivergence(mechanism, orders[k]), wanted, 1e-9 * wanted + 2e-10) << q << " " << sigma;
    }
    const auto spent = EpsilonFor(mechanism, delta, orders);
    EXPECT_NEAR(spent->epsilon, answer["epsilon"][i][0].get<double>(), 1e-8 * (1 + spent->epsilon));
    EXPECT_EQ(spent->order, answer["epsilon"][i][1].get<double>());
  }
}

TEST(Accountant, DeltaIsTheOtherWayRound) {
  for (const double sigma : {0.7, 1.5, 5.0}) {
    const PrivateMechanism mechanism{0.02, sigma, 5000};
    const auto spent = EpsilonFor(mechanism, 1e-6);
    const auto failure = DeltaFor(mechanism, spent->epsilon);
    ExpectWithin(failure->delta, 1e-6, 1e-9);
    EXPECT_EQ(failure->order, spent->order);
  }
  EXPECT_LE(DeltaFor({0.02, 0.3, 5000}, 0)->delta, 1);
}

// A Gaussian mechanism without sampling: never below the exact trade-off, delta(epsilon) of Balle and Wang (2018).
TEST(Accountant, NeverClaimsMoreThanTheExactTradeOff) {
  for (const double sigma : {0.8, 1.0, 3.0}) {
    for (double epsilon = 0.5; epsilon < 12; epsilon += 0.5) {
      const double exact = std::erfc((epsilon * sigma - 0.5 / sigma) / std::sqrt(2)) / 2 -
                           std::exp(epsilon) * std::erfc((epsilon * sigma + 0.5 / sigma) / std::sqrt(2)) / 2;
      EXPECT_GE(DeltaFor({1, sigma, 1}, epsilon)->delta, exact);
    }
  }
}

TEST(Accountant, NoiseIsEnoughAndHardlyMore) {
  for (const double epsilon : {0.1, 1.0, 8.0, 50.0}) {
    for (const double q : {0.001, 0.05, 1.0}) {
      const auto noise = NoiseMultiplierFor(epsilon, 1e-5, q, 1500);
      ASSERT_TRUE(noise.ok()) << epsilon << " " << q;
      EXPECT_LE(Epsilon(q, *noise, 1500, 1e-5), epsilon);
      const double less = *noise * 0.9999;
      EXPECT_TRUE(less <= 0.05 || Epsilon(q, less, 1500, 1e-5) > epsilon) << epsilon << " " << q;
    }
  }
}

TEST(Accountant, MoreOfAnythingButNoiseIsWorse) {
  const double base = Epsilon(0.01, 1.0, 1000, 1e-5);
  EXPECT_GT(Epsilon(0.02, 1.0, 1000, 1e-5), base);
  EXPECT_GT(Epsilon(0.01, 0.9, 1000, 1e-5), base);
  EXPECT_GT(Epsilon(0.01, 1.0, 1100, 1e-5), base);
  EXPECT_GT(Epsilon(0.01, 1.0, 1000, 1e-6), base);
}

TEST(Accountant, RefusesWhatIsNoMechanism) {
  for (const double q : {0.0, -0.1, 1.1, std::nan("")}) {
    EXPECT_EQ(EpsilonFor({q, 1, 1}, 1e-5).error().id, "property.privacy.mechanism");
  }
  for (const double sigma : {0.0, 0.01, -1.0, 1e7, std::nan("")}) {
    EXPECT_EQ(EpsilonFor({0.1, sigma, 1}, 1e-5).error().id, "property.privacy.mechanism");
  }
  EXPECT_EQ(EpsilonFor({0.1, 1, 0}, 1e-5).error().id, "property.privacy.mechanism");
  for (const double delta : {0.0, 1.0, -1.0, std::nan("")}) {
    EXPECT_EQ(EpsilonFor({0.1, 1, 1}, delta).error().id, "property.privacy.delta");
  }
  EXPECT_EQ(DeltaFor({0.1, 1, 1}, -1).error().id, "property.privacy.epsilon");
  EXPECT_EQ(NoiseMultiplierFor(0, 1e-5, 0.1, 10).error().id, "property.privacy.epsilon");
  EXPECT_EQ(NoiseMultiplierFor(1e-9, 1e-5, 1, 1U << 20U).error().id, "property.privacy.epsilon");
}

}  // namespace
}  // namespace attestml::properties
