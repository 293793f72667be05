#include "properties/binomial.h"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace attestml::properties {
namespace {

constexpr int kMaxTerms = 1000000;
constexpr double kEpsilon = 1e-16;

double LogGamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);  // lgamma writes a global
}

// Lentz's method on the continued fraction of I_x(a, b) (Abramowitz and Stegun 26.5.8), which converges fast where
// x < (a + 1) / (a + b + 2).
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::fabs(d) < kTiny ? kTiny : d);
  double fraction = d;
  for (int m = 1; m < kMaxTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double numerator : {even, odd}) {
      d = 1 + numerator * d;
      d = 1 / (std::fabs(d) < kTiny ? kTiny : d);
      c = 1 + numerator / c;
      if (std::fabs(c) < kTiny) c = kTiny;
      fraction *= d * c;
      change = d * c;
    }
    if (std::fabs(change - 1) < kEpsilon) return fraction;
  }
  return fraction;
}

// The x in low … high at which an increasing function passes 0: bisected until the doubles are neighbours.
template <typename Function>
double Root(double low, double high, Function f) {
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return low;
    (f(middle) < 0 ? low : high) = middle;
  }
}

}  // namespace

double RegularizedBeta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, 1 - x) / b;
}

double ClopperPearsonLower(std::uint64_t successes, std::uint64_t trials, double alpha) {
  if (successes == 0) return 0;
  // P(at least `successes` of `trials`) rises with the chance, and is alpha at the bound.
  if (successes == trials) return std::pow(alpha, 1 / static_cast<double>(trials));
  const auto k = static_cast<double>(successes);
  const auto n = static_cast<double>(trials);
  return Root(0, 1, [&](double p) { return RegularizedBeta(k, n - k + 1, p) - alpha; });
}

double NormalQuantile(double p) {
  // The smaller tail, so that nothing cancels: Phi(-x) = erfc(x / sqrt 2) / 2.
  if (p > 0.5) return -NormalQuantile(1 - p);
  const double x = Root(0, 40, [&](double y) { return p - std::erfc(y / std::numbers::sqrt2) / 2; });
  return -x;
}

}  // namespace attestml::properties
