// How equally groups of people are served. spec/properties.md, "fairness"; Fairlearn's definitions.
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Fairness final : public Property {
 public:
  std::string_view name() const override { return "fairness"; }
  std::string_view implementation() const override { return "fairness/1"; }
  bool needs_predictions() const override { return true; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
