// How well a selection represents a reference: per column, the distances of divergence.h. Part of the property
// `distribution`; spec/properties.md, "Representativeness".
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "properties/parameters.h"
#include "statement/claims.h"

namespace attestml::properties {

// Adds the results for one column. Numeric columns fall into the bins given, else into those between the distinct
// deciles of the reference. Error property.reference (usage) when the reference lacks the column or has it as another
// type.
Status MeasureRepresentativeness(const data::Table& table, const data::Table& reference, const std::string& column,
                                 const Bins& bins, std::optional<double> psi_floor,
                                 std::vector<statement::MetricResult>* out);

}  // namespace attestml::properties
