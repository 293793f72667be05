// Differential privacy of the training that made a model. spec/properties.md, "privacy".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Privacy final : public Property {
 public:
  std::string_view name() const override { return "privacy"; }
  std::string_view implementation() const override { return "privacy/1"; }
  bool needs_predictions() const override { return false; }
  unsigned needs() const override { return kTraining; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
