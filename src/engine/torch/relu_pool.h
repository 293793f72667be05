// relu(max_pool2d(x, 2)) in one pass over channels-last images.
#pragma once

#include <ATen/ATen.h>

namespace attestml::engine {

// `x` is rows × channels × height × width; the result has half the height and width, rounded down. Values and
// derivatives are those of at::max_pool2d and at::relu, bit for bit. Of `x` nothing is kept for the derivative but
// which of each four pixels won, a byte.
at::Tensor ReluMaxPool(const at::Tensor& x);

}  // namespace attestml::engine
