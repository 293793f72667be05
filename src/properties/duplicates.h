// Records that stand in a dataset more than once, and equal records with different labels. spec/properties.md,
// "duplicates".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Duplicates final : public Property {
 public:
  std::string_view name() const override { return "duplicates"; }
  std::string_view implementation() const override { return "duplicates/1"; }
  bool needs_predictions() const override { return false; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
