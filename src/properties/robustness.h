// How often a model stays right when its inputs are changed. spec/properties.md, "robustness".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

// A reference, if there is one, holds changed versions of the same records in the same order.
class Robustness final : public Property {
 public:
  std::string_view name() const override { return "robustness"; }
  std::string_view implementation() const override { return "robustness/1"; }
  bool needs_predictions() const override { return true; }
  unsigned needs() const override { return kPredictions | kReferencePredictions | kModel | kSeed; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
