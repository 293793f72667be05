// oneDNN itself, loaded when a product of training is first wanted. Predictions do without: they add in an order of
// their own (kernels.h), and the library's 40 MB are most of what an enclave would have to hash before it starts.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/result.h"

namespace attestml::engine::onednn {

struct Gemm {
  char transpose_a;
  char transpose_b;
};

// c[m × n] = a · b, row-major, the leading dimensions those of the arrays as they lie. Loads oneDNN at the first call.
// Error id engine.onednn (unavailable).
Status Multiply(Gemm kind, std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b, float* c);

// Loads oneDNN now. The same error id.
Status Load();

// Its version, and the instructions that it may use; empty while it is not loaded.
std::map<std::string, std::string> LoadedDetails();

}  // namespace attestml::engine::onednn
