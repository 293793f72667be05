#include "properties/rdp_accountant.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "properties/summation.h"

namespace attestml::properties {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeastNoise = 0.05;
constexpr double kMostNoise = 1e6;
constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 40U;
// Above this a product of exponentials leaves the doubles; the terms are then kept as logarithms.
constexpr double kLargeExponent = 600;

double LogAdd(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == -kInfinity ? a : a + std::log1p(std::exp(b - a));
}

double LogExpm1(double x) { return x > 40 ? x : std::log(std::expm1(x)); }

// log(1 + exp(x)), without losing a small exp(x).
double LogOnePlusExp(double x) { return x > 40 ? x : std::log1p(std::exp(x)); }

// With nu the density of the noise and mu that of the mixture, A = E_nu[(mu / nu)^order]; the divergence is
// log(A) / (order - 1). For whole orders A - 1 is a sum of positive terms (arXiv:1908.10530, section 3.3, less the
// binomial formula for 1): nothing cancels however small the sample rate.
double LogMomentWhole(double q, double sigma, int order) {
  double log_choose = 0;
  double log_excess = -kInfinity;
  for (int i = 1; i <= order; ++i) {
    log_choose += std::log(static_cast<double>(order - i + 1) / i);
    if (i < 2) continue;
    const double weight = log_choose + i * std::log(q) + (order - i) * std::log1p(-q);
    log_excess = LogAdd(log_excess, weight + LogExpm1(static_cast<double>(i) * (i - 1) / (2 * sigma * sigma)));
  }
  return LogOnePlusExp(log_excess);
}

// log((1 + u)^a - 1 - a u) for u = q (exp(t) - 1): never negative, by Bernoulli.
double LogBernoulliGap(double q, double t, double a) {
  if (t > kLargeExponent) return a * (std::log(q) + t);
  const double u = q * std::expm1(t);
  double gap = 0;
  if (std::fabs(u) < 1e-3) {
    // The Taylor series from its second term: five terms leave less than 1e-15 of it for the orders used here.
    double term = a * u;
    for (int k = 2; k <= 12; ++k) {
      term *= (a - k + 1) / k * u;
      gap += term;
    }
  } else {
    const double power = a * std::log1p(u);
    if (power > kLargeExponent) return power;
    gap = std::expm1(power) - a * u;
  }
  return gap > 0 ? std::log(gap) : -kInfinity;
}

// The same by the trapezoidal rule, which for this integrand errs by exp(-2 pi d / step) with d the distance of its
// nearest pole, pi sigma^2, from the real line. E_nu[u] = 0 is taken out, so that what is summed is never negative.
double LogMomentFractional(double q, double sigma, double order) {
  const double variance = sigma * sigma;
  const double step = std::min(sigma, variance) / 4;
  const double low = -12 * sigma;
  const auto points = static_cast<std::int64_t>(std::ceil((order + 24 * sigma) / step));
  std::vector<double> logs;
  logs.reserve(static_cast<std::size_t>(points) + 1);
  for (std::int64_t k = 0; k <= points; ++k) {
    const double z = low + static_cast<double>(k) * step;
    logs.push_back(LogBernoulliGap(q, (2 * z - 1) / (2 * variance), order) - z * z / (2 * variance));
  }
  const double largest = *std::max_element(logs.begin(), logs.end());
  if (largest == -kInfinity) return 0;
  Sum sum;
  for (const double log : logs) sum.Add(std::exp(log - largest));
  const double scale = std::log(step / (sigma * std::sqrt(2 * std::numbers::pi)));
  return LogOnePlusExp(largest + std::log(sum.Total()) + scale);
}

std::vector<double> MakeOrders() {
  std::vector<double> orders;
  for (int i = 11; i <= 109; ++i) orders.push_back(i / 10.0);
  for (int i = 11; i <= 64; ++i) orders.push_back(i);
  for (const double order : {80, 96, 128, 192, 256, 512, 1024}) orders.push_back(order);
  return orders;
}

bool IsWhole(double order) { return order == std::floor(order); }

}  // namespace

std::span<const double> DefaultOrders() {
  static const std::vector<double> orders = MakeOrders();
  return orders;
}

Status CheckMechanism(const PrivateMechanism& mechanism) {
  const auto wrong = [](const std::string& what) { return Usage("property.privacy.mechanism", what); };
  if (!(mechanism.sample_rate > 0 && mechanism.sample_rate <= 1)) {
    return wrong("the sample rate is not above 0 and at most 1");
  }
  if (!(mechanism.noise_multiplier >= kLeastNoise && mechanism.noise_multiplier <= kMostNoise)) {
    return wrong("the noise multiplier is not within 0.05 and 1e6");
  }
  if (mechanism.steps == 0 || mechanism.steps > kMostSteps) return wrong("the steps are not 1 to 2^40");
  return {};
}

double RenyiDivergence(const PrivateMechanism& mechanism, double order) {
  const double q = mechanism.sample_rate;
  const double sigma = mechanism.noise_multiplier;
  const auto steps = static_cast<double>(mechanism.steps);
  double one = 0;
  if (q == 1) {
    one = order / (2 * sigma * sigma);
  } else if (IsWhole(order)) {
    one = LogMomentWhole(q, sigma, static_cast<int>(order)) / (order - 1);
  } else {
    one = LogMomentFractional(q, sigma, order) / (order - 1);
  }
  return one * steps <= 1e300 ? one * steps : kInfinity;
}

Result<PrivacySpent> EpsilonFor(const PrivateMechanism& mechanism, double delta, std::span<const double> orders) {
  ATTESTML_CHECK(CheckMechanism(mechanism));
  if (!(delta > 0 && delta < 1)) return Usage("property.privacy.delta", "delta is not above 0 and below 1");
  PrivacySpent spent{kInfinity, 0};
  for (const double order : orders) {
    const double epsilon =
        RenyiDivergence(mechanism, order) + std::log1p(-1 / order) - (std::log(delta) + std::log(order)) / (order - 1);
    if (epsilon < spent.epsilon) spent = {epsilon, order};
  }
  spent.epsilon = std::max(0.0, spent.epsilon);
  return spent;
}

Result<PrivacyFailure> DeltaFor(const PrivateMechanism& mechanism, double epsilon, std::span<const double> orders) {
  ATTESTML_CHECK(CheckMechanism(mechanism));
  if (!(epsilon >= 0 && std::isfinite(epsilon))) return Usage("property.privacy.epsilon", "epsilon is not at least 0");
  PrivacyFailure failure{1, 0};
  for (const double order : orders) {
    const double log_delta =
        (order - 1) * (RenyiDivergence(mechanism, order) - epsilon + std::log1p(-1 / order)) - std::log(order);
    if (log_delta < std::log(failure.delta)) failure = {std::exp(log_delta), order};
  }
  return failure;
}

Result<double> NoiseMultiplierFor(double epsilon, double delta, double sample_rate, std::uint64_t steps) {
  if (!(epsilon > 0 && std::isfinite(epsilon))) return Usage("property.privacy.epsilon", "epsilon is not above 0");
  const auto enough = [&](double noise) -> Result<bool> {
    ATTESTML_TRY(const PrivacySpent spent, EpsilonFor({sample_rate, noise, steps}, delta));
    return spent.epsilon <= epsilon;
  };
  double low = kLeastNoise;
  ATTESTML_TRY(const bool least, enough(low));
  if (least) return low;
  double high = 1;
  for (;;) {
    ATTESTML_TRY(const bool good, enough(high));
    if (good) break;
    if (high >= kMostNoise) {
      return Usage("property.privacy.epsilon", "no noise gives an epsilon of " + FormatDecimal(epsilon));
    }
    low = high;
    high = std::min(kMostNoise, high * 4);
  }
  while (high - low > 1e-5 * high) {
    const double middle = (low + high) / 2;
    ATTESTML_TRY(const bool good, enough(middle));
    (good ? high : low) = middle;
  }
  return high;
}

}  // namespace attestml::properties
