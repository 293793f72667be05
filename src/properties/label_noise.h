// How many labels are likely wrong, by what a model says of the records: C. Northcutt, L. Jiang, I. Chuang, "Confident
// Learning: Estimating Uncertainty in Dataset Labels", JAIR 70 (2021), arXiv:1911.00068. spec/properties.md,
// "label-noise".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class LabelNoise final : public Property {
 public:
  std::string_view name() const override { return "label-noise"; }
  std::string_view implementation() const override { return "label-noise/1"; }
  bool needs_predictions() const override { return true; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
