#include "properties/divergence.h"

#include <algorithm>
#include <cmath>

#include "properties/chi_square.h"
#include "properties/summation.h"

namespace attestml::properties {
namespace {

double TotalOf(const std::vector<std::uint64_t>& counts) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  return static_cast<double>(total);
}

// Calls visit(p, q) for each category; false when one side is empty.
template <typename Visit>
bool ForEachCategory(const CategoryCounts& counts, Visit visit) {
  const double ours = TotalOf(counts.ours);
  const double theirs = TotalOf(counts.theirs);
  if (ours == 0 || theirs == 0) return false;
  for (std::size_t i = 0; i < counts.ours.size(); ++i) {
    visit(static_cast<double>(counts.ours[i]) / ours, static_cast<double>(counts.theirs[i]) / theirs);
  }
  return true;
}

}  // namespace

Value TotalVariation(const CategoryCounts& counts) {
  Sum sum;
  if (!ForEachCategory(counts, [&](double p, double q) { sum.Add(std::fabs(p - q)); })) {
    return Value::Undefined(reason::kNoRecords);
  }
  return std::min(1.0, sum.Total() / 2);
}

Value JensenShannon(const CategoryCounts& counts) {
  Sum sum;
  const bool both = ForEachCategory(counts, [&](double p, double q) {
    const double middle = (p + q) / 2;
    if (p > 0) sum.Add(p / 2 * std::log(p / middle));
    if (q > 0) sum.Add(q / 2 * std::log(q / middle));
  });
  return both ? Value(std::max(0.0, sum.Total())) : Value::Undefined(reason::kNoRecords);
}

Value PopulationStability(const CategoryCounts& counts, std::optional<double> floor) {
  Sum sum;
  bool one_sided = false;
  const bool both = ForEachCategory(counts, [&](double p, double q) {
    if (floor) {
      p = std::max(p, *floor);
      q = std::max(q, *floor);
    }
    if (p == 0 || q == 0) {
      one_sided = true;
    } else {
      sum.Add((p - q) * std::log(p / q));
    }
  });
  if (!both) return Value::Undefined(reason::kNoRecords);
  return one_sided ? Value::Undefined(reason::kOneSided) : Value(sum.Total());
}

Homogeneity TestHomogeneity(const CategoryCounts& counts) {
  const auto undefined = [](std::string_view why) {
    const Value value = Value::Undefined(why);
    return Homogeneity{value, value, value};
  };
  const double ours = TotalOf(counts.ours);
  const double theirs = TotalOf(counts.theirs);
  if (ours == 0 || theirs == 0) return undefined(reason::kNoRecords);
  if (counts.ours.size() < 2) return undefined(reason::kOneCategory);
  Sum sum;
  for (std::size_t i = 0; i < counts.ours.size(); ++i) {
    const double column = static_cast<double>(counts.ours[i] + counts.theirs[i]);
    const auto add = [&](std::uint64_t seen, double row) {
      const double expected = row * column / (ours + theirs);
      const double difference = static_cast<double>(seen) - expected;
      sum.Add(difference * difference / expected);
    };
    add(counts.ours[i], ours);
    add(counts.theirs[i], theirs);
  }
  const double degrees = static_cast<double>(counts.ours.size() - 1);
  const double tail = ChiSquareTail(sum.Total(), degrees);
  return {sum.Total(), degrees, Value(std::isfinite(tail) ? std::clamp(tail, 0.0, 1.0) : tail)};
}

}  // namespace attestml::properties
