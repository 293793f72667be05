// How large a model is and what its training took. spec/properties.md, "compute".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

// Without facts of training (of a model that was trained elsewhere) it gives its size alone.
class Compute final : public Property {
 public:
  std::string_view name() const override { return "compute"; }
  std::string_view implementation() const override { return "compute/1"; }
  bool needs_predictions() const override { return false; }
  unsigned needs() const override { return kModel | kTraining; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
