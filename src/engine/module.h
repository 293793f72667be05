// Loading an engine module: read once, compared with the SHA-256 the prover was built with, loaded from a sealed memfd
// of those very bytes.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace attestml::engine {

inline constexpr std::size_t kNameRoom = 63;

struct Module {
  std::string name;    // "torch"
  std::string path;    // where it lies
  std::string sha256;  // hex, known at build time
  // DT_NEEDED of libraries that its own libraries name and take no symbol from: each is loaded as an empty object, made
  // of `empty_library`, whose DT_SONAME is kNameRoom times '#'. None: all are loaded.
  std::span<const std::string_view> unused_libraries = {};
  BytesView empty_library = {};
};

// LoadModule sets what must be set before tensors exist (BLAS kernel, oneDNN ISA, threads, allocator), loads and starts
// the engine. Error ids engine.module (unavailable: absent), engine.digest (untrusted: other bytes), engine.load.
// May be called from any thread. `threads` is 1 to 256; it and the engine's other settings hold for the whole process,
// so a process should load one engine.
Result<std::unique_ptr<Engine>> LoadModule(const Module& module, unsigned threads);

// PrepareEnvironment does the first part of LoadModule and may be called ahead of it: it removes every variable that
// steers BLAS, OpenMP, oneDNN or libtorch, puts ours in their place, and sets the allocator's thresholds. Call it while
// the process has one thread; LoadModule then finds nothing left to change.
void PrepareEnvironment(unsigned threads);

// How memory is held: PrepareEnvironment sets thresholds for reading files, whose blocks go back to the kernel when
// they are freed; KeepMemory those for steps, whose blocks are wanted again at once; ReturnMemory gives back what an
// ended stage left free. Each is for the whole process, and changes no result.
void KeepMemory();
void ReturnMemory();

// What PrepareEnvironment puts into the environment on this processor: variable → value.
std::map<std::string, std::string> EngineEnvironment(unsigned threads);

}  // namespace attestml::engine
