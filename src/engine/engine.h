// The narrow interface behind which tensors live. Engines are modules, loaded when a job needs one (design.md section
// 4).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/model.h"

namespace attestml::engine {

struct Matrix {
  const float* data = nullptr;  // row-major, borrowed
  std::size_t rows = 0;
  std::size_t columns = 0;
};

enum class Optimizer : std::uint8_t { kSgd, kAdam, kAdamW };

// As torch.optim defines them: SGD (momentum, no dampening, no Nesterov, L2 weight decay), Adam (L2), AdamW
// (decoupled).
struct OptimizerConfig {
  Optimizer kind = Optimizer::kSgd;
  double momentum = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
};

// A network of one architecture with its parameters and, once configured, optimiser state. Not thread-safe. Same calls,
// same threads, same machine kind: same bits.
class Network {
 public:
  virtual ~Network() = default;
  virtual Status Load(std::span<const model::NamedTensor> parameters) = 0;
  virtual std::vector<model::NamedTensor> Export() = 0;  // names and order of model::ParameterShapes

  virtual Status Configure(const OptimizerConfig& config, std::span<const float> class_weights) = 0;
  // One step on a batch: mean cross entropy (weighted mean as torch.nn.CrossEntropyLoss(weight=…)), gradients, update
  // at `learning_rate`. Returns the loss before the update.
  virtual Result<float> Step(Matrix x, std::span<const std::int32_t> labels, double learning_rate) = 0;

  // Logits in evaluation mode, rows × outputs. Row results do not depend on which other rows are in the call.
  virtual Status Predict(Matrix x, std::span<float> logits) = 0;
  // d(mean cross entropy)/dx, for attacks and tests.
  virtual Status InputGradient(Matrix x, std::span<const std::int32_t> labels, std::span<float> gradient) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string name() const = 0;                            // "torch", "onednn"
  virtual std::map<std::string, std::string> Details() const = 0;  // version, BLAS, ISA: goes into statements
  virtual Result<std::unique_ptr<Network>> Build(const model::Architecture& architecture) = 0;
};

// What a module exports under C linkage: attestml_engine_v1. The pointer is owned by the caller.
using EngineEntry = Engine* (*)(unsigned threads);
inline constexpr const char* kEngineEntryName = "attestml_engine_v1";

}  // namespace attestml::engine
