#include "properties/chi_square.h"

#include <cmath>
#include <limits>

namespace attestml::properties {
namespace {

constexpr int kMaxTerms = 100000;
constexpr double kEpsilon = 1e-16;

// lgamma, not tgamma: x^a e^-x / Gamma(a) would overflow from a = 171 on. lgamma_r because lgamma writes a global.
double Prefactor(double a, double x) {
  int sign = 0;
  return std::exp(a * std::log(x) - x - ::lgamma_r(a, &sign));
}

// P(a, x) by its power series: x^a e^-x / Gamma(a) × sum of x^n / (a (a+1) … (a+n)).
double LowerSeries(double a, double x) {
  double term = 1 / a;
  double sum = term;
  for (int n = 1; n < kMaxTerms; ++n) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * kEpsilon) return sum * Prefactor(a, x);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

// Q(a, x) by Lentz's method on the continued fraction 1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- …))).
double UpperFraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (int n = 1; n < kMaxTerms; ++n) {
    const double numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    if (std::fabs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::fabs(c) < kTiny) c = kTiny;
    d = 1 / d;
    const double factor = d * c;
    fraction *= factor;
    if (std::fabs(factor - 1) < kEpsilon * 4) return fraction * Prefactor(a, x);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double UpperIncompleteGamma(double a, double x) {
  if (!(a > 0) || !(x >= 0)) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return 1;
  if (std::isinf(x)) return 0;
  return x < a + 1 ? 1 - LowerSeries(a, x) : UpperFraction(a, x);
}

double ChiSquareTail(double statistic, double degrees) { return UpperIncompleteGamma(degrees / 2, statistic / 2); }

}  // namespace attestml::properties
