// AVX-512: F, DQ, BW, VL.
#include <immintrin.h>

#include <cstddef>

namespace attestml::engine::onednn {
namespace {

using Vector = __m512;
using Narrow = __m256;
constexpr std::size_t kRows = 8;
constexpr const char* kIsa = "avx512";

inline void Read(const float* from, __m512* v) { *v = _mm512_loadu_ps(from); }
inline void Read(const float* from, __m256* v) { *v = _mm256_loadu_ps(from); }
inline void Broadcast(float x, __m512* v) { *v = _mm512_set1_ps(x); }
inline void Broadcast(float x, __m256* v) { *v = _mm256_set1_ps(x); }
inline __m512 MultiplyAdd(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
inline __m256 MultiplyAdd(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
inline void Write(__m512 v, float* to) { _mm512_storeu_ps(to, v); }
inline void Write(__m256 v, float* to) { _mm256_storeu_ps(to, v); }

}  // namespace
}  // namespace attestml::engine::onednn

#define KERNELS kAvx512Kernels
#include "engine/onednn/kernels_body.h"
