// The rows that results are over: the whole selection, and each group of each element of the parameter `slices`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "properties/parameters.h"

namespace attestml::properties {

struct Slice {
  std::map<std::string, std::string> key;  // empty for the whole selection, which comes first
  std::vector<std::uint32_t> rows;
};

// Reads the parameters `slices` and `bins`. Error property.size (usage) when there would be more than 50000 results of
// `results_each`; property.parameter, property.column, property.bins, property.groups.
Result<std::vector<Slice>> ReadSlices(const Parameters& parameters, const data::Table& table, std::size_t results_each);

}  // namespace attestml::properties
