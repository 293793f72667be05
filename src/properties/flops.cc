#include "properties/flops.h"

#include "model/parameters.h"

namespace attestml::properties {
namespace {

// Doubles, because three products of sizes within the caps can pass 2^63; exact below 2^53.
class Counter {
 public:
  void Linear(std::int64_t in, std::int64_t out, std::int64_t times = 1) {
    flops_ += 2.0 * static_cast<double>(in) * static_cast<double>(out) * static_cast<double>(times);
  }
  void Convolution(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t height, std::int64_t width) {
    Linear(in * kernel * kernel, out, height * width);
  }
  void Mlp(std::int64_t in, const model::Architecture& a) {
    for (const std::int64_t width : a.hidden) {
      Linear(in, width);
      in = width;
    }
    Linear(in, a.outputs);
  }
  double flops() const { return flops_; }

 private:
  double flops_ = 0;
};

std::int64_t Halved(std::int64_t size) { return (size + 1) / 2; }  // stride 2, padded

void Cnn(const model::Architecture& a, Counter* counter) {
  std::int64_t in = a.image[0], height = a.image[1], width = a.image[2];
  for (const std::int64_t channels : a.channels) {
    counter->Convolution(in, channels, a.kernel, height, width);
    in = channels;
    height /= 2;
    width /= 2;
  }
  counter->Mlp(in * height * width, a);
}

void Vgg(const model::Architecture& a, Counter* counter) {
  std::int64_t in = a.image[0], height = a.image[1], width = a.image[2];
  for (const std::int64_t channels : model::VggLayers(a.depth)) {
    if (channels == 0) {
      height /= 2;
      width /= 2;
      continue;
    }
    counter->Convolution(in, channels, 3, height, width);
    in = channels;
  }
  counter->Mlp(in * height * width, a);
}

void Resnet(const model::Architecture& a, Counter* counter) {
  std::int64_t height = a.image[1], width = a.image[2];
  const bool small = height <= 64;
  if (!small) {
    height = Halved(height);
    width = Halved(width);
  }
  counter->Convolution(a.image[0], 64, small ? 3 : 7, height, width);
  if (!small) {
    height = Halved(height);
    width = Halved(width);
  }
  std::int64_t in = 64;
  for (int layer = 1; layer <= 4; ++layer) {
    const std::int64_t channels = std::int64_t{32} << layer;
    for (int block = 0; block < 2; ++block) {
      if (in != channels) {
        height = Halved(height);
        width = Halved(width);
        counter->Convolution(in, channels, 1, height, width);
      }
      counter->Convolution(in, channels, 3, height, width);
      counter->Convolution(channels, channels, 3, height, width);
      in = channels;
    }
  }
  counter->Linear(512, a.outputs);
}

void Lstm(const model::Architecture& a, Counter* counter) {
  std::int64_t in = a.embedding;
  for (std::int64_t layer = 0; layer < a.layers; ++layer) {
    counter->Linear(in + a.units, 4 * a.units, a.inputs);
    in = a.units;
  }
  counter->Linear(a.units, a.outputs);
}

void Transformer(const model::Architecture& a, Counter* counter) {
  const std::int64_t e = a.embedding, tokens = a.inputs;
  for (std::int64_t layer = 0; layer < a.layers; ++layer) {
    counter->Linear(e, 3 * e, tokens);       // queries, keys, values
    counter->Linear(tokens, e, 2 * tokens);  // scores, and the values they weigh, all heads together
    counter->Linear(e, e, tokens);
    counter->Linear(e, a.units, 2 * tokens);
  }
  counter->Linear(e, a.outputs);
}

}  // namespace

Value ForwardFlops(const model::Architecture& architecture) {
  Counter counter;
  switch (architecture.kind) {
    case model::Kind::kMlp:
      counter.Mlp(architecture.inputs, architecture);
      break;
    case model::Kind::kCnn:
      Cnn(architecture, &counter);
      break;
    case model::Kind::kVgg:
      Vgg(architecture, &counter);
      break;
    case model::Kind::kResnet:
      Resnet(architecture, &counter);
      break;
    case model::Kind::kLstm:
      Lstm(architecture, &counter);
      break;
    case model::Kind::kTransformer:
      Transformer(architecture, &counter);
      break;
    case model::Kind::kTorchScript:
      return Value::Undefined(reason::kNotCounted);
  }
  return counter.flops();
}

}  // namespace attestml::properties
