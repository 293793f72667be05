// x86-64-v2. There is no fused multiply-add here, so the bits are not those of the other two.
#include <immintrin.h>

#include <cstddef>

namespace attestml::engine::onednn {
namespace {

using Vector = __m128;
using Narrow = __m128;
constexpr std::size_t kRows = 1;
constexpr const char* kIsa = "sse4";

inline void Read(const float* from, __m128* v) { *v = _mm_loadu_ps(from); }
inline void Broadcast(float x, __m128* v) { *v = _mm_set1_ps(x); }
inline __m128 MultiplyAdd(__m128 a, __m128 b, __m128 c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
inline void Write(__m128 v, float* to) { _mm_storeu_ps(to, v); }

}  // namespace
}  // namespace attestml::engine::onednn

#define KERNELS kBaselineKernels
#include "engine/onednn/kernels_body.h"
