// The multi-layer perceptron: ATen operators, forward and backward written out, so that a step needs no graph.
#include <algorithm>
#include <utility>

#include "engine/checks.h"
#include "engine/torch/guarded.h"
#include "engine/torch/loss.h"
#include "engine/torch/networks.h"
#include "engine/torch/optimizer.h"

namespace attestml::engine {
namespace {

using at::Tensor;

// Predictions are made in pieces of this many rows, the last one filled up: BLAS picks its kernels by shape, and a
// row's result must not depend on how many others came with it.
constexpr std::int64_t kPredictRows = 256;

Tensor Rows(Matrix x) {
  return Wrap(x.data, {static_cast<std::int64_t>(x.rows), static_cast<std::int64_t>(x.columns)});
}

ParameterLayout LayoutOf(const model::Architecture& architecture) {
  auto shapes = model::ParameterShapes(architecture);
  std::vector<bool> trained(shapes.size(), true);
  return {std::move(shapes), std::move(trained), false};
}

class MlpNetwork final : public Network {
 public:
  explicit MlpNetwork(const model::Architecture& architecture)
      : architecture_(architecture), block_(LayoutOf(architecture)) {}

  Status Load(std::span<const model::NamedTensor> parameters) override {
    return GuardedInference([&] { return block_.Load(parameters); });
  }

  std::vector<model::NamedTensor> Export() override {
    const c10::InferenceMode no_graph;
    return block_.Export();
  }

  Status Configure(const OptimizerConfig& config, std::span<const float> class_weights) override {
    ATTESTML_CHECK(CheckClassWeights(architecture_, class_weights));
    ATTESTML_CHECK(CheckSmoothing(architecture_, config.label_smoothing));
    ATTESTML_CHECK(CheckPrecision(config.precision));
    return GuardedInference([&]() -> Status {
      class_weights_.assign(class_weights.begin(), class_weights.end());
      optimizer_.Configure(config, block_);
      return {};
    });
  }

  Result<float> Step(Matrix x, Targets targets, double learning_rate) override {
    if (!optimizer_.configured()) return Usage("engine.step", "a step before the optimiser was configured");
    ATTESTML_CHECK(CheckBatch(architecture_, x, targets));
    return GuardedInference([&]() -> Result<float> {
      const OptimizerConfig& config = optimizer_.config();
      const bool narrow = config.precision == Precision::kBfloat16;
      const auto activations = Forward(Rows(x), narrow);
      Tensor slope;
      const float loss = MeanLoss(activations.back(), targets, class_weights_, config.label_smoothing, &slope);
      Backward(activations, slope, true, narrow);
      optimizer_.Update(block_, learning_rate);
      return loss;
    });
  }

  Result<float> StepPrivately(Matrix x, Targets targets, double learning_rate, const PrivateStep& step) override {
    if (!optimizer_.configured()) return Usage("engine.step", "a step before the optimiser was configured");
    ATTESTML_CHECK(CheckPrivateStep(architecture_, x, targets, step, block_.layout().trained_count()));
    return GuardedInference([&]() -> Result<float> {
      block_.layout().Fill(step.noise, block_.gradients());
      float loss = 0;
      if (x.rows != 0) loss = AddClipped(x, targets, step.clip);
      block_.gradients().div_(step.expected_batch);
      optimizer_.Update(block_, learning_rate);
      return loss;
    });
  }

  Result<OptimizerState> SaveOptimizer() override {
    if (!optimizer_.configured()) return Usage("engine.step", "the optimiser was not configured");
    return GuardedInference([&]() -> Result<OptimizerState> { return optimizer_.Save(block_.layout()); });
  }

  Status RestoreOptimizer(const OptimizerState& state) override {
    if (!optimizer_.configured()) return Usage("engine.step", "the optimiser was not configured");
    return GuardedInference([&] { return optimizer_.Restore(state, block_.layout()); });
  }

  Status Predict(Matrix x, std::span<float> logits) override {
    ATTESTML_CHECK(CheckPredict(architecture_, x, logits));
    return GuardedInference([&]() -> Status {
      const auto rows = static_cast<std::int64_t>(x.rows);
      const std::int64_t outputs = architecture_.outputs;
      Tensor filled;
      for (std::int64_t begin = 0; begin < rows; begin += kPredictRows) {
        const std::int64_t count = std::min(kPredictRows, rows - begin);
        Tensor chunk = Wrap(x.data + begin * architecture_.inputs, {count, architecture_.inputs});
        if (count < kPredictRows) {
          filled = at::zeros({kPredictRows, architecture_.inputs});
          filled.slice(0, 0, count).copy_(chunk);
          chunk = filled;
        }
        const Tensor out = Forward(chunk, false).back();
        std::copy_n(out.data_ptr<float>(), count * outputs, logits.data() + begin * outputs);
      }
      return {};
    });
  }

  Status InputGradient(Matrix x, Targets targets, std::span<float> gradient) override {
    ATTESTML_CHECK(CheckBatch(architecture_, x, targets));
    ATTESTML_CHECK(CheckGradient(x, gradient));
    return GuardedInference([&]() -> Status {
      const auto activations = Forward(Rows(x), false);
      Tensor slope;
      MeanLoss(activations.back(), targets, {}, 0, &slope);
      const Tensor out = Backward(activations, slope, false, false).contiguous();
      std::copy_n(out.data_ptr<float>(), out.numel(), gradient.data());
      return {};
    });
  }

 private:
  std::size_t layers() const { return block_.value_views().size() / 2; }
  const Tensor& weight(std::size_t layer) const { return block_.value_views()[2 * layer]; }
  const Tensor& bias(std::size_t layer) const { return block_.value_views()[2 * layer + 1]; }

  // The input, then what each layer gave (after its activation; the last has none). `narrow`: products in bfloat16.
  std::vector<Tensor> Forward(const Tensor& x, bool narrow) const {
    std::vector<Tensor> activations = {x};
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      Tensor z = narrow ? at::mm(activations.back().to(at::kBFloat16), weight(layer).to(at::kBFloat16).t())
                              .to(at::kFloat)
                              .add_(bias(layer))
                        : at::addmm(bias(layer), activations.back(), weight(layer).t());
      if (layer + 1 < layers()) {
        if (architecture_.activation == model::Activation::kRelu) {
          z.relu_();
        } else {
          z.tanh_();
        }
      }
      activations.push_back(std::move(z));
    }
    return activations;
  }

  // The derivative by what came into `layer`, which is `input`, without its own weights'.
  Tensor Through(std::size_t layer, const Tensor& slope, const Tensor& input, bool narrow) const {
    Tensor out = narrow ? at::mm(slope.to(at::kBFloat16), weight(layer).to(at::kBFloat16)).to(at::kFloat)
                        : at::mm(slope, weight(layer));
    if (layer == 0) return out;
    return architecture_.activation == model::Activation::kRelu ? at::threshold_backward(out, input, 0)
                                                                : at::tanh_backward(out, input);
  }

  // Fills the gradients when asked to, else returns the derivative by the input.
  Tensor Backward(const std::vector<Tensor>& activations, Tensor slope, bool parameters, bool narrow) {
    for (std::size_t layer = layers(); layer-- > 0;) {
      const Tensor& input = activations[layer];
      if (parameters) {
        Tensor to = block_.gradient_views()[2 * layer];
        if (narrow) {
          to.copy_(at::mm(slope.to(at::kBFloat16).t(), input.to(at::kBFloat16)));
        } else {
          at::mm_out(to, slope.t(), input);
        }
        to = block_.gradient_views()[2 * layer + 1];
        at::sum_out(to, slope, {0});
        if (layer == 0) break;
      }
      slope = Through(layer, slope, input, narrow);
    }
    return slope;
  }

  // Adds the clipped gradients of the records to the gradients. None is ever written out: that of a layer's weight is
  // the outer product of two rows, and the norm of such a product is the product of the norms.
  float AddClipped(Matrix x, const Targets& targets, double clip) {
    const auto activations = Forward(Rows(x), false);
    Tensor slope;
    const float loss =
        RecordLoss(activations.back(), targets, class_weights_, optimizer_.config().label_smoothing, &slope);
    std::vector<Tensor> slopes(layers());
    Tensor squares = at::zeros({static_cast<std::int64_t>(x.rows)}, at::kDouble);
    for (std::size_t layer = layers(); layer-- > 0;) {
      const Tensor& input = activations[layer];
      const auto square = [](const Tensor& rows) { return rows.square().sum({1}, false, at::kDouble); };
      squares.add_(square(slope) * (square(input) + 1));  // + 1: the bias
      slopes[layer] = slope;
      if (layer > 0) slope = Through(layer, slope, input, false);
    }
    // Anything that is not a number comes out as one, so that the step shows it.
    const Tensor scale = squares.sqrt().reciprocal().mul(clip).clamp_max(1).to(at::kFloat).unsqueeze(1);
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      const Tensor scaled = slopes[layer] * scale;
      Tensor to = block_.gradient_views()[2 * layer];
      to.addmm_(scaled.t(), activations[layer]);
      to = block_.gradient_views()[2 * layer + 1];
      to.add_(scaled.sum({0}));
    }
    return loss;
  }

  model::Architecture architecture_;
  ParameterBlock block_;
  FlatOptimizer optimizer_;
  std::vector<float> class_weights_;
};

}  // namespace

std::unique_ptr<Network> MakeMlpNetwork(const model::Architecture& architecture) {
  const c10::InferenceMode no_graph;
  return std::make_unique<MlpNetwork>(architecture);
}

}  // namespace attestml::engine
