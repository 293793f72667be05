// How far the counts of one selection are from those of another over the same categories. spec/properties.md,
// "Representativeness". Categories that are empty on both sides must have been left out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "properties/value.h"

namespace attestml::properties {

struct CategoryCounts {
  std::vector<std::uint64_t> ours;
  std::vector<std::uint64_t> theirs;  // parallel to `ours`
};

// Half of the sum of |p - q|.
Value TotalVariation(const CategoryCounts& counts);

// Divergence (not its root) in nats: half of KL(p || m) plus half of KL(q || m), m the mean of p and q; 0 log 0 is 0.
Value JensenShannon(const CategoryCounts& counts);

// The sum of (p - q) ln(p / q). Undefined when a category is empty on one side, unless `floor` is given: then smaller
// proportions count as `floor`, and nothing is normalised again.
Value PopulationStability(const CategoryCounts& counts, std::optional<double> floor);

// Pearson's chi-square test of homogeneity of the 2 × k table, without continuity correction.
struct Homogeneity {
  Value statistic = 0;
  Value degrees = 0;
  Value p_value = 0;
};
Homogeneity TestHomogeneity(const CategoryCounts& counts);

}  // namespace attestml::properties
