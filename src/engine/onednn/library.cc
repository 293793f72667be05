#include "engine/onednn/library.h"

#include <dlfcn.h>
#include <dnnl.h>
#include <dnnl_version.h>

#include <mutex>

namespace attestml::engine::onednn {
namespace {

struct Library {
  decltype(&dnnl_sgemm) sgemm = nullptr;
  decltype(&dnnl_version) version = nullptr;
  decltype(&dnnl_get_effective_cpu_isa) isa = nullptr;
  std::string error;

  bool loaded() const { return sgemm != nullptr && version != nullptr && isa != nullptr; }
};

template <typename T>
void Find(void* handle, const char* name, T* out) {
  *out = reinterpret_cast<T>(dlsym(handle, name));
}

std::once_flag once;
Library library;

const Library& Loaded() {
  std::call_once(once, [] {
    const std::string name = "libdnnl.so." + std::to_string(DNNL_VERSION_MAJOR);
    void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      const char* reason = dlerror();
      library.error = reason == nullptr ? name + " cannot be loaded" : reason;
      return;
    }
    Find(handle, "dnnl_sgemm", &library.sgemm);
    Find(handle, "dnnl_version", &library.version);
    Find(handle, "dnnl_get_effective_cpu_isa", &library.isa);
    if (!library.loaded()) library.error = name + " lacks a function that is wanted of it";
  });
  return library;
}

std::string IsaName(dnnl_cpu_isa_t isa) {
  switch (isa) {
    case dnnl_cpu_isa_sse41:
      return "sse41";
    case dnnl_cpu_isa_avx:
      return "avx";
    case dnnl_cpu_isa_avx2:
      return "avx2";
    case dnnl_cpu_isa_avx512_core:
      return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl_cpu_isa_all:
      return "all";
    default:
      return std::to_string(static_cast<unsigned>(isa));
  }
}

}  // namespace

Status Load() {
  const Library& dnnl = Loaded();
  if (dnnl.loaded()) return {};
  return Unavailable("engine.onednn", "training needs oneDNN: " + dnnl.error);
}

Status Multiply(Gemm kind, std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b, float* c) {
  ATTESTML_CHECK(Load());
  const auto lda = static_cast<dnnl_dim_t>(kind.transpose_a == 'N' ? k : m);
  const auto ldb = static_cast<dnnl_dim_t>(kind.transpose_b == 'N' ? n : k);
  const dnnl_status_t status =
      library.sgemm(kind.transpose_a, kind.transpose_b, static_cast<dnnl_dim_t>(m), static_cast<dnnl_dim_t>(n),
                    static_cast<dnnl_dim_t>(k), 1.0F, a, lda, b, ldb, 0.0F, c, static_cast<dnnl_dim_t>(n));
  if (status != dnnl_success) return Unavailable("engine.onednn", "oneDNN status " + std::to_string(status));
  return {};
}

std::map<std::string, std::string> LoadedDetails() {
  if (!library.loaded()) return {};
  const dnnl_version_t* version = library.version();
  return {{"version", std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                          std::to_string(version->patch)},
          {"isa", IsaName(library.isa())}};
}

}  // namespace attestml::engine::onednn
