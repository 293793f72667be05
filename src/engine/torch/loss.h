// Losses and their derivatives, without a graph.
#pragma once

#include <ATen/ATen.h>

#include <span>

#include "engine/engine.h"

namespace attestml::engine {

// Mean cross entropy as torch.nn.CrossEntropyLoss(weight=…, label_smoothing=…) has it, or of numbers the mean squared
// error as torch.nn.MSELoss has it; `slope`, when asked for, becomes its derivative by the outputs. `outputs` is
// contiguous, rows × classes (or × 1), float32.
float MeanLoss(const at::Tensor& outputs, const Targets& targets, std::span<const float> weights, double smoothing,
               at::Tensor* slope);

// The loss of each record on its own, weight left in but divided by nothing: what a private step hides record by
// record. Row i of `slope` is the derivative of record i's loss. Returns the mean loss.
float RecordLoss(const at::Tensor& outputs, const Targets& targets, std::span<const float> weights, double smoothing,
                 at::Tensor* slope);

}  // namespace attestml::engine
