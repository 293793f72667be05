// Numbers that summarise a numeric column. spec/properties.md, "Numeric summaries".
#pragma once

#include <span>
#include <vector>

#include "properties/value.h"

namespace attestml::properties {

// Compensated sum / n. Undefined without values.
Value Mean(std::span<const double> values);

// Sample standard deviation: the root of the sum of squared differences from the mean over n - 1. Undefined below two.
Value SampleDeviation(std::span<const double> values);

// Quantiles of type 7 (Hyndman and Fan; the default of R and NumPy): with h = (n - 1) p and x sorted, counted from 0,
// x[floor h] + (h - floor h) (x[floor h + 1] - x[floor h]). `levels` lie within 0 and 1; one value each, in their
// order.
std::vector<Value> Quantiles(std::span<const double> values, std::span<const double> levels);

}  // namespace attestml::properties
