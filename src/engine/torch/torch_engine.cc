// The libtorch engine: what it is, which network it builds.
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <cmath>
#include <exception>
#include <utility>
#include <vector>

#include "engine/address_space.h"
#include "engine/checks.h"
#include "engine/engine.h"
#include "engine/memory_end.h"
#include "engine/processor.h"
#include "engine/torch/guarded.h"
#include "engine/torch/networks.h"
#include "engine/torch/program_property.h"

namespace attestml::engine {

Status CheckPrecision(Precision precision) {
  if (precision == Precision::kFloat32 || DetectProcessor().avx512_bf16) return {};
  return Unsupported("engine.precision", "this processor has no instructions for bfloat16, choose float32");
}

Status CheckPrivateStep(const model::Architecture& architecture, Matrix x, const Targets& targets,
                        const PrivateStep& step, std::int64_t trained_values) {
  if (x.rows != 0 || targets.size() != 0) ATTESTML_CHECK(CheckBatch(architecture, x, targets));
  if (!(step.clip > 0) || !std::isfinite(step.clip) || !(step.expected_batch > 0)) {
    return BadArguments("a private step wants a positive norm and a positive expected batch");
  }
  if (step.noise.size() != static_cast<std::size_t>(trained_values)) {
    return BadArguments(std::to_string(step.noise.size()) + " numbers of noise, want " +
                        std::to_string(trained_values));
  }
  return {};
}

namespace {

// Which BLAS libtorch's symbols resolve to.
std::string BlasName() {
  using Text = char* (*)();
  if (const auto config = reinterpret_cast<Text>(dlsym(RTLD_DEFAULT, "openblas_get_config"))) return config();
  Dl_info info{};
  void* gemm = dlsym(RTLD_DEFAULT, "sgemm_");
  if (gemm != nullptr && dladdr(gemm, &info) != 0 && info.dli_fname != nullptr) {
    const std::string path = info.dli_fname;
    return path.substr(path.rfind('/') + 1);
  }
  return "unknown";
}

// "AVX512" from "  - CPU capability usage: AVX512".
std::string CpuCapability() {
  constexpr std::string_view kLine = "CPU capability usage: ";
  const std::string text = at::show_config();
  const std::size_t begin = text.find(kLine);
  if (begin == std::string::npos) return "unknown";
  const std::size_t value = begin + kLine.size();
  return text.substr(value, text.find('\n', value) - value);
}

// The instructions that oneDNN may use: "avx512_core_bf16". A libtorch with oneDNN inside does not tell; then the most
// that EngineEnvironment lets it use.
std::string OnednnIsa() {
  const auto effective = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "dnnl_get_effective_cpu_isa"));
  const auto name = reinterpret_cast<const char* (*)(int)>(dlsym(RTLD_DEFAULT, "dnnl_cpu_isa2str"));
  if (effective != nullptr && name != nullptr) {
    constexpr std::string_view kPrefix = "cpu_isa_";
    const std::string_view text = name(effective());
    return std::string(text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text);
  }
  return "at most " + std::string(OnednnMaxIsa(DetectProcessor()));
}

// OpenBLAS that finds no room for a buffer tries for ever. Those it will want are made while there is room; it keeps
// them.
void ReserveBlasBuffers(unsigned threads) {
  const auto allocate = reinterpret_cast<void* (*)(int)>(dlsym(RTLD_DEFAULT, "blas_memory_alloc"));
  const auto release = reinterpret_cast<void (*)(void*)>(dlsym(RTLD_DEFAULT, "blas_memory_free"));
  if (allocate == nullptr || release == nullptr) return;
  std::vector<void*> buffers(BlasBuffers(threads));
  // Each of its threads has one already.
  for (std::size_t i = threads; i < buffers.size(); ++i) buffers[i] = allocate(0);
  for (std::size_t i = threads; i < buffers.size(); ++i) release(buffers[i]);
}

class TorchEngine final : public Engine {
 public:
  explicit TorchEngine(unsigned threads) : threads_(threads) {
    at::set_num_threads(static_cast<int>(threads));
    if (!AddressSpaceIsLimited()) return;
    ReserveBlasBuffers(threads);
    // This thread's team, before there is no room for it.
    at::parallel_for(0, threads, 1, [](std::int64_t, std::int64_t) {});
  }

  std::string name() const override { return "torch"; }

  std::map<std::string, std::string> Details() const override {
    return {{"version", TORCH_VERSION},
            {"blas", BlasName()},
            {"cpu", CpuCapability()},
            {"isa", OnednnIsa()},
            {"threads", std::to_string(threads_)}};
  }

  using Engine::Build;
  Result<std::unique_ptr<Network>> Build(const model::Architecture& architecture, BytesView program) override {
    // Sizes that nobody checked would reach libtorch.
    ATTESTML_CHECK(model::CheckArchitecture(architecture));
    return Guarded([&]() -> Result<std::unique_ptr<Network>> {
      if (architecture.kind == model::Kind::kMlp) return MakeMlpNetwork(architecture);
      if (architecture.kind != model::Kind::kTorchScript) {
        return MakeGraphNetwork(architecture, MakeComputation(architecture));
      }
      ATTESTML_TRY(auto computation, MakeProgramComputation(architecture, program));
      return MakeGraphNetwork(architecture, std::move(computation));
    });
  }

  Result<std::vector<model::NamedTensor>> ReadProgram(BytesView program) override {
    return Guarded([&] { return ReadProgramState(program); });
  }

  Result<std::map<std::string, double>> RunProperty(BytesView program, const PropertyCall& call) override {
    return Guarded([&] { return RunPropertyProgram(program, call); });
  }

 private:
  unsigned threads_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) Engine* attestml_engine_v1(unsigned threads);

Engine* attestml_engine_v1(unsigned threads) {
  std::set_terminate(EndOnTerminate);
  try {
    return std::make_unique<TorchEngine>(threads).release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace attestml::engine
