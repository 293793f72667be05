#include "engine/onednn/predicting_network.h"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/checks.h"
#include "model/parameters.h"

namespace attestml::engine::onednn {
namespace {

using model::Architecture;
using model::Kind;
using model::NamedTensor;

constexpr double kNormEpsilon = 1e-5;  // of torch.nn.BatchNorm2d

// Height × width × channels.
struct Picture {
  std::size_t height = 0, width = 0, channels = 0;
  std::vector<float> values;

  void Resize(std::size_t h, std::size_t w, std::size_t c) {
    height = h;
    width = w;
    channels = c;
    values.resize(h * w * c);
  }
  float* at(std::size_t y, std::size_t x) { return values.data() + (y * width + x) * channels; }
  const float* at(std::size_t y, std::size_t x) const { return values.data() + (y * width + x) * channels; }
};

// A matrix of outputs × inputs as the kernels want it, and what is added.
struct Dense {
  std::size_t inputs = 0, outputs = 0;
  std::vector<float> panels, bias;
};

struct Convolution {
  Dense product;  // of a patch: line, column, channel
  std::size_t kernel = 1, stride = 1, padding = 0;
};

struct Lstm {
  Dense input, hidden;  // gates in, forget, cell, out; both biases are in the first
};

Dense Packed(const float* weight, std::size_t outputs, std::size_t inputs, std::vector<float> bias) {
  Dense out{inputs, outputs, std::vector<float>(PanelFloats(outputs, inputs)), std::move(bias)};
  PackPanels(weight, outputs, inputs, out.panels.data());
  return out;
}

// Takes a network's tensors in the order of model::ParameterShapes, each once.
class Reader {
 public:
  explicit Reader(const std::vector<NamedTensor>& tensors) : next_(tensors.begin()) {}

  const NamedTensor& Next() { return *next_++; }

  Dense Linear() {
    const NamedTensor& weight = Next();
    return Packed(weight.values.data(), Size(weight, 0), Size(weight, 1), Next().values);
  }

  // Without batch norm a convolution has a bias; the norm is folded into weight and bias.
  Convolution Convolve(bool bias, bool norm, std::size_t stride, std::size_t padding) {
    const NamedTensor& weight = Next();
    const std::size_t outputs = Size(weight, 0);
    std::vector<double> shift(outputs, 0.0);
    std::vector<double> scale(outputs, 1.0);
    if (bias) {
      const std::vector<float>& values = Next().values;
      std::copy(values.begin(), values.end(), shift.begin());
    }
    if (norm) {
      const std::vector<float>& gain = Next().values;
      const std::vector<float>& offset = Next().values;
      const std::vector<float>& mean = Next().values;
      const std::vector<float>& variance = Next().values;
      for (std::size_t o = 0; o < outputs; ++o) {
        scale[o] = gain[o] / std::sqrt(static_cast<double>(variance[o]) + kNormEpsilon);
        shift[o] = (shift[o] - mean[o]) * scale[o] + offset[o];
      }
    }
    const std::size_t channels = Size(weight, 1);
    const std::size_t kernel = Size(weight, 2);
    const std::size_t patch = kernel * kernel * channels;
    std::vector<float> rows(outputs * patch);
    for (std::size_t o = 0; o < outputs; ++o) {
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t k = 0; k < kernel * kernel; ++k) {
          rows[o * patch + k * channels + c] =
              static_cast<float>(weight.values[(o * channels + c) * kernel * kernel + k] * scale[o]);
        }
      }
    }
    return {Packed(rows.data(), outputs, patch, {shift.begin(), shift.end()}), kernel, stride, padding};
  }

  Lstm Recurrent() {
    const NamedTensor& input = Next();
    const NamedTensor& hidden = Next();
    std::vector<float> bias = Next().values;
    const std::vector<float>& more = Next().values;
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += more[i];
    return {Packed(input.values.data(), Size(input, 0), Size(input, 1), std::move(bias)),
            Packed(hidden.values.data(), Size(hidden, 0), Size(hidden, 1), {})};
  }

 private:
  static std::size_t Size(const NamedTensor& tensor, std::size_t dimension) {
    return static_cast<std::size_t>(tensor.shape[dimension]);
  }

  std::vector<NamedTensor>::const_iterator next_;
};

// What one thread computes with.
struct Scratch {
  Picture now, next, kept, shortcut;
  std::vector<float> patches, row, gates, hidden_gates;
  std::vector<std::vector<float>> state, cell;
};

// std::max would let a number stand for what is none, and a prediction of nothing pass for one.
float Larger(float best, float value) { return value > best || value != value ? value : best; }

float Sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

class PredictingNetwork final : public Network {
 public:
  PredictingNetwork(const Architecture& architecture, unsigned threads, const Kernels& kernels)
      : architecture_(architecture),
        parameters_(model::ParameterShapes(architecture)),
        threads_(static_cast<int>(threads)),
        kernels_(kernels) {
    for (NamedTensor& tensor : parameters_) tensor.values.assign(static_cast<std::size_t>(ElementCount(tensor)), 0.0F);
  }

  Status Load(std::span<const NamedTensor> parameters) override {
    ATTESTML_CHECK(CheckParameters(parameters_, parameters));
    parameters_.assign(parameters.begin(), parameters.end());
    ready_ = false;
    return {};
  }

  std::vector<NamedTensor> Export() override { return parameters_; }

  Status Configure(const OptimizerConfig&, std::span<const float>) override { return TrainsNone(); }
  Result<float> Step(Matrix, Targets, double) override { return TrainsNone(); }
  Status InputGradient(Matrix, Targets, std::span<float>) override {
    return Unsupported("engine.gradient", "engine onednn derives no " +
                                              std::string(model::KindName(architecture_.kind)) +
                                              ", choose engine.name = \"torch\"");
  }

  Status Predict(Matrix x, std::span<float> logits) override {
    ATTESTML_CHECK(CheckPredict(architecture_, x, logits));
    if (architecture_.kind == Kind::kLstm) ATTESTML_CHECK(CheckTokens(x));
    Prepare();
    const auto outputs = static_cast<std::size_t>(architecture_.outputs);
    omp_set_num_threads(threads_);
#pragma omp parallel
    {
      Scratch scratch;
#pragma omp for schedule(static)
      for (std::size_t row = 0; row < x.rows; ++row) {
        PredictRow(x.data + row * x.columns, logits.data() + row * outputs, &scratch);
      }
    }
    return {};
  }

 private:
  Error TrainsNone() const {
    return Unsupported("engine.architecture", "engine onednn predicts with a " +
                                                  std::string(model::KindName(architecture_.kind)) +
                                                  " and trains none, choose engine.name = \"torch\"");
  }

  Status CheckTokens(Matrix x) const {
    for (std::size_t i = 0; i < x.rows * x.columns; ++i) {
      const float value = x.data[i];
      if (!(value >= 0 && value < static_cast<float>(architecture_.tokens)) || value != std::floor(value)) {
        return BadArguments("an input is no token id below " + std::to_string(architecture_.tokens));
      }
    }
    return {};
  }

  // Packs what was loaded, in the order in which it will be used.
  void Prepare() {
    if (ready_) return;
    convolutions_.clear();
    layers_.clear();
    dense_.clear();
    Reader reader(parameters_);
    const Architecture& a = architecture_;
    if (a.kind == Kind::kCnn) {
      const auto padding = static_cast<std::size_t>(a.kernel / 2);
      for (std::size_t i = 0; i < a.channels.size(); ++i) {
        convolutions_.push_back(reader.Convolve(true, false, 1, padding));
      }
    } else if (a.kind == Kind::kVgg) {
      for (const std::int64_t channels : model::VggLayers(a.depth)) {
        if (channels != 0) convolutions_.push_back(reader.Convolve(true, true, 1, 1));
      }
    } else if (a.kind == Kind::kResnet) {
      convolutions_.push_back(Small() ? reader.Convolve(false, true, 1, 1) : reader.Convolve(false, true, 2, 3));
      for (int block = 0; block < 8; ++block) {
        const std::size_t stride = Halves(block) ? 2 : 1;
        convolutions_.push_back(reader.Convolve(false, true, stride, 1));
        convolutions_.push_back(reader.Convolve(false, true, 1, 1));
        if (stride == 2) convolutions_.push_back(reader.Convolve(false, true, stride, 0));
      }
    } else {
      embedding_ = &reader.Next();
      for (std::int64_t layer = 0; layer < a.layers; ++layer) layers_.push_back(reader.Recurrent());
    }
    for (std::size_t i = 0; i <= a.hidden.size(); ++i) dense_.push_back(reader.Linear());
    ready_ = true;
  }

  bool Small() const { return architecture_.image[1] <= 64; }
  static bool Halves(int block) { return block > 0 && block % 2 == 0; }

  void PredictRow(const float* x, float* logits, Scratch* s) const {
    switch (architecture_.kind) {
      case Kind::kCnn:
        return Cnn(x, logits, s);
      case Kind::kVgg:
        return Vgg(x, logits, s);
      case Kind::kResnet:
        return Resnet(x, logits, s);
      default:
        return Text(x, logits, s);
    }
  }

  // From a tensor's order, channel by channel.
  void TakeImage(const float* x, Picture* out) const {
    const auto& image = architecture_.image;
    out->Resize(static_cast<std::size_t>(image[1]), static_cast<std::size_t>(image[2]),
                static_cast<std::size_t>(image[0]));
    const std::size_t pixels = out->height * out->width;
    for (std::size_t c = 0; c < out->channels; ++c) {
      for (std::size_t i = 0; i < pixels; ++i) out->values[i * out->channels + c] = x[c * pixels + i];
    }
  }

  void Convolve(const Convolution& layer, Activate activate, const Picture& in, Picture* out,
                std::vector<float>* patches) const {
    const std::size_t k = layer.kernel;
    out->Resize((in.height + 2 * layer.padding - k) / layer.stride + 1,
                (in.width + 2 * layer.padding - k) / layer.stride + 1, layer.product.outputs);
    patches->resize(out->width * layer.product.inputs);
    for (std::size_t y = 0; y < out->height; ++y) {
      float* patch = patches->data();
      for (std::size_t x = 0; x < out->width; ++x, patch += layer.product.inputs) {
        TakePatch(layer, in, y * layer.stride, x * layer.stride, patch);
      }
      kernels_.product(patches->data(), out->width, layer.product.inputs, layer.product.panels.data(), out->channels,
                       out->at(y, 0));
      kernels_.bias_activate(out->at(y, 0), layer.product.bias.data(), out->width, out->channels, activate);
    }
  }

  // The patch whose corner, the padding counted, is at (top, left). Beyond the picture there are zeros.
  static void TakePatch(const Convolution& layer, const Picture& in, std::size_t top, std::size_t left, float* patch) {
    const std::size_t line = layer.kernel * in.channels;
    const std::size_t before = left < layer.padding ? layer.padding - left : 0;
    const std::size_t first = left + before - layer.padding;
    const std::size_t inside = std::min(layer.kernel - before, in.width > first ? in.width - first : 0);
    for (std::size_t k = 0; k < layer.kernel; ++k, patch += line) {
      const std::size_t y = top + k;
      if (y < layer.padding || y - layer.padding >= in.height) {
        std::fill_n(patch, line, 0.0F);
        continue;
      }
      std::fill_n(patch, before * in.channels, 0.0F);
      float* to = std::copy_n(in.at(y - layer.padding, first), inside * in.channels, patch + before * in.channels);
      std::fill(to, patch + line, 0.0F);
    }
  }

  // The largest of size × size pixels, `stride` apart; what lies beyond the picture is smaller than any.
  static void Pool(std::size_t size, std::size_t stride, std::size_t padding, const Picture& in, Picture* out) {
    out->Resize((in.height + 2 * padding - size) / stride + 1, (in.width + 2 * padding - size) / stride + 1,
                in.channels);
    std::fill(out->values.begin(), out->values.end(), -std::numeric_limits<float>::infinity());
    for (std::size_t y = 0; y < out->height; ++y) {
      for (std::size_t x = 0; x < out->width; ++x) {
        for (std::size_t k = 0; k < size * size; ++k) {
          const std::size_t from_y = y * stride + k / size;
          const std::size_t from_x = x * stride + k % size;
          if (from_y < padding || from_y - padding >= in.height) continue;
          if (from_x < padding || from_x - padding >= in.width) continue;
          const float* from = in.at(from_y - padding, from_x - padding);
          float* to = out->at(y, x);
          for (std::size_t c = 0; c < in.channels; ++c) to[c] = Larger(to[c], from[c]);
        }
      }
    }
  }

  void Multiply(const Dense& dense, Activate activate, const float* x, float* y) const {
    kernels_.product(x, 1, dense.inputs, dense.panels.data(), dense.outputs, y);
    if (!dense.bias.empty()) kernels_.bias_activate(y, dense.bias.data(), 1, dense.outputs, activate);
  }

  void Mlp(std::vector<float> x, Activate activate, float* logits) const {
    for (std::size_t i = 0; i + 1 < dense_.size(); ++i) {
      std::vector<float> y(dense_[i].outputs);
      Multiply(dense_[i], activate, x.data(), y.data());
      x = std::move(y);
    }
    Multiply(dense_.back(), Activate::kNone, x.data(), logits);
  }

  // Back to a tensor's order.
  static std::vector<float> Flat(const Picture& in) {
    std::vector<float> out(in.values.size());
    const std::size_t pixels = in.height * in.width;
    for (std::size_t i = 0; i < pixels; ++i) {
      for (std::size_t c = 0; c < in.channels; ++c) out[c * pixels + i] = in.values[i * in.channels + c];
    }
    return out;
  }

  void Cnn(const float* x, float* logits, Scratch* s) const {
    const Activate activate = architecture_.activation == model::Activation::kRelu ? Activate::kRelu : Activate::kTanh;
    TakeImage(x, &s->now);
    for (const Convolution& layer : convolutions_) {
      Convolve(layer, activate, s->now, &s->next, &s->patches);
      Pool(2, 2, 0, s->next, &s->now);
    }
    Mlp(Flat(s->now), activate, logits);
  }

  void Vgg(const float* x, float* logits, Scratch* s) const {
    TakeImage(x, &s->now);
    auto layer = convolutions_.begin();
    for (const std::int64_t channels : model::VggLayers(architecture_.depth)) {
      if (channels == 0) {
        Pool(2, 2, 0, s->now, &s->next);
      } else {
        Convolve(*layer++, Activate::kRelu, s->now, &s->next, &s->patches);
      }
      std::swap(s->now, s->next);
    }
    Mlp(Flat(s->now), Activate::kRelu, logits);
  }

  void Resnet(const float* x, float* logits, Scratch* s) const {
    TakeImage(x, &s->now);
    auto layer = convolutions_.begin();
    Convolve(*layer++, Activate::kRelu, s->now, &s->next, &s->patches);
    std::swap(s->now, s->next);
    if (!Small()) {
      Pool(3, 2, 1, s->now, &s->next);
      std::swap(s->now, s->next);
    }
    for (int block = 0; block < 8; ++block) {
      std::swap(s->now, s->kept);
      Convolve(*layer++, Activate::kRelu, s->kept, &s->next, &s->patches);
      Convolve(*layer++, Activate::kNone, s->next, &s->now, &s->patches);
      if (Halves(block)) {
        Convolve(*layer++, Activate::kNone, s->kept, &s->shortcut, &s->patches);
        std::swap(s->kept, s->shortcut);
      }
      for (std::size_t i = 0; i < s->now.values.size(); ++i) {
        const float sum = s->now.values[i] + s->kept.values[i];
        s->now.values[i] = sum < 0 ? 0.0F : sum;
      }
    }
    std::vector<float> mean(s->now.channels);
    const std::size_t pixels = s->now.height * s->now.width;
    for (std::size_t c = 0; c < mean.size(); ++c) {
      double sum = 0;
      for (std::size_t i = 0; i < pixels; ++i) sum += s->now.values[i * mean.size() + c];
      mean[c] = static_cast<float>(sum / static_cast<double>(pixels));
    }
    Mlp(std::move(mean), Activate::kNone, logits);
  }

  void Text(const float* tokens, float* logits, Scratch* s) const {
    const auto units = static_cast<std::size_t>(architecture_.units);
    const auto width = static_cast<std::size_t>(architecture_.embedding);
    auto length = static_cast<std::size_t>(architecture_.inputs);
    while (length > 1 && tokens[length - 1] == 0) --length;
    s->state.assign(layers_.size(), std::vector<float>(units, 0.0F));
    s->cell.assign(layers_.size(), std::vector<float>(units, 0.0F));
    s->gates.resize(4 * units);
    s->hidden_gates.resize(4 * units);
    for (std::size_t t = 0; t < length; ++t) {
      const float* x = embedding_->values.data() + static_cast<std::size_t>(tokens[t]) * width;
      for (std::size_t l = 0; l < layers_.size(); ++l) {
        Multiply(layers_[l].input, Activate::kNone, x, s->gates.data());
        Multiply(layers_[l].hidden, Activate::kNone, s->state[l].data(), s->hidden_gates.data());
        Cell(units, s, l);
        x = s->state[l].data();
      }
    }
    Mlp(s->state.back(), Activate::kNone, logits);
  }

  static void Cell(std::size_t units, Scratch* s, std::size_t layer) {
    const auto gate = [&](std::size_t which, std::size_t i) {
      return s->gates[which * units + i] + s->hidden_gates[which * units + i];
    };
    for (std::size_t i = 0; i < units; ++i) {
      float& cell = s->cell[layer][i];
      cell = Sigmoid(gate(1, i)) * cell + Sigmoid(gate(0, i)) * std::tanh(gate(2, i));
      s->state[layer][i] = Sigmoid(gate(3, i)) * std::tanh(cell);
    }
  }

  const Architecture architecture_;
  std::vector<NamedTensor> parameters_;
  const int threads_;
  const Kernels& kernels_;
  bool ready_ = false;
  std::vector<Convolution> convolutions_;
  std::vector<Lstm> layers_;
  std::vector<Dense> dense_;
  const NamedTensor* embedding_ = nullptr;
};

}  // namespace

bool CanPredictWith(Kind kind) {
  return kind == Kind::kCnn || kind == Kind::kVgg || kind == Kind::kResnet || kind == Kind::kLstm;
}

std::unique_ptr<Network> MakePredictingNetwork(const Architecture& architecture, unsigned threads,
                                               const Kernels& kernels) {
  return std::make_unique<PredictingNetwork>(architecture, threads, kernels);
}

}  // namespace attestml::engine::onednn
