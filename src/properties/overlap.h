// How many records of a selection stand in others too. spec/properties.md, "overlap".
#pragma once

#include "properties/property.h"

namespace attestml::properties {

class Overlap final : public Property {
 public:
  std::string_view name() const override { return "overlap"; }
  std::string_view implementation() const override { return "overlap/1"; }
  bool needs_predictions() const override { return false; }
  Result<Measurement> Measure(const Inputs& inputs) const override;
};

}  // namespace attestml::properties
