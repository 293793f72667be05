#include "model/parameters.h"

#include <cmath>
#include <numbers>

#include "base/random.h"

namespace attestml::model {
namespace {

double Bound(std::int64_t fan_in) { return 1.0 / std::sqrt(static_cast<double>(fan_in)); }

class Builder {
 public:
  void Linear(const std::string& name, std::int64_t in, std::int64_t out) {
    Add(name + ".weight", {out, in}, Start::kUniform, Bound(in));
    Add(name + ".bias", {out}, Start::kUniform, Bound(in));
  }

  void Convolution(const std::string& name, std::int64_t in, std::int64_t out, std::int64_t kernel, bool bias) {
    const double bound = Bound(in * kernel * kernel);
    Add(name + ".weight", {out, in, kernel, kernel}, Start::kUniform, bound);
    if (bias) Add(name + ".bias", {out}, Start::kUniform, bound);
  }

  void BatchNorm(const std::string& name, std::int64_t channels) {
    Norm(name, channels);
    Add(name + ".running_mean", {channels}, Start::kZero);
    Add(name + ".running_var", {channels}, Start::kOne);
  }

  void Norm(const std::string& name, std::int64_t size) {
    Add(name + ".weight", {size}, Start::kOne);
    Add(name + ".bias", {size}, Start::kZero);
  }

  // Linear layers at the even places of a Sequential that begins at `first`.
  void Mlp(const std::string& prefix, std::int64_t first, std::int64_t in, const std::vector<std::int64_t>& hidden,
           std::int64_t out) {
    for (const std::int64_t width : hidden) {
      Linear(prefix + std::to_string(first), in, width);
      in = width;
      first += 2;
    }
    Linear(prefix + std::to_string(first), in, out);
  }

  void Add(std::string name, std::vector<std::int64_t> shape, Start start, double bound = 0) {
    specs.push_back({std::move(name), std::move(shape), start, bound});
  }

  std::vector<ParameterSpec> specs;
};

void Cnn(const Architecture& a, Builder* b) {
  std::int64_t in = a.image[0];
  std::int64_t height = a.image[1];
  std::int64_t width = a.image[2];
  std::int64_t place = 0;
  for (const std::int64_t channels : a.channels) {
    b->Convolution(std::to_string(place), in, channels, a.kernel, true);
    in = channels;
    height /= 2;
    width /= 2;
    place += 3;
  }
  b->Mlp("", place + 1, in * height * width, a.hidden, a.outputs);  // Flatten stands at `place`
}

void Vgg(const Architecture& a, Builder* b) {
  std::int64_t in = a.image[0];
  std::int64_t place = 0;
  for (const std::int64_t channels : VggLayers(a.depth)) {
    if (channels == 0) {
      ++place;
      continue;
    }
    b->Convolution("features." + std::to_string(place), in, channels, 3, true);
    b->BatchNorm("features." + std::to_string(place + 1), channels);
    in = channels;
    place += 3;
  }
  b->Mlp("classifier.", 0, in * (a.image[1] / 32) * (a.image[2] / 32), a.hidden, a.outputs);
}

void Resnet(const Architecture& a, Builder* b) {
  b->Convolution("conv1", a.image[0], 64, a.image[1] <= 64 ? 3 : 7, false);
  b->BatchNorm("bn1", 64);
  std::int64_t in = 64;
  for (std::int64_t layer = 1; layer <= 4; ++layer) {
    const std::int64_t channels = std::int64_t{32} << layer;
    for (std::int64_t block = 0; block < 2; ++block) {
      const std::string name = "layer" + std::to_string(layer) + "." + std::to_string(block) + ".";
      b->Convolution(name + "conv1", in, channels, 3, false);
      b->BatchNorm(name + "bn1", channels);
      b->Convolution(name + "conv2", channels, channels, 3, false);
      b->BatchNorm(name + "bn2", channels);
      if (in != channels) {
        b->Convolution(name + "downsample.0", in, channels, 1, false);
        b->BatchNorm(name + "downsample.1", channels);
      }
      in = channels;
    }
  }
  b->Linear("fc", 512, a.outputs);
}

void Lstm(const Architecture& a, Builder* b) {
  b->Add("embedding.weight", {a.tokens, a.embedding}, Start::kNormal);
  std::int64_t in = a.embedding;
  for (std::int64_t layer = 0; layer < a.layers; ++layer) {
    const std::string suffix = "_l" + std::to_string(layer);
    const double bound = Bound(a.units);
    b->Add("lstm.weight_ih" + suffix, {4 * a.units, in}, Start::kUniform, bound);
    b->Add("lstm.weight_hh" + suffix, {4 * a.units, a.units}, Start::kUniform, bound);
    b->Add("lstm.bias_ih" + suffix, {4 * a.units}, Start::kUniform, bound);
    b->Add("lstm.bias_hh" + suffix, {4 * a.units}, Start::kUniform, bound);
    in = a.units;
  }
  b->Linear("fc", a.units, a.outputs);
}

void Transformer(const Architecture& a, Builder* b) {
  const std::int64_t e = a.embedding;
  b->Add("embedding.weight", {a.tokens, e}, Start::kNormal);
  b->Add("position.weight", {a.inputs, e}, Start::kNormal);
  for (std::int64_t layer = 0; layer < a.layers; ++layer) {
    const std::string name = "encoder.layers." + std::to_string(layer) + ".";
    // Xavier: sqrt(6 / (fan in + fan out)) of the 3e × e matrix.
    b->Add(name + "self_attn.in_proj_weight", {3 * e, e}, Start::kUniform, std::sqrt(6.0 / static_cast<double>(4 * e)));
    b->Add(name + "self_attn.in_proj_bias", {3 * e}, Start::kZero);
    b->Add(name + "self_attn.out_proj.weight", {e, e}, Start::kUniform, Bound(e));
    b->Add(name + "self_attn.out_proj.bias", {e}, Start::kZero);
    b->Linear(name + "linear1", e, a.units);
    b->Linear(name + "linear2", a.units, e);
    b->Norm(name + "norm1", e);
    b->Norm(name + "norm2", e);
  }
  b->Linear("fc", e, a.outputs);
}

// Box and Muller, both halves in turn.
class Normal {
 public:
  explicit Normal(Random* random) : random_(random) {}
  double Next() {
    if (spare_) {
      spare_ = false;
      return second_;
    }
    const double radius = std::sqrt(-2.0 * std::log(1.0 - random_->Uniform()));
    const double angle = 2.0 * std::numbers::pi * random_->Uniform();
    second_ = radius * std::sin(angle);
    spare_ = true;
    return radius * std::cos(angle);
  }

 private:
  Random* random_;
  bool spare_ = false;
  double second_ = 0;
};

}  // namespace

std::vector<std::int64_t> VggLayers(std::int64_t depth) {
  // Convolutions in each of the five stages.
  std::vector<int> stages;
  if (depth == 11) stages = {1, 1, 2, 2, 2};
  if (depth == 13) stages = {2, 2, 2, 2, 2};
  if (depth == 16) stages = {2, 2, 3, 3, 3};
  if (depth == 19) stages = {2, 2, 4, 4, 4};
  std::vector<std::int64_t> layers;
  std::int64_t channels = 64;
  for (const int convolutions : stages) {
    for (int i = 0; i < convolutions; ++i) layers.push_back(channels);
    layers.push_back(0);
    if (channels < 512) channels *= 2;
  }
  return layers;
}

std::vector<ParameterSpec> ParameterSpecs(const Architecture& architecture) {
  Builder builder;
  switch (architecture.kind) {
    case Kind::kMlp:
      builder.Mlp("", 0, architecture.inputs, architecture.hidden, architecture.outputs);
      break;
    case Kind::kCnn:
      Cnn(architecture, &builder);
      break;
    case Kind::kVgg:
      Vgg(architecture, &builder);
      break;
    case Kind::kResnet:
      Resnet(architecture, &builder);
      break;
    case Kind::kLstm:
      Lstm(architecture, &builder);
      break;
    case Kind::kTransformer:
      Transformer(architecture, &builder);
      break;
    case Kind::kTorchScript:
      for (const auto& [name, shape] : architecture.state) builder.Add(name, shape, Start::kZero);
      break;
  }
  return std::move(builder.specs);
}

std::vector<NamedTensor> ParameterShapes(const Architecture& architecture) {
  std::vector<NamedTensor> out;
  for (ParameterSpec& spec : ParameterSpecs(architecture))
    out.push_back({std::move(spec.name), std::move(spec.shape), {}});
  return out;
}

bool IsBuffer(std::string_view parameter_name) {
  return parameter_name.ends_with(".running_mean") || parameter_name.ends_with(".running_var");
}

std::vector<NamedTensor> InitialWeights(const Architecture& architecture, std::uint64_t seed) {
  if (architecture.kind == Kind::kTorchScript) return {};
  Random random(seed, "initial-weights");
  Normal normal(&random);
  std::vector<NamedTensor> parameters;
  for (ParameterSpec& spec : ParameterSpecs(architecture)) {
    std::int64_t count = 1;
    for (const std::int64_t size : spec.shape) count *= size;
    NamedTensor parameter{std::move(spec.name), std::move(spec.shape), {}};
    parameter.values.assign(static_cast<std::size_t>(count), spec.start == Start::kOne ? 1.0F : 0.0F);
    for (float& value : parameter.values) {
      if (spec.start == Start::kUniform) value = static_cast<float>((2.0 * random.Uniform() - 1.0) * spec.bound);
      if (spec.start == Start::kNormal) value = static_cast<float>(normal.Next());
    }
    // The embedding of padding is zero, and no gradient ever changes it.
    if (parameter.name == "embedding.weight") {
      std::fill_n(parameter.values.begin(), architecture.embedding, 0.0F);
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace attestml::model
