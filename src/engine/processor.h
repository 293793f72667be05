// What this processor can do, as far as engines care.
#pragma once

#include <string_view>

namespace attestml::engine {

struct Processor {
  bool sse42 = false;
  bool avx2 = false;    // with FMA, and the system saves the registers
  bool avx512 = false;  // F, DQ, BW and VL, and the system saves the registers
  bool avx512_bf16 = false;
  bool amx = false;          // advertised
  bool amx_palette = false;  // CPUID leaf 0x1D describes a palette; some hypervisors leave it zero
};

Processor DetectProcessor();

// Names for BLAS kernels (OPENBLAS_CORETYPE) and the cap for oneDNN (ONEDNN_MAX_CPU_ISA); pure, for tests.
std::string_view OpenblasCore(const Processor& processor);
std::string_view OnednnMaxIsa(const Processor& processor);

}  // namespace attestml::engine
