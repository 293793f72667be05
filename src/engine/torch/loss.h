// Cross entropy and its derivative, without a graph.
#pragma once

#include <ATen/ATen.h>

#include <span>

#include "engine/engine.h"

namespace attestml::engine {

// Mean cross entropy as torch.nn.CrossEntropyLoss(weight=…, label_smoothing=…) has it; `slope`, when asked for, becomes
// its derivative by the logits. `logits` is contiguous, rows × classes, float32.
float MeanCrossEntropy(const at::Tensor& logits, std::span<const std::int32_t> labels, std::span<const float> weights,
                       double smoothing, at::Tensor* slope);

// The loss of each record on its own, weight left in but divided by nothing: what a private step hides record by
// record. Row i of `slope` is the derivative of record i's loss. Returns the mean loss.
float RecordCrossEntropy(const at::Tensor& logits, std::span<const std::int32_t> labels, std::span<const float> weights,
                         double smoothing, at::Tensor* slope);

}  // namespace attestml::engine
