// Floating-point operations of one prediction, counted from the architecture. spec/properties.md, "compute".
#pragma once

#include "model/model.h"
#include "properties/value.h"

namespace attestml::properties {

// Convolutions and matrix products only, 2 for each multiplication, those with padding (of texts, and at an image's
// edges) among them. Undefined for programs, which are not read.
Value ForwardFlops(const model::Architecture& architecture);

}  // namespace attestml::properties
