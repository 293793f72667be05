// The libtorch engine: ATen operators, forward and backward written out, so that a step needs no graph.
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/torch.h>

#include <cmath>
#include <utility>

#include "engine/checks.h"
#include "engine/engine.h"

namespace attestml::engine {
namespace {

using at::Tensor;

// Predictions are made in pieces of this many rows, the last one filled up: BLAS picks its kernels by shape, and a
// row's result must not depend on how many others came with it.
constexpr std::int64_t kPredictRows = 256;

Tensor Wrap(const float* data, std::int64_t rows, std::int64_t columns) {
  return torch::from_blob(const_cast<float*>(data), {rows, columns}, torch::kFloat32);  // NOLINT: only read
}

// What libtorch throws becomes an Error; the first line says what happened, the rest is its own stack.
template <typename F>
auto Guarded(F body) -> decltype(body()) {
  try {
    const c10::InferenceMode no_graph;
    return body();
  } catch (const std::exception& e) {
    const std::string text = e.what();
    return Unavailable("engine.torch", "libtorch: " + text.substr(0, text.find('\n')));
  }
}

class TorchNetwork final : public Network {
 public:
  explicit TorchNetwork(model::Architecture architecture)
      : architecture_(std::move(architecture)), shapes_(model::ParameterShapes(architecture_)) {
    std::int64_t total = 0;
    for (const auto& shape : shapes_) total += ElementCount(shape);
    // One block for all parameters and one for all gradients: the optimiser walks each once.
    parameters_ = torch::zeros({total});
    gradients_ = torch::zeros({total});
    std::int64_t begin = 0;
    for (const auto& shape : shapes_) {
      const std::int64_t end = begin + ElementCount(shape);
      values_.push_back(parameters_.slice(0, begin, end).view(shape.shape));
      grads_.push_back(gradients_.slice(0, begin, end).view(shape.shape));
      begin = end;
    }
  }

  Status Load(std::span<const model::NamedTensor> parameters) override {
    ATTESTML_CHECK(CheckParameters(shapes_, parameters));
    return Guarded([&]() -> Status {
      for (std::size_t i = 0; i < values_.size(); ++i) {
        values_[i].copy_(torch::from_blob(const_cast<float*>(parameters[i].values.data()),  // NOLINT: only read
                                          shapes_[i].shape, torch::kFloat32));
      }
      return {};
    });
  }

  std::vector<model::NamedTensor> Export() override {
    auto out = shapes_;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float* data = values_[i].data_ptr<float>();
      out[i].values.assign(data, data + values_[i].numel());
    }
    return out;
  }

  Status Configure(const OptimizerConfig& config, std::span<const float> class_weights) override {
    ATTESTML_CHECK(CheckClassWeights(architecture_, class_weights));
    return Guarded([&]() -> Status {
      config_ = config;
      class_weights_.assign(class_weights.begin(), class_weights.end());
      steps_ = 0;
      first_ = torch::zeros_like(parameters_);
      second_ = torch::zeros_like(parameters_);
      return {};
    });
  }

  Result<float> Step(Matrix x, std::span<const std::int32_t> labels, double learning_rate) override {
    if (!first_.defined()) return Usage("engine.step", "a step before the optimiser was configured");
    ATTESTML_CHECK(CheckBatch(architecture_, x, labels));
    return Guarded([&]() -> Result<float> {
      const auto activations = Forward(Wrap(x.data, x.rows, x.columns));
      Tensor slope;
      const float loss = LossAndSlope(activations.back(), labels, class_weights_, &slope);
      Backward(activations, slope, true);
      Update(learning_rate);
      return loss;
    });
  }

  Status Predict(Matrix x, std::span<float> logits) override {
    ATTESTML_CHECK(CheckPredict(architecture_, x, logits));
    return Guarded([&]() -> Status {
      const auto rows = static_cast<std::int64_t>(x.rows);
      const std::int64_t outputs = architecture_.outputs;
      Tensor filled;
      for (std::int64_t begin = 0; begin < rows; begin += kPredictRows) {
        const std::int64_t count = std::min(kPredictRows, rows - begin);
        Tensor chunk = Wrap(x.data + begin * architecture_.inputs, count, architecture_.inputs);
        if (count < kPredictRows) {
          filled = torch::zeros({kPredictRows, architecture_.inputs});
          filled.slice(0, 0, count).copy_(chunk);
          chunk = filled;
        }
        const Tensor out = Forward(chunk).back();
        std::copy_n(out.data_ptr<float>(), count * outputs, logits.data() + begin * outputs);
      }
      return {};
    });
  }

  Status InputGradient(Matrix x, std::span<const std::int32_t> labels, std::span<float> gradient) override {
    ATTESTML_CHECK(CheckBatch(architecture_, x, labels));
    ATTESTML_CHECK(CheckGradient(x, gradient));
    return Guarded([&]() -> Status {
      const auto activations = Forward(Wrap(x.data, x.rows, x.columns));
      Tensor slope;
      LossAndSlope(activations.back(), labels, {}, &slope);
      const Tensor out = Backward(activations, slope, false).contiguous();
      std::copy_n(out.data_ptr<float>(), out.numel(), gradient.data());
      return {};
    });
  }

 private:
  std::size_t layers() const { return values_.size() / 2; }

  // The input, then what each layer gave (after its activation; the last has none).
  std::vector<Tensor> Forward(const Tensor& x) const {
    std::vector<Tensor> activations = {x};
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      Tensor z = at::addmm(values_[2 * layer + 1], activations.back(), values_[2 * layer].t());
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

  // Mean cross entropy as torch.nn.CrossEntropyLoss(weight) has it, and its derivative by the logits.
  static float LossAndSlope(const Tensor& logits, std::span<const std::int32_t> labels,
                            const std::vector<float>& weights, Tensor* slope) {
    const Tensor log_probabilities = at::log_softmax(logits, 1);
    *slope = log_probabilities.exp();
    const float* log_p = log_probabilities.data_ptr<float>();
    float* g = slope->data_ptr<float>();
    const std::int64_t classes = logits.size(1);
    const auto weight = [&](std::int32_t label) {
      return weights.empty() ? 1.0F : weights[static_cast<std::size_t>(label)];
    };
    double total = 0;
    double loss = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      total += weight(labels[i]);
      loss -= static_cast<double>(weight(labels[i])) * log_p[static_cast<std::int64_t>(i) * classes + labels[i]];
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto scale = static_cast<float>(weight(labels[i]) / total);
      float* row = g + static_cast<std::int64_t>(i) * classes;
      row[labels[i]] -= 1.0F;
      for (std::int64_t c = 0; c < classes; ++c) row[c] *= scale;
    }
    return static_cast<float>(loss / total);
  }

  // Fills grads_ when asked to, else returns the derivative by the input.
  Tensor Backward(const std::vector<Tensor>& activations, Tensor slope, bool parameters) {
    for (std::size_t layer = layers(); layer-- > 0;) {
      const Tensor& input = activations[layer];
      if (parameters) {
        at::mm_out(grads_[2 * layer], slope.t(), input);
        at::sum_out(grads_[2 * layer + 1], slope, {0});
        if (layer == 0) break;
      }
      slope = at::mm(slope, values_[2 * layer]);
      if (layer > 0) {
        slope = architecture_.activation == model::Activation::kRelu ? at::threshold_backward(slope, input, 0)
                                                                     : at::tanh_backward(slope, input);
      }
    }
    return slope;
  }

  // torch.optim's single-tensor arithmetic, operator for operator.
  void Update(double rate) {
    ++steps_;
    const OptimizerConfig& c = config_;
    if (c.weight_decay != 0) {
      if (c.kind == Optimizer::kAdamW) {
        parameters_.mul_(1 - rate * c.weight_decay);
      } else {
        gradients_.add_(parameters_, c.weight_decay);
      }
    }
    if (c.kind == Optimizer::kSgd) {
      if (c.momentum != 0) {
        if (steps_ == 1) {
          first_.copy_(gradients_);
        } else {
          first_.mul_(c.momentum).add_(gradients_);
        }
        parameters_.add_(first_, -rate);
      } else {
        parameters_.add_(gradients_, -rate);
      }
      return;
    }
    const auto t = static_cast<double>(steps_);
    first_.mul_(c.beta1).add_(gradients_, 1 - c.beta1);
    second_.mul_(c.beta2).addcmul_(gradients_, gradients_, 1 - c.beta2);
    const double step_size = rate / (1 - std::pow(c.beta1, t));
    const Tensor denominator = second_.sqrt().div_(std::sqrt(1 - std::pow(c.beta2, t))).add_(c.epsilon);
    parameters_.addcdiv_(first_, denominator, -step_size);
  }

  model::Architecture architecture_;
  std::vector<model::NamedTensor> shapes_;
  Tensor parameters_, gradients_;
  std::vector<Tensor> values_, grads_;  // views of the two, weight and bias by turns
  OptimizerConfig config_;
  std::vector<float> class_weights_;
  Tensor first_, second_;  // momentum, or the two moments
  std::uint64_t steps_ = 0;
};

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

class TorchEngine final : public Engine {
 public:
  explicit TorchEngine(unsigned threads) : threads_(threads) { at::set_num_threads(static_cast<int>(threads)); }

  std::string name() const override { return "torch"; }

  std::map<std::string, std::string> Details() const override {
    return {{"version", TORCH_VERSION},
            {"blas", BlasName()},
            {"cpu", CpuCapability()},
            {"threads", std::to_string(threads_)}};
  }

  using Engine::Build;
  Result<std::unique_ptr<Network>> Build(const model::Architecture& architecture, BytesView) override {
    if (architecture.kind != model::Kind::kMlp) {
      return Unsupported("engine.architecture", "engine torch builds no " + std::string(model::KindName(architecture.kind)));
    }
    return Guarded([&]() -> Result<std::unique_ptr<Network>> {
      return std::unique_ptr<Network>(std::make_unique<TorchNetwork>(architecture));
    });
  }

 private:
  unsigned threads_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) Engine* attestml_engine_v1(unsigned threads);

Engine* attestml_engine_v1(unsigned threads) {
  try {
    return std::make_unique<TorchEngine>(threads).release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace attestml::engine
