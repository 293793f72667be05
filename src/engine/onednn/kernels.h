// The loops around oneDNN's matrix products, and the product that predictions use. One source, compiled for three
// instruction sets; the two with fused multiply-add give the same bits.
//
// The prediction product adds in one order for every output: k = 0, 1, …, each step one fused multiply-add. So a row's
// result does not depend on the other rows, on threads, or on the vector width.
#pragma once

#include <cstddef>
#include <span>

namespace attestml::engine::onednn {

// Columns of W^T stand in panels of this many, then in narrow ones for the rest, zeros at the end.
inline constexpr std::size_t kPanel = 32;
inline constexpr std::size_t kNarrow = 8;

enum class Activate : unsigned char { kNone, kRelu, kTanh };

struct AdamScalars {
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float root_correction2;  // sqrt(1 - beta2^t)
  float epsilon;
  float step_size;  // rate / (1 - beta1^t)
  float decay;      // AdamW: parameters × this first; 1 when there is none
  float l2;         // Adam: gradient + this × parameter; 0 when there is none
};

struct Kernels {
  const char* isa;
  // y[rows × outputs] = x[rows × inputs] · panels, the order above.
  void (*product)(const float* x, std::size_t rows, std::size_t inputs, const float* panels, std::size_t outputs,
                  float* y);
  // z = activate(z + bias) on each of `rows` rows.
  void (*bias_activate)(float* z, const float* bias, std::size_t rows, std::size_t columns, Activate activate);
  // slope × activate'(z), where `activation` holds activate(z).
  void (*activation_slope)(float* slope, const float* activation, std::size_t count, Activate activate);
  void (*column_sums)(const float* x, std::size_t rows, std::size_t columns, float* sums);
  // `momentum_buffer` may be null when momentum is 0; `first` takes the gradient as it is.
  void (*sgd)(float* p, const float* g, float* momentum_buffer, std::size_t count, float rate, float momentum, float l2,
              bool first);
  void (*adam)(float* p, const float* g, float* m, float* v, std::size_t count, const AdamScalars& scalars);
};

extern const Kernels kBaselineKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

// The kernels that this processor can run, best first.
std::span<const Kernels* const> UsableKernels();

// Floats that PackPanels writes for a weight of outputs × inputs.
std::size_t PanelFloats(std::size_t outputs, std::size_t inputs);
// Packs a row-major weight, outputs × inputs, for `product`.
void PackPanels(const float* weight, std::size_t outputs, std::size_t inputs, float* panels);

}  // namespace attestml::engine::onednn
