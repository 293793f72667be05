#include "properties/intervals.h"

#include <algorithm>
#include <cmath>

#include "base/decimal.h"

namespace attestml::properties {
namespace {

statement::Interval ToInterval(const char* method, Bounds bounds) {
  return {method, "0.95", FormatDecimal(bounds.lower), FormatDecimal(bounds.upper)};
}

}  // namespace

Bounds WilsonBounds(std::uint64_t successes, std::uint64_t trials) {
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double z2 = kNormalQuantile975 * kNormalQuantile975;
  const double scale = 1 + z2 / n;
  const double center = (p + z2 / (2 * n)) / scale;
  const double half = kNormalQuantile975 * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / scale;
  Bounds bounds{std::max(0.0, center - half), std::min(1.0, center + half)};
  // Exact by algebra, not always by rounding.
  if (successes == 0) bounds.lower = 0;
  if (successes == trials) bounds.upper = 1;
  return bounds;
}

Bounds HanleyMcNeilBounds(double area, std::uint64_t positives, std::uint64_t negatives) {
  const double np = static_cast<double>(positives);
  const double nn = static_cast<double>(negatives);
  const double q1 = area / (2 - area);
  const double q2 = 2 * area * area / (1 + area);
  const double square = area * area;
  const double variance = (area * (1 - area) + (np - 1) * (q1 - square) + (nn - 1) * (q2 - square)) / (np * nn);
  const double half = kNormalQuantile975 * std::sqrt(std::max(0.0, variance));
  return {std::max(0.0, area - half), std::min(1.0, area + half)};
}

statement::Interval WilsonInterval(std::uint64_t successes, std::uint64_t trials) {
  return ToInterval("wilson", WilsonBounds(successes, trials));
}

statement::Interval HanleyMcNeilInterval(double area, std::uint64_t positives, std::uint64_t negatives) {
  return ToInterval("hanley-mcneil", HanleyMcNeilBounds(area, positives, negatives));
}

}  // namespace attestml::properties
