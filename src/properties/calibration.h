// Whether probabilities mean what they say. spec/properties.md, "calibration".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Calibration final : public Property {
 public:
  std::string_view name() const override { return "calibration"; }
  std::string_view implementation() const override { return "calibration/1"; }
  bool needs_predictions() const override { return true; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
