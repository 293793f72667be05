// The chi-square distribution, by the regularised incomplete gamma function.
#pragma once

namespace attestml::properties {

// Q(a, x), the upper regularised incomplete gamma function, for a > 0 and x >= 0, to about 1e-14 relative: a series
// below a + 1, a continued fraction above it. NaN when neither converges (a beyond 1e7).
double UpperIncompleteGamma(double a, double x);

// P(X >= statistic) for X chi-square distributed with `degrees` > 0 degrees of freedom.
double ChiSquareTail(double statistic, double degrees);

}  // namespace attestml::properties
