// The narrow interface behind which tensors live. Engines are modules, loaded when a job needs one (design.md section
// 4).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/model.h"

namespace attestml::engine {

struct Matrix {
  const float* data = nullptr;  // row-major, borrowed
  std::size_t rows = 0;
  std::size_t columns = 0;
};

// What the rows of a batch should give: a class each, or, of a model with one output, a number each. Borrows.
class Targets {
 public:
  Targets() = default;
  Targets(std::span<const std::int32_t> labels) : labels_(labels) {}              // NOLINT(google-explicit-constructor)
  Targets(const std::vector<std::int32_t>& labels) : labels_(labels) {}           // NOLINT(google-explicit-constructor)
  Targets(std::span<const float> numbers) : numbers_(numbers), numeric_(true) {}  // NOLINT(google-explicit-constructor)
  Targets(const std::vector<float>& numbers)
      : numbers_(numbers), numeric_(true) {}  // NOLINT(google-explicit-constructor)

  bool numeric() const { return numeric_; }
  std::size_t size() const { return numeric_ ? numbers_.size() : labels_.size(); }
  std::span<const std::int32_t> labels() const { return labels_; }
  std::span<const float> numbers() const { return numbers_; }
  Targets row(std::size_t i) const {
    return numeric_ ? Targets(numbers_.subspan(i, 1)) : Targets(labels_.subspan(i, 1));
  }

 private:
  std::span<const std::int32_t> labels_;
  std::span<const float> numbers_;
  bool numeric_ = false;
};

enum class Optimizer : std::uint8_t { kSgd, kAdam, kAdamW };

enum class Precision : std::uint8_t { kFloat32, kBfloat16 };

// As torch.optim defines them: SGD (momentum, no dampening, no Nesterov, L2 weight decay), Adam (L2), AdamW
// (decoupled). Buffers of batch norm are no parameters of it.
struct OptimizerConfig {
  Optimizer kind = Optimizer::kSgd;
  double momentum = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  double clip_norm = 0;        // > 0: gradients are scaled to this L2 norm, all together, when theirs is larger
  double label_smoothing = 0;  // as torch.nn.CrossEntropyLoss(label_smoothing=…)
  // bfloat16: convolutions and matrix products in it, parameters and everything else in float32 (torch.autocast). An
  // engine or processor that cannot says so with engine.precision, of kind unsupported, from Configure.
  Precision precision = Precision::kFloat32;
};

// What an optimiser remembers between steps. A network that restores it goes on as if it had never stopped.
struct OptimizerState {
  std::uint64_t steps = 0;
  std::vector<model::NamedTensor> first;   // momentum, or first moments, by parameter; empty when there are none
  std::vector<model::NamedTensor> second;  // second moments
};

// How a step hides each record (M. Abadi et al., "Deep Learning with Differential Privacy", CCS 2016, algorithm 1).
struct PrivateStep {
  double clip = 1;            // each record's gradient is scaled to this L2 norm when its own is larger
  double expected_batch = 1;  // the sum is divided by this, whatever the batch holds
  std::span<const float>
      noise;  // added to the sum: one number a trained value, in the order of Export, buffers left out
};

// What a custom property sees: rows × classes probabilities, true labels, and for each group attribute a code a row.
struct PropertyCall {
  Matrix probabilities;
  std::span<const std::int32_t> labels;
  std::vector<std::pair<std::string, std::vector<std::int32_t>>> groups;
};

// A network of one architecture with its parameters and, once configured, optimiser state. Not thread-safe. Same calls,
// same threads, same machine kind: same bits.
class Network {
 public:
  virtual ~Network() = default;
  virtual Status Load(std::span<const model::NamedTensor> parameters) = 0;
  virtual std::vector<model::NamedTensor> Export() = 0;  // names and order of model::ParameterShapes

  virtual Status Configure(const OptimizerConfig& config, std::span<const float> class_weights) = 0;
  // One step on a batch: mean cross entropy (weighted mean as torch.nn.CrossEntropyLoss(weight=…)), or of numbers the
  // mean squared error, gradients, update at `learning_rate`. Returns the loss before the update.
  virtual Result<float> Step(Matrix x, Targets targets, double learning_rate) = 0;

  // The same with clipped gradients and noise; the batch may be empty (Poisson sampling). Returns the mean loss, 0
  // without rows. Refused with engine.private, of kind unsupported, where a record's gradient depends on the others
  // (batch norm).
  virtual Result<float> StepPrivately(Matrix x, Targets targets, double learning_rate, const PrivateStep& step);
  virtual Result<OptimizerState> SaveOptimizer();
  virtual Status RestoreOptimizer(const OptimizerState& state);

  // Logits in evaluation mode, rows × outputs. Row results do not depend on which other rows are in the call.
  virtual Status Predict(Matrix x, std::span<float> logits) = 0;
  // d(mean loss)/dx in evaluation mode, for attacks and tests. Token ids have no derivative: engine.gradient.
  virtual Status InputGradient(Matrix x, Targets targets, std::span<float> gradient) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string name() const = 0;                            // "torch", "onednn"
  virtual std::map<std::string, std::string> Details() const = 0;  // version, BLAS, ISA: goes into statements
  // `program` is the TorchScript file of a torchscript architecture, which must have the digest it names; else empty.
  // Error ids engine.architecture (unsupported: not by this engine), program.* (spec/torchscript.md).
  virtual Result<std::unique_ptr<Network>> Build(const model::Architecture& architecture, BytesView program) = 0;
  Result<std::unique_ptr<Network>> Build(const model::Architecture& architecture) { return Build(architecture, {}); }

  // What a TorchScript file holds, read without running any of it: its tensors as its state_dict lists them, with the
  // values it came with. Refuses programs that could reach files, processes or the network.
  virtual Result<std::vector<model::NamedTensor>> ReadProgram(BytesView program);
  // Runs a property written in TorchScript: see spec/torchscript.md section 4.
  virtual Result<std::map<std::string, double>> RunProperty(BytesView program, const PropertyCall& call);
};

// Defined here because each module has its own.
inline Result<float> Network::StepPrivately(Matrix, Targets, double, const PrivateStep&) {
  return Unsupported("engine.private", "this engine takes no private steps, choose engine.name = \"torch\"");
}

inline Result<OptimizerState> Network::SaveOptimizer() {
  return Unsupported("engine.state", "this engine cannot save its optimiser, choose engine.name = \"torch\"");
}

inline Status Network::RestoreOptimizer(const OptimizerState&) {
  return Unsupported("engine.state", "this engine cannot restore an optimiser, choose engine.name = \"torch\"");
}

inline Result<std::vector<model::NamedTensor>> Engine::ReadProgram(BytesView) {
  return Unsupported("engine.architecture", name() + " reads no TorchScript, choose engine.name = \"torch\"");
}

inline Result<std::map<std::string, double>> Engine::RunProperty(BytesView, const PropertyCall&) {
  return Unsupported("engine.architecture", name() + " runs no TorchScript, choose engine.name = \"torch\"");
}

// What a module exports under C linkage: attestml_engine_v1. The pointer is owned by the caller.
using EngineEntry = Engine* (*)(unsigned threads);
inline constexpr const char* kEngineEntryName = "attestml_engine_v1";

}  // namespace attestml::engine
