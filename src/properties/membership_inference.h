// How well the records a model was trained on can be told from others by its loss. spec/properties.md,
// "membership-inference". S. Yeom et al., "Privacy Risk in Machine Learning", CSF 2018, arXiv:1709.01604.
#pragma once

#include "properties/property.h"

namespace attestml::properties {

// The table is of members, the one reference of records that are none.
class MembershipInference final : public Property {
 public:
  std::string_view name() const override { return "membership-inference"; }
  std::string_view implementation() const override { return "membership-inference/1"; }
  bool needs_predictions() const override { return true; }
  unsigned needs() const override { return kPredictions | kReferencePredictions; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
