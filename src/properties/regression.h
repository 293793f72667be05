// How far predicted numbers are from the true ones. spec/properties.md, "regression".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Regression final : public Property {
 public:
  std::string_view name() const override { return "regression"; }
  std::string_view implementation() const override { return "regression/1"; }
  bool needs_predictions() const override { return true; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
