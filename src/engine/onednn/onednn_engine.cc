// The oneDNN engine: training's matrix products are dnnl_sgemm, everything around them is in kernels_body.h. It loads
// in a few milliseconds and fits small networks, where libtorch spends its time between operators.
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "engine/address_space.h"
#include "engine/checks.h"
#include "engine/engine.h"
#include "engine/memory_end.h"
#include "engine/onednn/kernels.h"
#include "engine/onednn/library.h"
#include "engine/onednn/predicting_network.h"

namespace attestml::engine {
namespace {

using onednn::Activate;
using onednn::Gemm;
using onednn::Kernels;
using onednn::Multiply;

// Predictions walk the layers with this many rows at a time, so that activations stay in the cache.
constexpr std::size_t kPredictRows = 64;

// A block of floats, aligned to a cache line, that only ever grows.
class Buffer {
 public:
  void Reserve(std::size_t count) {
    if (count <= size_) return;
    const std::size_t bytes = (count * sizeof(float) + 63) / 64 * 64;
    auto* block = static_cast<float*>(std::aligned_alloc(64, bytes));
    if (block == nullptr) throw std::bad_alloc();
    std::memset(block, 0, bytes);
    data_.reset(block);
    size_ = count;
  }
  float* get() const { return data_.get(); }

 private:
  struct Free {
    void operator()(float* block) const { std::free(block); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

struct Layer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::size_t weight = 0;  // where it begins among all parameters
  std::size_t bias = 0;
  std::size_t panels = 0;  // where its packed weight begins
  Activate activate = Activate::kNone;
};

class OnednnNetwork final : public Network {
 public:
  OnednnNetwork(const model::Architecture& architecture, unsigned threads, const Kernels& kernels)
      : architecture_(architecture),
        shapes_(model::ParameterShapes(architecture)),
        threads_(static_cast<int>(threads)),
        kernels_(kernels) {
    const Activate hidden = architecture.activation == model::Activation::kRelu ? Activate::kRelu : Activate::kTanh;
    std::size_t panels = 0;
    for (std::size_t i = 0; i < shapes_.size(); i += 2) {
      Layer layer;
      layer.outputs = static_cast<std::size_t>(shapes_[i].shape[0]);
      layer.inputs = static_cast<std::size_t>(shapes_[i].shape[1]);
      layer.weight = count_;
      layer.bias = count_ + layer.outputs * layer.inputs;
      layer.panels = panels;
      layer.activate = i + 2 < shapes_.size() ? hidden : Activate::kNone;
      count_ = layer.bias + layer.outputs;
      panels += onednn::PanelFloats(layer.outputs, layer.inputs);
      widest_ = std::max({widest_, layer.inputs, layer.outputs});
      layers_.push_back(layer);
    }
    activations_.resize(layers_.size());
    parameters_.Reserve(count_);
    panels_.Reserve(panels);
  }

  Status Load(std::span<const model::NamedTensor> parameters) override {
    ATTESTML_CHECK(CheckParameters(shapes_, parameters));
    float* to = parameters_.get();
    for (const auto& parameter : parameters) to = std::copy(parameter.values.begin(), parameter.values.end(), to);
    packed_ = false;
    return {};
  }

  std::vector<model::NamedTensor> Export() override { return Named(parameters_.get()); }

  Status Configure(const OptimizerConfig& config, std::span<const float> class_weights) override {
    ATTESTML_CHECK(CheckClassWeights(architecture_, class_weights));
    ATTESTML_CHECK(CheckSmoothing(architecture_, config.label_smoothing));
    if (config.clip_norm != 0 || config.label_smoothing != 0) {
      return Unsupported("engine.step", "engine onednn neither clips nor smooths, choose engine.name = \"torch\"");
    }
    if (config.precision != Precision::kFloat32) {
      return Unsupported("engine.precision", "engine onednn computes in float32 only");
    }
    ATTESTML_CHECK(onednn::Load());
    config_ = config;
    class_weights_.assign(class_weights.begin(), class_weights.end());
    steps_ = 0;
    gradients_.Reserve(count_);
    first_.Reserve(count_);
    second_.Reserve(count_);
    std::fill_n(first_.get(), count_, 0.0F);
    std::fill_n(second_.get(), count_, 0.0F);
    configured_ = true;
    return {};
  }

  Result<OptimizerState> SaveOptimizer() override {
    if (!configured_) return Usage("engine.step", "the optimiser was not configured");
    OptimizerState state;
    state.steps = steps_;
    if (HasFirst()) state.first = Named(first_.get());
    if (HasSecond()) state.second = Named(second_.get());
    return state;
  }

  Status RestoreOptimizer(const OptimizerState& state) override {
    if (!configured_) return Usage("engine.step", "the optimiser was not configured");
    if (state.first.empty() == HasFirst() || state.second.empty() == HasSecond()) {
      return BadArguments("the state is that of another optimiser");
    }
    if (HasFirst()) ATTESTML_CHECK(CheckParameters(shapes_, state.first));
    if (HasSecond()) ATTESTML_CHECK(CheckParameters(shapes_, state.second));
    float* first = first_.get();
    for (const auto& moment : state.first) first = std::copy(moment.values.begin(), moment.values.end(), first);
    float* second = second_.get();
    for (const auto& moment : state.second) second = std::copy(moment.values.begin(), moment.values.end(), second);
    steps_ = state.steps;
    return {};
  }

  Result<float> Step(Matrix x, Targets targets, double learning_rate) override {
    if (!configured_) return Usage("engine.step", "a step before the optimiser was configured");
    ATTESTML_CHECK(CheckBatch(architecture_, x, targets));
    omp_set_num_threads(threads_);
    ATTESTML_CHECK(Forward(x));
    const float loss = LossAndSlope(targets, class_weights_);
    ATTESTML_CHECK(Backward(x, true));
    Update(learning_rate);
    packed_ = false;
    return loss;
  }

  Status Predict(Matrix x, std::span<float> logits) override {
    ATTESTML_CHECK(CheckPredict(architecture_, x, logits));
    Pack();
    for (Buffer& buffer : piece_) buffer.Reserve(kPredictRows * widest_);
    for (std::size_t begin = 0; begin < x.rows; begin += kPredictRows) {
      const std::size_t rows = std::min(kPredictRows, x.rows - begin);
      const float* input = x.data + begin * x.columns;
      for (std::size_t l = 0; l < layers_.size(); ++l) {
        const Layer& layer = layers_[l];
        float* output = l + 1 < layers_.size() ? piece_[l % 2].get() : logits.data() + begin * layer.outputs;
        kernels_.product(input, rows, layer.inputs, panels_.get() + layer.panels, layer.outputs, output);
        kernels_.bias_activate(output, parameters_.get() + layer.bias, rows, layer.outputs, layer.activate);
        input = output;
      }
    }
    return {};
  }

  Status InputGradient(Matrix x, Targets targets, std::span<float> gradient) override {
    ATTESTML_CHECK(CheckBatch(architecture_, x, targets));
    ATTESTML_CHECK(CheckGradient(x, gradient));
    omp_set_num_threads(threads_);
    ATTESTML_CHECK(Forward(x));
    LossAndSlope(targets, {});
    ATTESTML_CHECK(Backward(x, false));
    std::copy_n(slope_.get(), gradient.size(), gradient.data());
    return {};
  }

 private:
  const float* Input(Matrix x, std::size_t layer) const { return layer == 0 ? x.data : activations_[layer - 1].get(); }

  Status Forward(Matrix x) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Layer& layer = layers_[l];
      activations_[l].Reserve(x.rows * layer.outputs);
      float* output = activations_[l].get();
      ATTESTML_CHECK(Multiply({'N', 'T'}, x.rows, layer.outputs, layer.inputs, Input(x, l),
                              parameters_.get() + layer.weight, output));
      kernels_.bias_activate(output, parameters_.get() + layer.bias, x.rows, layer.outputs, layer.activate);
    }
    return {};
  }

  // slope_ becomes the derivative of the loss by the outputs.
  float LossAndSlope(const Targets& targets, const std::vector<float>& weights) {
    slope_.Reserve(targets.size() * widest_);
    next_slope_.Reserve(targets.size() * widest_);
    return targets.numeric() ? SquaredError(targets.numbers()) : CrossEntropy(targets.labels(), weights);
  }

  // As torch.nn.MSELoss has it.
  float SquaredError(std::span<const float> numbers) {
    const float* outputs = activations_.back().get();
    float* slope = slope_.get();
    const auto rows = static_cast<double>(numbers.size());
    double loss = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const double residual = static_cast<double>(outputs[i]) - static_cast<double>(numbers[i]);
      loss += residual * residual;
      slope[i] = static_cast<float>(2 * residual / rows);
    }
    return static_cast<float>(loss / rows);
  }

  // As torch.nn.CrossEntropyLoss(weight) has it.
  float CrossEntropy(std::span<const std::int32_t> labels, const std::vector<float>& weights) {
    const auto classes = static_cast<std::size_t>(architecture_.outputs);
    const auto weight = [&](std::int32_t label) {
      return weights.empty() ? 1.0 : static_cast<double>(weights[static_cast<std::size_t>(label)]);
    };
    double total = 0;
    for (const std::int32_t label : labels) total += weight(label);
    double loss = 0;
    const float* logits = activations_.back().get();
    float* slope = slope_.get();
    for (const std::int32_t label : labels) {
      const double largest = *std::max_element(logits, logits + classes);
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c) {
        const double e = std::exp(logits[c] - largest);
        slope[c] = static_cast<float>(e);
        sum += e;
      }
      const double w = weight(label);
      loss += w * (std::log(sum) + (largest - logits[label]));
      const double scale = w / total;
      for (std::size_t c = 0; c < classes; ++c) {
        const double indicator = c == static_cast<std::size_t>(label) ? 1.0 : 0.0;
        slope[c] = static_cast<float>((slope[c] / sum - indicator) * scale);
      }
      logits += classes;
      slope += classes;
    }
    return static_cast<float>(loss / total);
  }

  // Fills gradients_, or leaves the derivative by the input in slope_.
  Status Backward(Matrix x, bool parameters) {
    for (std::size_t l = layers_.size(); l-- > 0;) {
      const Layer& layer = layers_[l];
      if (parameters) {
        ATTESTML_CHECK(Multiply({'T', 'N'}, layer.outputs, layer.inputs, x.rows, slope_.get(), Input(x, l),
                                gradients_.get() + layer.weight));
        kernels_.column_sums(slope_.get(), x.rows, layer.outputs, gradients_.get() + layer.bias);
        if (l == 0) break;
      }
      ATTESTML_CHECK(Multiply({'N', 'N'}, x.rows, layer.inputs, layer.outputs, slope_.get(),
                              parameters_.get() + layer.weight, next_slope_.get()));
      std::swap(slope_, next_slope_);
      if (l > 0) kernels_.activation_slope(slope_.get(), Input(x, l), x.rows * layer.inputs, layers_[l - 1].activate);
    }
    return {};
  }

  bool HasFirst() const { return config_.kind != Optimizer::kSgd || config_.momentum != 0; }
  bool HasSecond() const { return config_.kind != Optimizer::kSgd; }

  // A block laid out as the parameters are, under their names.
  std::vector<model::NamedTensor> Named(const float* from) const {
    auto out = shapes_;
    for (auto& tensor : out) {
      const auto count = static_cast<std::size_t>(ElementCount(tensor));
      tensor.values.assign(from, from + count);
      from += count;
    }
    return out;
  }

  void Update(double rate) {
    ++steps_;
    const OptimizerConfig& c = config_;
    if (c.kind == Optimizer::kSgd) {
      kernels_.sgd(parameters_.get(), gradients_.get(), c.momentum == 0 ? nullptr : first_.get(), count_,
                   static_cast<float>(rate), static_cast<float>(c.momentum), static_cast<float>(c.weight_decay),
                   steps_ == 1);
      return;
    }
    const bool decoupled = c.kind == Optimizer::kAdamW;
    const auto t = static_cast<double>(steps_);
    onednn::AdamScalars s{};
    s.beta1 = static_cast<float>(c.beta1);
    s.one_minus_beta1 = static_cast<float>(1 - c.beta1);
    s.beta2 = static_cast<float>(c.beta2);
    s.one_minus_beta2 = static_cast<float>(1 - c.beta2);
    s.root_correction2 = static_cast<float>(std::sqrt(1 - std::pow(c.beta2, t)));
    s.epsilon = static_cast<float>(c.epsilon);
    s.step_size = static_cast<float>(rate / (1 - std::pow(c.beta1, t)));
    s.decay = static_cast<float>(decoupled ? 1 - rate * c.weight_decay : 1.0);
    s.l2 = static_cast<float>(decoupled ? 0.0 : c.weight_decay);
    kernels_.adam(parameters_.get(), gradients_.get(), first_.get(), second_.get(), count_, s);
  }

  void Pack() {
    if (packed_) return;
    for (const Layer& layer : layers_) {
      onednn::PackPanels(parameters_.get() + layer.weight, layer.outputs, layer.inputs, panels_.get() + layer.panels);
    }
    packed_ = true;
  }

  model::Architecture architecture_;
  std::vector<model::NamedTensor> shapes_;
  int threads_;
  const Kernels& kernels_;
  std::vector<Layer> layers_;
  std::size_t count_ = 0;                           // parameters
  std::size_t widest_ = 0;                          // inputs or outputs of any layer
  Buffer parameters_, gradients_, first_, second_;  // first and second moment; momentum is in first_
  std::vector<Buffer> activations_;
  Buffer slope_, next_slope_;
  Buffer panels_, piece_[2];
  bool packed_ = false;
  bool configured_ = false;
  OptimizerConfig config_;
  std::vector<float> class_weights_;
  std::uint64_t steps_ = 0;
};

// What oneDNN and OpenMP make at first use, and neither says when there is no room for it: its kernels, this thread's
// team. They are made while there is room.
bool ReadyForLittleMemory() {
  constexpr std::size_t kSide = 64;
  const std::vector<float> ones(kSide * kSide, 1.0F);
  std::vector<float> product(kSide * kSide);
  for (const Gemm kind : {Gemm{'N', 'N'}, Gemm{'N', 'T'}, Gemm{'T', 'N'}}) {
    if (!Multiply(kind, kSide, kSide, kSide, ones.data(), ones.data(), product.data()).ok()) return false;
  }
  int members = 0;
#pragma omp parallel reduction(+ : members)
  ++members;
  return members > 0;
}

class OnednnEngine final : public Engine {
 public:
  explicit OnednnEngine(unsigned threads) : threads_(threads), kernels_(*onednn::UsableKernels().front()) {}

  std::string name() const override { return "onednn"; }

  std::map<std::string, std::string> Details() const override {
    auto details = onednn::LoadedDetails();
    details["kernels"] = kernels_.isa;
    details["threads"] = std::to_string(threads_);
    return details;
  }

  using Engine::Build;
  Result<std::unique_ptr<Network>> Build(const model::Architecture& architecture, BytesView) override {
    if (onednn::CanPredictWith(architecture.kind)) {
      return onednn::MakePredictingNetwork(architecture, threads_, kernels_);
    }
    if (architecture.kind != model::Kind::kMlp) {
      return Unsupported("engine.architecture",
                         "engine onednn builds no " + std::string(model::KindName(architecture.kind)));
    }
    return std::unique_ptr<Network>(std::make_unique<OnednnNetwork>(architecture, threads_, kernels_));
  }

 private:
  unsigned threads_;
  const Kernels& kernels_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) Engine* attestml_engine_v1(unsigned threads);

Engine* attestml_engine_v1(unsigned threads) {
  std::set_terminate(EndOnTerminate);
  omp_set_num_threads(static_cast<int>(threads));
  if (AddressSpaceIsLimited() && !ReadyForLittleMemory()) return nullptr;
  return std::make_unique<OnednnEngine>(threads).release();
}

}  // namespace attestml::engine
