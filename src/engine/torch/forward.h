// What each kind of network computes: spec/model.md section 4.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "engine/engine.h"

namespace attestml::engine {

// A batch as the networks take it. Images: `x`, channels-last. Texts: `tokens`, rows × length, and how many tokens each
// text has before its padding (at least 1).
struct Batch {
  at::Tensor x;
  at::Tensor tokens;
  std::vector<std::int64_t> lengths;
};

// Ids as integers, rows × length. Error id engine.arguments for a token that is none.
Result<at::Tensor> TokenTensor(const model::Architecture& architecture, Matrix x);
Result<Batch> MakeBatch(const model::Architecture& architecture, Matrix x);

enum class Mode : std::uint8_t {
  kTrain,    // batch norm by the batch, and its running statistics move
  kDerive,   // evaluation, with derivatives
  kPredict,  // evaluation; no result depends on how many tokens the other rows have
};

// Logits, rows × outputs. `values` and `buffers` are the tensors of model::ParameterShapes, trained and not.
at::Tensor Forward(const model::Architecture& architecture, const Batch& batch, const std::vector<at::Tensor>& values,
                   const std::vector<at::Tensor>& buffers, Mode mode);

}  // namespace attestml::engine
