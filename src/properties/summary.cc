#include "properties/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "properties/summation.h"

namespace attestml::properties {

Value Mean(std::span<const double> values) {
  Sum sum;
  for (const double value : values) sum.Add(value);
  return Ratio(sum.Total(), static_cast<double>(values.size()), reason::kNoValues);
}

Value SampleDeviation(std::span<const double> values) {
  if (values.size() < 2) return Value::Undefined(reason::kFewerThanTwo);
  const Value mean = Mean(values);
  if (!mean.defined()) return mean;
  Sum squares;
  for (const double value : values) squares.Add((value - mean.number()) * (value - mean.number()));
  return std::sqrt(squares.Total() / static_cast<double>(values.size() - 1));
}

std::vector<Value> Quantiles(std::span<const double> values, std::span<const double> levels) {
  std::vector<Value> quantiles(levels.size(), Value::Undefined(reason::kNoValues));
  if (values.empty()) return quantiles;
  std::vector<std::size_t> order(levels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return levels[a] < levels[b]; });
  // Selecting ascending ranks, each in what lies right of the one before, is several times cheaper than sorting.
  std::vector<double> sorted(values.begin(), values.end());
  auto from = sorted.begin();
  for (const std::size_t i : order) {
    const double h = static_cast<double>(values.size() - 1) * levels[i];
    const double below = std::floor(h);
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(from, at, sorted.end());
    from = at;
    const double next = at + 1 == sorted.end() ? *at : *std::min_element(at + 1, sorted.end());
    quantiles[i] = *at + (h - below) * (next - *at);
  }
  return quantiles;
}

}  // namespace attestml::properties
