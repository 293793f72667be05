// How often predictions are right, and how well their probabilities say so. spec/properties.md, "accuracy".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Accuracy final : public Property {
 public:
  std::string_view name() const override { return "accuracy"; }
  std::string_view implementation() const override { return "accuracy/1"; }
  bool needs_predictions() const override { return true; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
