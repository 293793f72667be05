// The networks of this engine, each behind the interface of engine.h. All may throw what libtorch throws.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "engine/torch/computation.h"

namespace attestml::engine {

// Layers of matrix products with forward and backward written out: a step of a small network needs no graph.
std::unique_ptr<Network> MakeMlpNetwork(const model::Architecture& architecture);

// Gradients by autograd, of whatever the computation is.
std::unique_ptr<Network> MakeGraphNetwork(const model::Architecture& architecture,
                                          std::unique_ptr<Computation> computation);

// The arguments that private steps share, checked by both.
Status CheckPrivateStep(const model::Architecture& architecture, Matrix x, const Targets& targets,
                        const PrivateStep& step, std::int64_t trained_values);

// Whether bfloat16 is there, and safe: engine.precision.
Status CheckPrecision(Precision precision);

}  // namespace attestml::engine
