// Included once by each kernels_*.cc, after it has defined Vector, Narrow, kRows, kIsa and KERNELS. Only builtins and
// functions without linkage in here: a template of the standard library, compiled for a newer processor, could be the
// copy that the linker keeps for everybody.

#include "engine/onednn/kernels.h"

namespace attestml::engine::onednn {
namespace {

constexpr std::size_t kWide = sizeof(Vector) / sizeof(float);
constexpr std::size_t kEight = sizeof(Narrow) / sizeof(float);

// ROWS × (COUNT vectors) of y at once, so that each loaded weight is used ROWS times.
template <typename V, std::size_t ROWS, std::size_t COUNT>
inline void Tile(const float* x, std::size_t inputs, const float* panel, float* y, std::size_t outputs,
                 std::size_t used) {
  constexpr std::size_t kWidth = sizeof(V) / sizeof(float);
  V sums[ROWS][COUNT] = {};
  for (std::size_t k = 0; k < inputs; ++k) {
    V weights[COUNT];
    for (std::size_t c = 0; c < COUNT; ++c) Read(panel + (k * COUNT + c) * kWidth, &weights[c]);
    for (std::size_t r = 0; r < ROWS; ++r) {
      V value;
      Broadcast(x[r * inputs + k], &value);
      for (std::size_t c = 0; c < COUNT; ++c) sums[r][c] = MultiplyAdd(value, weights[c], sums[r][c]);
    }
  }
  for (std::size_t r = 0; r < ROWS; ++r) {
    if (used == COUNT * kWidth) {
      for (std::size_t c = 0; c < COUNT; ++c) Write(sums[r][c], y + r * outputs + c * kWidth);
    } else {
      float row[COUNT * kWidth];
      for (std::size_t c = 0; c < COUNT; ++c) Write(sums[r][c], row + c * kWidth);
      for (std::size_t j = 0; j < used; ++j) y[r * outputs + j] = row[j];
    }
  }
}

void Product(const float* x, std::size_t rows, std::size_t inputs, const float* panels, std::size_t outputs, float* y) {
  std::size_t begin = 0;
  while (begin < outputs) {
    const bool wide = outputs - begin >= kPanel;
    const std::size_t width = wide ? kPanel : kNarrow;
    const std::size_t used = outputs - begin < width ? outputs - begin : width;
    std::size_t r = 0;
    for (; r + kRows <= rows; r += kRows) {
      if (wide) {
        Tile<Vector, kRows, kPanel / kWide>(x + r * inputs, inputs, panels, y + r * outputs + begin, outputs, used);
      } else {
        Tile<Narrow, kRows, kNarrow / kEight>(x + r * inputs, inputs, panels, y + r * outputs + begin, outputs, used);
      }
    }
    for (; r < rows; ++r) {
      if (wide) {
        Tile<Vector, 1, kPanel / kWide>(x + r * inputs, inputs, panels, y + r * outputs + begin, outputs, used);
      } else {
        Tile<Narrow, 1, kNarrow / kEight>(x + r * inputs, inputs, panels, y + r * outputs + begin, outputs, used);
      }
    }
    panels += inputs * width;
    begin += used;
  }
}

// tanh as the quotient of two polynomials (the minimax one that Eigen uses), within 4 units in the last place; libm's
// cannot be vectorised.
inline float Tanh(float x) {
  constexpr float kClamp = 7.90531110763549805F;
  x = x > kClamp ? kClamp : x;
  x = x < -kClamp ? -kClamp : x;
  const float s = x * x;
  float p = s * -2.76076847742355e-16F + 2.00018790482477e-13F;
  p = s * p + -8.60467152213735e-11F;
  p = s * p + 5.12229709037114e-08F;
  p = s * p + 1.48572235717979e-05F;
  p = s * p + 6.37261928875436e-04F;
  p = s * p + 4.89352455891786e-03F;
  p = x * p;
  float q = s * 1.19825839466702e-06F + 1.18534705686654e-04F;
  q = s * q + 2.26843463243900e-03F;
  q = s * q + 4.89352518554385e-03F;
  return p / q;
}

void BiasActivate(float* z, const float* bias, std::size_t rows, std::size_t columns, Activate activate) {
  for (std::size_t r = 0; r < rows; ++r, z += columns) {
    switch (activate) {
      case Activate::kNone:
        for (std::size_t j = 0; j < columns; ++j) z[j] = z[j] + bias[j];
        break;
      case Activate::kRelu:
        for (std::size_t j = 0; j < columns; ++j) {
          const float sum = z[j] + bias[j];
          z[j] = sum < 0.0F ? 0.0F : sum;  // a NaN stays one
        }
        break;
      case Activate::kTanh:
        for (std::size_t j = 0; j < columns; ++j) z[j] = Tanh(z[j] + bias[j]);
        break;
    }
  }
}

void ActivationSlope(float* slope, const float* activation, std::size_t count, Activate activate) {
  switch (activate) {
    case Activate::kNone:
      break;
    case Activate::kRelu:
      for (std::size_t i = 0; i < count; ++i) slope[i] = activation[i] > 0.0F ? slope[i] : 0.0F;
      break;
    case Activate::kTanh:
      for (std::size_t i = 0; i < count; ++i) slope[i] = slope[i] * (1.0F - activation[i] * activation[i]);
      break;
  }
}

void ColumnSums(const float* x, std::size_t rows, std::size_t columns, float* sums) {
  for (std::size_t j = 0; j < columns; ++j) sums[j] = 0.0F;
  for (std::size_t r = 0; r < rows; ++r, x += columns) {
    for (std::size_t j = 0; j < columns; ++j) sums[j] += x[j];
  }
}

void Sgd(float* __restrict p, const float* __restrict g, float* __restrict buffer, std::size_t count, float rate,
         float momentum, float l2, bool first) {
  if (buffer == nullptr) {
    for (std::size_t i = 0; i < count; ++i) p[i] = p[i] - rate * (g[i] + l2 * p[i]);
  } else if (first) {
    for (std::size_t i = 0; i < count; ++i) {
      buffer[i] = g[i] + l2 * p[i];
      p[i] = p[i] - rate * buffer[i];
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      buffer[i] = momentum * buffer[i] + (g[i] + l2 * p[i]);
      p[i] = p[i] - rate * buffer[i];
    }
  }
}

void Adam(float* __restrict p, const float* __restrict g, float* __restrict m, float* __restrict v, std::size_t count,
          const AdamScalars& scalars) {
  const AdamScalars s = scalars;
  for (std::size_t i = 0; i < count; ++i) {
    const float gradient = g[i] + s.l2 * p[i];
    const float parameter = p[i] * s.decay;
    m[i] = s.beta1 * m[i] + s.one_minus_beta1 * gradient;
    v[i] = s.beta2 * v[i] + s.one_minus_beta2 * gradient * gradient;
    const float denominator = __builtin_sqrtf(v[i]) / s.root_correction2 + s.epsilon;
    p[i] = parameter - s.step_size * m[i] / denominator;
  }
}

}  // namespace

extern const Kernels KERNELS;
const Kernels KERNELS = {kIsa, Product, BiasActivate, ActivationSlope, ColumnSums, Sgd, Adam};

}  // namespace attestml::engine::onednn
