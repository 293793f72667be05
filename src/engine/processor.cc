#include "engine/processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace attestml::engine {

Processor DetectProcessor() {
  Processor processor;
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  // These ask the system's saved state too, not only CPUID.
  processor.sse42 = __builtin_cpu_supports("sse4.2") != 0;
  processor.avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  processor.avx512 = processor.avx2 && __builtin_cpu_supports("avx512f") != 0 &&
                     __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                     __builtin_cpu_supports("avx512vl") != 0;
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d) != 0) processor.avx512_bf16 = processor.avx512 && (a >> 5U & 1U) != 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0) processor.amx = (d >> 24U & 1U) != 0;
  if (processor.amx && __get_cpuid_count(0x1d, 0, &a, &b, &c, &d) != 0) processor.amx_palette = a != 0;
#endif
  return processor;
}

std::string_view OpenblasCore(const Processor& processor) {
  // OpenBLAS falls back to Prescott on processors that it does not know, at a quarter of the speed.
  if (processor.avx512_bf16) return "Cooperlake";
  if (processor.avx512) return "SkylakeX";
  if (processor.avx2) return "Haswell";
  return processor.sse42 ? "Nehalem" : "Prescott";
}

std::string_view OnednnMaxIsa(const Processor& processor) {
  // Where leaf 0x1D reads zero, oneDNN loads an empty tile palette and dies with SIGILL. AMX has no instructions for
  // float32, and results in bfloat16 are to be the same with it and without: it is left out wherever it is advertised,
  // working or not.
  return processor.amx ? "AVX512_CORE_BF16" : "ALL";
}

}  // namespace attestml::engine
