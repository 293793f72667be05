// AVX2 with FMA.
#include <immintrin.h>

#include <cstddef>

namespace attestml::engine::onednn {
namespace {

using Vector = __m256;
using Narrow = __m256;
constexpr std::size_t kRows = 3;
constexpr const char* kIsa = "avx2";

inline void Read(const float* from, __m256* v) { *v = _mm256_loadu_ps(from); }
inline void Broadcast(float x, __m256* v) { *v = _mm256_set1_ps(x); }
inline __m256 MultiplyAdd(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
inline void Write(__m256 v, float* to) { _mm256_storeu_ps(to, v); }

}  // namespace
}  // namespace attestml::engine::onednn

#define KERNELS kAvx2Kernels
#include "engine/onednn/kernels_body.h"
