// Networks whose gradients come from autograd.
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <utility>

#include "engine/checks.h"
#include "engine/torch/computation.h"
#include "engine/torch/guarded.h"
#include "engine/torch/loss.h"
#include "engine/torch/networks.h"
#include "engine/torch/optimizer.h"

namespace attestml::engine {
namespace {

using at::Tensor;

// Predictions are made in pieces of this many rows, the last one filled up, each on one thread: kernels are picked by
// shape, loops end in remainders that round otherwise, and a row's result must not depend on the others. 32 rows of
// anything fill whole vectors.
constexpr std::int64_t kPredictRows = 32;

// torch.autocast("cpu", torch.bfloat16) for a scope.
class Autocast {
 public:
  explicit Autocast(bool on) : on_(on) {
    if (!on_) return;
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(true);
  }
  ~Autocast() {
    if (!on_) return;
    at::autocast::clear_cache();
    at::autocast::set_cpu_enabled(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_;
};

class GraphNetwork final : public Network {
 public:
  GraphNetwork(const model::Architecture& architecture, std::unique_ptr<Computation> computation)
      : architecture_(architecture), computation_(std::move(computation)), block_(computation_->Layout()) {
    leaves_ = computation_->Bind(block_.value_views(), block_.buffers());
  }

  Status Load(std::span<const model::NamedTensor> parameters) override {
    return Guarded([&] {
      const at::NoGradGuard no_graph;
      return block_.Load(parameters);
    });
  }

  std::vector<model::NamedTensor> Export() override {
    const at::NoGradGuard no_graph;
    return block_.Export();
  }

  Status Configure(const OptimizerConfig& config, std::span<const float> class_weights) override {
    ATTESTML_CHECK(CheckClassWeights(architecture_, class_weights));
    ATTESTML_CHECK(CheckSmoothing(architecture_, config.label_smoothing));
    ATTESTML_CHECK(CheckPrecision(config.precision));
    if (leaves_.empty()) {
      return Usage(
          "engine.parameters",
          "the program has no parameters, so there is nothing to train: `attestml adopt` makes a model file of "
          "it as it is");
    }
    if (config.precision != Precision::kFloat32 && architecture_.kind == model::Kind::kLstm) {
      return Unsupported("engine.precision", "an lstm is trained in float32 only");
    }
    return Guarded([&]() -> Status {
      const at::NoGradGuard no_graph;
      class_weights_.assign(class_weights.begin(), class_weights.end());
      optimizer_.Configure(config, block_);
      return {};
    });
  }

  Result<float> Step(Matrix x, Targets targets, double learning_rate) override {
    if (!optimizer_.configured()) return Usage("engine.step", "a step before the optimiser was configured");
    ATTESTML_CHECK(CheckBatch(architecture_, x, targets));
    return Guarded([&]() -> Result<float> {
      const at::NoGradGuard no_graph;
      ATTESTML_TRY(const Batch batch, computation_->MakeBatch(x));
      computation_->Enter(Mode::kTrain, optimizer_.steps());
      const Tensor logits = Record(batch);
      Tensor slope;
      const float loss =
          MeanLoss(logits.detach(), targets, class_weights_, optimizer_.config().label_smoothing, &slope);
      const auto gradients = Gradients(logits, slope);
      for (std::size_t i = 0; i < gradients.size(); ++i) block_.gradient_views()[i].copy_(gradients[i]);
      optimizer_.Update(block_, learning_rate);
      return loss;
    });
  }

  Result<float> StepPrivately(Matrix x, Targets targets, double learning_rate, const PrivateStep& step) override {
    if (!optimizer_.configured()) return Usage("engine.step", "a step before the optimiser was configured");
    if (const std::string reason = computation_->MixesRecords(); !reason.empty()) {
      return Unsupported("engine.private", reason);
    }
    ATTESTML_CHECK(CheckPrivateStep(architecture_, x, targets, step, block_.layout().trained_count()));
    return Guarded([&]() -> Result<float> {
      const at::NoGradGuard no_graph;
      block_.layout().Fill(step.noise, block_.gradients());
      double loss = 0;
      computation_->Enter(Mode::kTrain, optimizer_.steps());
      for (std::size_t row = 0; row < x.rows; ++row) {
        ATTESTML_TRY(const float one,
                     AddClipped({x.data + row * x.columns, 1, x.columns}, targets.row(row), step.clip));
        loss += one;
      }
      block_.gradients().div_(step.expected_batch);
      optimizer_.Update(block_, learning_rate);
      return x.rows == 0 ? 0.0F : static_cast<float>(loss / static_cast<double>(x.rows));
    });
  }

  Result<OptimizerState> SaveOptimizer() override {
    if (!optimizer_.configured()) return Usage("engine.step", "the optimiser was not configured");
    return Guarded([&]() -> Result<OptimizerState> {
      const at::NoGradGuard no_graph;
      return optimizer_.Save(block_.layout());
    });
  }

  Status RestoreOptimizer(const OptimizerState& state) override {
    if (!optimizer_.configured()) return Usage("engine.step", "the optimiser was not configured");
    return Guarded([&] {
      const at::NoGradGuard no_graph;
      return optimizer_.Restore(state, block_.layout());
    });
  }

  Status Predict(Matrix x, std::span<float> logits) override {
    ATTESTML_CHECK(CheckPredict(architecture_, x, logits));
    return Guarded([&]() -> Status {
      const auto rows = static_cast<std::int64_t>(x.rows);
      const std::int64_t pieces = (rows + kPredictRows - 1) / kPredictRows;
      std::vector<Status> results(static_cast<std::size_t>(pieces));
      computation_->Enter(Mode::kPredict, 0);
      const auto predict = [&](std::int64_t first, std::int64_t last) {
        const c10::InferenceMode no_graph;
        for (std::int64_t piece = first; piece < last; ++piece) {
          const std::int64_t begin = piece * kPredictRows;
          const std::int64_t count = std::min(kPredictRows, rows - begin);
          results[static_cast<std::size_t>(piece)] =
              PredictPiece(x.data + begin * architecture_.inputs, count, logits.data() + begin * architecture_.outputs);
        }
      };
      if (computation_->concurrent()) {
        at::parallel_for(0, pieces, 1, predict);
      } else {
        predict(0, pieces);
      }
      for (Status& result : results) ATTESTML_CHECK(std::move(result));
      return {};
    });
  }

  Status InputGradient(Matrix x, Targets targets, std::span<float> gradient) override {
    if (architecture_.tokens != 0) return Unsupported("engine.gradient", "token ids have no derivative");
    ATTESTML_CHECK(CheckBatch(architecture_, x, targets));
    ATTESTML_CHECK(CheckGradient(x, gradient));
    return Guarded([&]() -> Status {
      const at::NoGradGuard no_graph;
      ATTESTML_TRY(Batch batch, computation_->MakeBatch(x));
      batch.x.requires_grad_(true);
      computation_->Enter(Mode::kDerive, 0);
      Tensor logits;
      {
        const at::AutoGradMode graph(true);
        logits = computation_->Forward(batch, Mode::kDerive, false);
      }
      if (!logits.requires_grad()) throw ProgramFailure("what forward gives does not depend on its input");
      Tensor slope;
      MeanLoss(logits.detach().contiguous(), targets, {}, 0, &slope);
      const Tensor out = torch::autograd::grad({logits}, {batch.x}, {slope})[0].contiguous();
      std::copy_n(out.data_ptr<float>(), out.numel(), gradient.data());
      return {};
    });
  }

 private:
  // Logits that remember where they came from.
  Tensor Record(const Batch& batch) {
    const at::AutoGradMode graph(true);
    const Autocast cast(optimizer_.config().precision == Precision::kBfloat16);
    return computation_->Forward(batch, Mode::kTrain, true).to(at::kFloat).contiguous();
  }

  torch::autograd::variable_list Gradients(const Tensor& logits, const Tensor& slope) const {
    if (!logits.requires_grad()) throw ProgramFailure("what forward gives depends on no parameter");
    auto gradients = torch::autograd::grad({logits}, leaves_, {slope}, {}, false, true);
    for (const Tensor& gradient : gradients) {
      if (!gradient.defined()) throw ProgramFailure("what forward gives does not depend on every parameter");
    }
    return gradients;
  }

  Result<float> AddClipped(Matrix row, const Targets& target, double clip) {
    ATTESTML_TRY(const Batch batch, computation_->MakeBatch(row));
    const Tensor logits = Record(batch);
    Tensor slope;
    const float loss = RecordLoss(logits.detach(), target, class_weights_, optimizer_.config().label_smoothing, &slope);
    const auto gradients = Gradients(logits, slope);
    double square = 0;
    for (const Tensor& gradient : gradients) square += gradient.square().sum(at::kDouble).item<double>();
    const double norm = std::sqrt(square);
    const double scale = norm <= clip ? 1.0 : clip / norm;  // not a number stays one
    for (std::size_t i = 0; i < gradients.size(); ++i) block_.gradient_views()[i].add_(gradients[i], scale);
    return loss;
  }

  Status PredictPiece(const float* x, std::int64_t count, float* logits) const {
    std::vector<float> filled;
    if (count < kPredictRows) {
      filled.assign(static_cast<std::size_t>(kPredictRows * architecture_.inputs), 0.0F);
      std::copy_n(x, count * architecture_.inputs, filled.begin());
      x = filled.data();
    }
    ATTESTML_TRY(const Batch batch,
                 computation_->MakeBatch({x, kPredictRows, static_cast<std::size_t>(architecture_.inputs)}));
    const Tensor out = computation_->Forward(batch, Mode::kPredict, false).contiguous();
    std::copy_n(out.data_ptr<float>(), count * architecture_.outputs, logits);
    return {};
  }

  model::Architecture architecture_;
  std::unique_ptr<Computation> computation_;
  ParameterBlock block_;
  std::vector<Tensor> leaves_;  // the same values, as variables of the graph
  FlatOptimizer optimizer_;
  std::vector<float> class_weights_;
};

}  // namespace

std::unique_ptr<Network> MakeGraphNetwork(const model::Architecture& architecture,
                                          std::unique_ptr<Computation> computation) {
  return std::make_unique<GraphNetwork>(architecture, std::move(computation));
}

}  // namespace attestml::engine
