// Loading an engine module: read once, compared with the SHA-256 the prover was built with, loaded from a sealed memfd of
// those very bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace attestml::engine {

struct Module {
  std::string name;    // "torch"
  std::string path;    // where it lies
  std::string sha256;  // hex, known at build time
};

// LoadModule sets what must be set before tensors exist (BLAS kernel, oneDNN ISA, threads, allocator), loads and starts
// the engine. Error ids engine.module (unavailable: absent), engine.digest (untrusted: other bytes), engine.load.
Result<std::unique_ptr<Engine>> LoadModule(const Module& module, unsigned threads);

}  // namespace attestml::engine
