// One layer of torch.nn.LSTM, its backward pass written out.
#pragma once

#include <ATen/ATen.h>

namespace attestml::engine {

struct LstmWeights {
  at::Tensor input, hidden, input_bias, hidden_bias;  // weight_ih, weight_hh, bias_ih, bias_hh
};

// `x` is steps × rows × inputs; the result, steps × rows × units, has the state after each step. Knows derivatives.
at::Tensor Lstm(const at::Tensor& x, const LstmWeights& weights);

// The same without derivatives, each step's products on their own: what a row gives does not depend on how many steps
// the longest takes.
at::Tensor LstmStepwise(const at::Tensor& x, const LstmWeights& weights);

}  // namespace attestml::engine
