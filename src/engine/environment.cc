#include <malloc.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "engine/module.h"
#include "engine/processor.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace attestml::engine {
namespace {

// Any variable with one of these beginnings could change the arithmetic, the threads or the code that runs.
constexpr std::array<std::string_view, 20> kSteering = {
    "OPENBLAS_", "GOTO_",   "BLIS_", "BLAS_",  "MKL_",    "OMP_",    "GOMP_",     "KMP_",     "LIBGOMP_", "ONEDNN_",
    "DNNL_",     "MKLDNN_", "ATEN_", "TORCH_", "PYTORCH", "CAFFE2_", "LIBTORCH_", "XNNPACK_", "NNPACK_",  "VECLIB_"};

// Blocks from this size on are a file, or what came out of it: freed, they are the kernel's again at once.
constexpr int kFileBlock = 4 << 20;

bool Steers(std::string_view name) {
  for (const std::string_view prefix : kSteering) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

std::map<std::string, std::string> EngineEnvironment(unsigned threads) {
  const Processor processor = DetectProcessor();
  const std::string count = std::to_string(threads);
  return {{"OPENBLAS_CORETYPE", std::string(OpenblasCore(processor))},
          {"OPENBLAS_NUM_THREADS", count},
          {"ONEDNN_MAX_CPU_ISA", std::string(OnednnMaxIsa(processor))},
          {"ONEDNN_DEFAULT_FPMATH_MODE", "STRICT"},
          {"OMP_NUM_THREADS", count},
          {"OMP_DYNAMIC", "FALSE"},
          // Spinning for longer than a step costs milliseconds whenever another program has the second core.
          {"GOMP_SPINCOUNT", "10000"}};
}

void PrepareEnvironment(unsigned threads) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const auto wanted = EngineEnvironment(threads);

  std::vector<std::string> hostile;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (Steers(name) && !wanted.contains(std::string(name))) hostile.emplace_back(name);
  }
  for (const std::string& name : hostile) unsetenv(name.c_str());
  for (const auto& [name, value] : wanted) {
    const char* now = std::getenv(name.c_str());
    if (now == nullptr || value != now) setenv(name.c_str(), value.c_str(), 1);
  }

  static bool tuned = false;
  if (!tuned) {
    tuned = true;
    mallopt(M_MMAP_THRESHOLD, kFileBlock);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 16 << 20);
  }
}

void KeepMemory() {
  // glibc hands large blocks back to the kernel at every step and faults them in again at the next.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
}

void ReturnMemory() { malloc_trim(0); }

}  // namespace attestml::engine
