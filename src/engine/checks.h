// What every engine checks before it touches an argument.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace attestml::engine {

inline std::int64_t ElementCount(const model::NamedTensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= size;
  return count;
}

// All errors have id engine.arguments and kind usage: they are mistakes of the caller.
inline Error BadArguments(const std::string& message) { return Usage("engine.arguments", message); }

inline Status CheckParameters(std::span<const model::NamedTensor> shapes,
                              std::span<const model::NamedTensor> parameters) {
  if (shapes.size() != parameters.size()) {
    return BadArguments(std::to_string(parameters.size()) + " parameters, want " + std::to_string(shapes.size()));
  }
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (parameters[i].name != shapes[i].name || parameters[i].shape != shapes[i].shape ||
        parameters[i].values.size() != static_cast<std::size_t>(ElementCount(shapes[i]))) {
      return BadArguments("parameter " + std::to_string(i) + " is not the architecture's " + shapes[i].name);
    }
  }
  return {};
}

inline Status CheckClassWeights(const model::Architecture& architecture, std::span<const float> weights) {
  if (!weights.empty() && architecture.outputs == 1) return BadArguments("class weights for a model without classes");
  if (!weights.empty() && weights.size() != static_cast<std::size_t>(architecture.outputs)) {
    return BadArguments(std::to_string(weights.size()) + " class weights, want " +
                        std::to_string(architecture.outputs));
  }
  return {};
}

inline Status CheckInputs(const model::Architecture& architecture, Matrix x) {
  if (x.columns != static_cast<std::size_t>(architecture.inputs)) {
    return BadArguments(std::to_string(x.columns) + " inputs, want " + std::to_string(architecture.inputs));
  }
  return {};
}

inline Status CheckSmoothing(const model::Architecture& architecture, double smoothing) {
  if (smoothing == 0 || architecture.outputs > 1) return {};
  return BadArguments("labels to smooth for a model without classes");
}

inline Status CheckTargets(const model::Architecture& architecture, Matrix x, const Targets& targets) {
  ATTESTML_CHECK(CheckInputs(architecture, x));
  if (targets.numeric() != (architecture.outputs == 1)) {
    return BadArguments(std::string(targets.numeric() ? "numbers" : "labels") + " for a model of " +
                        std::to_string(architecture.outputs) + " outputs");
  }
  if (targets.size() != x.rows) {
    return BadArguments(std::to_string(x.rows) + " rows and " + std::to_string(targets.size()) + " targets");
  }
  for (const float number : targets.numbers()) {
    if (!std::isfinite(number)) return BadArguments("a number is not finite");
  }
  for (const std::int32_t label : targets.labels()) {
    if (label < 0 || label >= architecture.outputs) {
      return BadArguments("label " + std::to_string(label) + ", want 0 to " + std::to_string(architecture.outputs - 1));
    }
  }
  return {};
}

inline Status CheckBatch(const model::Architecture& architecture, Matrix x, const Targets& targets) {
  if (x.rows == 0) return BadArguments("a batch of no rows");
  return CheckTargets(architecture, x, targets);
}

inline Status CheckPredict(const model::Architecture& architecture, Matrix x, std::span<const float> logits) {
  ATTESTML_CHECK(CheckInputs(architecture, x));
  if (logits.size() != x.rows * static_cast<std::size_t>(architecture.outputs)) {
    return BadArguments("room for " + std::to_string(logits.size()) + " logits, want " +
                        std::to_string(x.rows * static_cast<std::size_t>(architecture.outputs)));
  }
  return {};
}

inline Status CheckGradient(Matrix x, std::span<const float> gradient) {
  if (gradient.size() != x.rows * x.columns) {
    return BadArguments("room for " + std::to_string(gradient.size()) + " derivatives, want " +
                        std::to_string(x.rows * x.columns));
  }
  return {};
}

}  // namespace attestml::engine
