// The beta and binomial distributions, for exact intervals. spec/properties.md, "robustness", smoothing.
#pragma once

#include <cstdint>

namespace attestml::properties {

// I_x(a, b), the regularised incomplete beta function; a and b above 0, x within 0 and 1.
double RegularizedBeta(double a, double b, double x);

// C. Clopper and E. Pearson (1934): the one-sided lower bound, at confidence 1 - alpha, of a chance that made
// `successes` of `trials`. 0 without successes.
double ClopperPearsonLower(std::uint64_t successes, std::uint64_t trials, double alpha);

// The p-quantile of the standard normal distribution, 0 < p < 1.
double NormalQuantile(double p);

}  // namespace attestml::properties
