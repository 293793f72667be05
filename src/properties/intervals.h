// Confidence intervals at the level 0.95. spec/properties.md, "Intervals".
#pragma once

#include <cstdint>

#include "statement/claims.h"

namespace attestml::properties {

// The 0.975 quantile of the standard normal distribution, to the last bit of a double.
inline constexpr double kNormalQuantile975 = 1.959963984540054;

struct Bounds {
  double lower = 0;
  double upper = 1;
};

// Wilson's score interval, without continuity correction, for `successes` of `trials` (at least 1).
Bounds WilsonBounds(std::uint64_t successes, std::uint64_t trials);

// Hanley and McNeil (1982): area ± z × standard error, cut at 0 and 1. Both counts at least 1.
Bounds HanleyMcNeilBounds(double area, std::uint64_t positives, std::uint64_t negatives);

statement::Interval WilsonInterval(std::uint64_t successes, std::uint64_t trials);
statement::Interval HanleyMcNeilInterval(double area, std::uint64_t positives, std::uint64_t negatives);

}  // namespace attestml::properties
