#include "engine/torch/relu_pool.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>

namespace attestml::engine {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
constexpr std::uint8_t kNone = 4;  // no pixel of the four is above zero
constexpr std::int64_t kGrain = 1 << 14;

struct Shape {
  explicit Shape(at::IntArrayRef x) : rows(x[0]), channels(x[1]), height(x[2]), width(x[3]) {}
  std::int64_t pooled_lines() const { return rows * (height / 2); }
  std::int64_t pooled_width() const { return width / 2; }
  // Of the upper of the two lines that line `line` of the result comes from.
  std::int64_t LineAt(std::int64_t line) const {
    return ((line / (height / 2)) * height + 2 * (line % (height / 2))) * width * channels;
  }
  std::int64_t rows, channels, height, width;
};

// As at::max_pool2d: the first of equals, and what is not a number before all that is.
inline void Larger(float value, std::uint8_t at, float* best, std::uint8_t* which) {
  const bool take = (value > *best) | (value != value);  // NOLINT: no branch, so that it is vectorised
  *best = take ? value : *best;
  *which = take ? at : *which;
}

void PoolPixel(const float* __restrict upper, const float* __restrict lower, std::int64_t channels,
               float* __restrict out, std::uint8_t* __restrict which) {
  for (std::int64_t c = 0; c < channels; ++c) {
    float best = upper[c];
    std::uint8_t from = 0;
    Larger(upper[channels + c], 1, &best, &from);
    Larger(lower[c], 2, &best, &from);
    Larger(lower[channels + c], 3, &best, &from);
    const bool off = best <= 0;
    out[c] = off ? 0.0F : best;
    which[c] = off ? kNone : from;
  }
}

void SpreadPixel(const float* __restrict slope, const std::uint8_t* __restrict which, std::int64_t channels,
                 float* __restrict upper, float* __restrict lower) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const float value = slope[c];
    const std::uint8_t from = which[c];
    upper[c] = from == 0 ? value : 0.0F;
    upper[channels + c] = from == 1 ? value : 0.0F;
    lower[c] = from == 2 ? value : 0.0F;
    lower[channels + c] = from == 3 ? value : 0.0F;
  }
}

template <typename F>
void ForEachLine(const Shape& shape, F line) {
  const std::int64_t cost = std::max<std::int64_t>(1, shape.width * shape.channels);
  at::parallel_for(0, shape.pooled_lines(), std::max<std::int64_t>(1, kGrain / cost),
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t i = begin; i < end; ++i) line(i);
                   });
}

Tensor Pool(const Tensor& x, Tensor* which) {
  const Shape shape(x.sizes());
  const std::array sizes{shape.rows, shape.channels, shape.height / 2, shape.width / 2};
  Tensor out = at::empty(sizes, x.options(), kLayout);
  *which = at::empty(sizes, x.options().dtype(at::kByte), kLayout);
  const float* from = x.data_ptr<float>();
  float* to = out.data_ptr<float>();
  std::uint8_t* winners = which->data_ptr<std::uint8_t>();
  ForEachLine(shape, [&](std::int64_t line) {
    const float* upper = from + shape.LineAt(line);
    const float* lower = upper + shape.width * shape.channels;
    const std::int64_t first = line * shape.pooled_width();
    for (std::int64_t i = 0; i < shape.pooled_width(); ++i) {
      const std::int64_t at = (first + i) * shape.channels;
      PoolPixel(upper + 2 * i * shape.channels, lower + 2 * i * shape.channels, shape.channels, to + at, winners + at);
    }
  });
  return out;
}

Tensor Spread(const Tensor& slope, const Tensor& which, at::IntArrayRef sizes) {
  const Shape shape(sizes);
  const bool even = shape.height % 2 == 0 && shape.width % 2 == 0;
  Tensor out = at::empty(sizes, slope.options(), kLayout);
  if (!even) out.zero_();
  const float* from = slope.data_ptr<float>();
  const std::uint8_t* winners = which.data_ptr<std::uint8_t>();
  float* to = out.data_ptr<float>();
  ForEachLine(shape, [&](std::int64_t line) {
    float* upper = to + shape.LineAt(line);
    float* lower = upper + shape.width * shape.channels;
    const std::int64_t first = line * shape.pooled_width();
    for (std::int64_t i = 0; i < shape.pooled_width(); ++i) {
      const std::int64_t at = (first + i) * shape.channels;
      SpreadPixel(from + at, winners + at, shape.channels, upper + 2 * i * shape.channels,
                  lower + 2 * i * shape.channels);
    }
  });
  return out;
}

class ReluMaxPoolFunction : public torch::autograd::Function<ReluMaxPoolFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x) {
    Tensor which;
    Tensor out = Pool(x, &which);
    context->save_for_backward({which});
    context->saved_data["sizes"] = x.sizes();
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& slopes) {
    const Tensor which = context->get_saved_variables()[0];
    return {Spread(slopes[0].contiguous(kLayout), which, context->saved_data["sizes"].toIntVector())};
  }
};

}  // namespace

Tensor ReluMaxPool(const Tensor& x) {
  const bool ours = x.scalar_type() == at::kFloat && x.is_contiguous(kLayout) && x.size(2) >= 2 && x.size(3) >= 2;
  // The largest of ReLUs is the ReLU of the largest, of which there is a quarter as many; the derivatives agree too.
  return ours ? ReluMaxPoolFunction::apply(x) : at::max_pool2d(x, 2).relu_();
}

}  // namespace attestml::engine
