// What a selection holds: proportions, numeric summaries, missing values, and how it compares with a reference.
// spec/properties.md, "distribution".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Distribution final : public Property {
 public:
  std::string_view name() const override { return "distribution"; }
  std::string_view implementation() const override { return "distribution/1"; }
  bool needs_predictions() const override { return false; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
