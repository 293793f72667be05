#include "engine/torch/forward.h"

#include <algorithm>
#include <cmath>

#include "engine/checks.h"
#include "engine/torch/computation.h"
#include "engine/torch/guarded.h"
#include "engine/torch/lstm.h"
#include "engine/torch/relu_pool.h"
#include "model/parameters.h"

namespace attestml::engine {
namespace {

using at::Tensor;
using model::Architecture;

// Takes a network's tensors in the order of model::ParameterShapes, each once.
class Walk {
 public:
  Walk(const std::vector<Tensor>& values, const std::vector<Tensor>& buffers, Mode mode)
      : value_(values.begin()), buffer_(buffers.begin()), mode_(mode) {}

  const Tensor& Next() { return *value_++; }

  Tensor Linear(const Tensor& x) {
    const Tensor& weight = Next();
    return at::linear(x, weight, Next());
  }

  Tensor Convolution(const Tensor& x, bool bias, std::int64_t stride, std::int64_t padding) {
    const Tensor& weight = Next();
    return at::conv2d(x, weight, bias ? c10::optional<Tensor>(Next()) : c10::nullopt, stride, padding);
  }

  Tensor BatchNorm(const Tensor& x) {
    const Tensor& weight = Next();
    const Tensor& bias = Next();
    const Tensor& mean = *buffer_++;
    const Tensor& variance = *buffer_++;
    return at::batch_norm(x, weight, bias, mean, variance, mode_ == Mode::kTrain, 0.1, 1e-5, false);
  }

  Tensor LayerNorm(const Tensor& x) {
    const Tensor& weight = Next();
    return at::layer_norm(x, weight.sizes(), weight, Next(), 1e-5);
  }

  Tensor Mlp(Tensor x, std::size_t hidden, model::Activation activation) {
    for (std::size_t i = 0; i < hidden; ++i) {
      x = Linear(x);
      x = activation == model::Activation::kRelu ? x.relu_() : x.tanh_();
    }
    return Linear(x);
  }

  Mode mode() const { return mode_; }

 private:
  std::vector<Tensor>::const_iterator value_, buffer_;
  Mode mode_;
};

// Channel by channel, as torch.nn.Flatten sees an image whatever its layout.
Tensor Flatten(const Tensor& x) { return x.contiguous().flatten(1); }

Tensor Cnn(const Architecture& a, const Batch& batch, Walk* walk) {
  Tensor x = batch.x;
  for (std::size_t i = 0; i < a.channels.size(); ++i) {
    x = walk->Convolution(x, true, 1, a.kernel / 2);
    // tanh rounds different numbers to the same one, so that the order matters there.
    x = a.activation == model::Activation::kRelu ? ReluMaxPool(x) : at::max_pool2d(x.tanh_(), 2);
  }
  return walk->Mlp(Flatten(x), a.hidden.size(), a.activation);
}

Tensor Vgg(const Architecture& a, const Batch& batch, Walk* walk) {
  Tensor x = batch.x;
  const auto layers = model::VggLayers(a.depth);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] == 0) continue;
    x = walk->BatchNorm(walk->Convolution(x, true, 1, 1));
    const bool pooled = i + 1 < layers.size() && layers[i + 1] == 0;
    x = pooled ? ReluMaxPool(x) : x.relu_();
  }
  return walk->Mlp(Flatten(x), a.hidden.size(), model::Activation::kRelu);
}

Tensor Resnet(const Architecture& a, const Batch& batch, Walk* walk) {
  const bool small = a.image[1] <= 64;
  Tensor x = walk->Convolution(batch.x, false, small ? 1 : 2, small ? 1 : 3);
  x = walk->BatchNorm(x).relu_();
  if (!small) x = at::max_pool2d(x, 3, 2, 1);
  std::int64_t channels = 64;
  for (int block = 0; block < 8; ++block) {
    const std::int64_t stride = block > 0 && block % 2 == 0 ? 2 : 1;
    const Tensor input = x;
    x = walk->Convolution(x, false, stride, 1);
    x = walk->BatchNorm(x).relu_();
    x = walk->Convolution(x, false, 1, 1);
    x = walk->BatchNorm(x);
    if (stride == 1) {
      x = x.add_(input).relu_();
    } else {
      const Tensor shortcut = walk->Convolution(input, false, stride, 0);
      x = x.add_(walk->BatchNorm(shortcut)).relu_();
      channels *= 2;
    }
  }
  return walk->Linear(x.mean({2, 3}));
}

// The longest text of a batch ends it, but where results must not depend on the others'.
std::int64_t Steps(const Batch& batch, bool all) {
  return all ? batch.tokens.size(1) : *std::max_element(batch.lengths.begin(), batch.lengths.end());
}

Tensor LengthsOf(const Batch& batch) {
  return at::from_blob(const_cast<std::int64_t*>(batch.lengths.data()),  // NOLINT: only read
                       {static_cast<std::int64_t>(batch.lengths.size())}, at::kLong);
}

Tensor LstmClassifier(const Architecture& a, const Batch& batch, Walk* walk) {
  const Tensor tokens = batch.tokens.slice(1, 0, Steps(batch, false)).t();
  Tensor x = at::embedding(walk->Next(), tokens, 0);
  for (std::int64_t layer = 0; layer < a.layers; ++layer) {
    LstmWeights weights;
    weights.input = walk->Next();
    weights.hidden = walk->Next();
    weights.input_bias = walk->Next();
    weights.hidden_bias = walk->Next();
    x = walk->mode() == Mode::kPredict ? LstmStepwise(x, weights) : Lstm(x, weights);
  }
  const Tensor rows = at::arange(x.size(1), at::kLong);
  return walk->Linear(x.index({LengthsOf(batch) - 1, rows}));
}

// `out_of_text` is true where a key is padding: rows × 1 × 1 × steps.
Tensor Attention(const Tensor& x, const Tensor& out_of_text, std::int64_t heads, Walk* walk) {
  const std::int64_t rows = x.size(0);
  const std::int64_t steps = x.size(1);
  const std::int64_t width = x.size(2) / heads;
  // rows × steps × (query, key, value) × heads × width, then heads before steps.
  const auto parts = walk->Linear(x).view({rows, steps, 3, heads, width}).permute({2, 0, 3, 1, 4}).unbind(0);
  const Tensor query = parts[0] * (1.0 / std::sqrt(static_cast<double>(width)));
  const Tensor scores = at::matmul(query, parts[1].transpose(2, 3));
  const Tensor weights = scores.masked_fill(out_of_text, -INFINITY).softmax(3);
  const Tensor mixed = at::matmul(weights, parts[2]).transpose(1, 2).reshape({rows, steps, heads * width});
  return walk->Linear(mixed);
}

Tensor Transformer(const Architecture& a, const Batch& batch, Walk* walk) {
  const std::int64_t steps = Steps(batch, walk->mode() == Mode::kPredict);
  Tensor x = at::embedding(walk->Next(), batch.tokens.slice(1, 0, steps), 0);
  x = x + walk->Next().slice(0, 0, steps);
  const Tensor lengths = LengthsOf(batch).unsqueeze(1);
  const Tensor outside = at::arange(steps, at::kLong).unsqueeze(0) >= lengths;
  const Tensor out_of_text = outside.unsqueeze(1).unsqueeze(1);
  for (std::int64_t layer = 0; layer < a.layers; ++layer) {
    const Tensor attended = Attention(x, out_of_text, a.heads, walk);
    // The state_dict has the feed-forward layers before both norms.
    const Tensor& w1 = walk->Next();
    const Tensor& b1 = walk->Next();
    const Tensor& w2 = walk->Next();
    const Tensor& b2 = walk->Next();
    x = walk->LayerNorm(x + attended);
    x = walk->LayerNorm(x + at::linear(at::linear(x, w1, b1).relu_(), w2, b2));
  }
  const Tensor sum = x.masked_fill(outside.unsqueeze(2), 0).sum({1});
  return walk->Linear(sum / lengths);
}

}  // namespace

Result<Tensor> TokenTensor(const Architecture& a, Matrix x) {
  Tensor ids = at::empty({static_cast<std::int64_t>(x.rows), a.inputs}, at::kLong);
  std::int64_t* to = ids.data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < x.rows * x.columns; ++i) {
    const float value = x.data[i];
    if (!(value >= 0 && value < static_cast<float>(a.tokens)) || value != std::floor(value)) {
      return BadArguments("an input is no token id below " + std::to_string(a.tokens));
    }
    to[i] = static_cast<std::int64_t>(value);
  }
  return ids;
}

Result<Batch> MakeBatch(const Architecture& a, Matrix x) {
  Batch batch;
  const auto rows = static_cast<std::int64_t>(x.rows);
  if (a.tokens == 0) {
    batch.x = Wrap(x.data, {rows, a.image[0], a.image[1], a.image[2]}).contiguous(at::MemoryFormat::ChannelsLast);
    return batch;
  }
  ATTESTML_TRY(batch.tokens, TokenTensor(a, x));
  const std::int64_t* row = batch.tokens.data_ptr<std::int64_t>();
  for (std::int64_t r = 0; r < rows; ++r, row += a.inputs) {
    std::int64_t length = a.inputs;
    while (length > 1 && row[length - 1] == 0) --length;
    batch.lengths.push_back(length);
  }
  return batch;
}

Tensor Forward(const Architecture& architecture, const Batch& batch, const std::vector<Tensor>& values,
               const std::vector<Tensor>& buffers, Mode mode) {
  Walk walk(values, buffers, mode);
  switch (architecture.kind) {
    case model::Kind::kCnn:
      return Cnn(architecture, batch, &walk);
    case model::Kind::kVgg:
      return Vgg(architecture, batch, &walk);
    case model::Kind::kResnet:
      return Resnet(architecture, batch, &walk);
    case model::Kind::kLstm:
      return LstmClassifier(architecture, batch, &walk);
    case model::Kind::kTransformer:
      return Transformer(architecture, batch, &walk);
    case model::Kind::kMlp:
    case model::Kind::kTorchScript:
      break;
  }
  return walk.Mlp(batch.x, architecture.hidden.size(), architecture.activation);
}

namespace {

class KindComputation final : public Computation {
 public:
  explicit KindComputation(const Architecture& architecture) : architecture_(architecture) {}

  ParameterLayout Layout() const override {
    auto shapes = model::ParameterShapes(architecture_);
    std::vector<bool> trained;
    for (const auto& shape : shapes) trained.push_back(!model::IsBuffer(shape.name));
    return {std::move(shapes), std::move(trained), true};
  }

  std::vector<Tensor> Bind(const std::vector<Tensor>& values, const std::vector<Tensor>& buffers) override {
    values_ = values;
    buffers_ = buffers;
    for (const Tensor& value : values) leaves_.push_back(value.detach().requires_grad_(true));
    return leaves_;
  }

  Result<Batch> MakeBatch(Matrix x) const override { return engine::MakeBatch(architecture_, x); }
  void Enter(Mode, std::uint64_t) override {}

  Tensor Forward(const Batch& batch, Mode mode, bool graph) override {
    return engine::Forward(architecture_, batch, graph ? leaves_ : values_, buffers_, mode);
  }

  std::string MixesRecords() const override {
    return buffers_.empty() ? "" : "batch norm mixes the records of a batch, so that none can be hidden on its own";
  }
  bool concurrent() const override { return true; }

 private:
  Architecture architecture_;
  std::vector<Tensor> leaves_, values_, buffers_;
};

}  // namespace

std::unique_ptr<Computation> MakeComputation(const Architecture& architecture) {
  return std::make_unique<KindComputation>(architecture);
}

}  // namespace attestml::engine
