// One small architecture of each kind, and batches for them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "engine/engine.h"
#include "model/model.h"

namespace attestml::engine {

inline model::Architecture ImageArchitecture(model::Kind kind, std::vector<std::int64_t> image) {
  model::Architecture a;
  a.kind = kind;
  a.inputs = image[0] * image[1] * image[2];
  a.image = std::move(image);
  a.outputs = 3;
  return a;
}

inline model::Architecture TextArchitecture(model::Kind kind) {
  model::Architecture a;
  a.kind = kind;
  a.inputs = 9;
  a.outputs = 3;
  a.tokens = 20;
  a.embedding = 8;
  a.layers = 2;
  a.units = 12;
  if (kind == model::Kind::kTransformer) a.heads = 2;
  return a;
}

// Every kind that has an architecture of its own, by a name for tests.
inline std::vector<std::pair<std::string, model::Architecture>> TestArchitectures() {
  using model::Kind;
  std::vector<std::pair<std::string, model::Architecture>> all;
  all.emplace_back("mlp", model::Architecture{10, {16, 8}, model::Activation::kTanh, 3});
  auto cnn = ImageArchitecture(Kind::kCnn, {3, 13, 10});
  cnn.channels = {5, 6};
  cnn.kernel = 3;
  cnn.hidden = {7};
  all.emplace_back("cnn", cnn);
  cnn.activation = model::Activation::kTanh;
  cnn.kernel = 5;
  cnn.hidden = {};
  all.emplace_back("cnn-tanh", cnn);
  auto vgg = ImageArchitecture(Kind::kVgg, {3, 32, 32});
  vgg.depth = 11;
  vgg.hidden = {16};
  all.emplace_back("vgg", vgg);
  auto resnet = ImageArchitecture(Kind::kResnet, {1, 32, 33});
  resnet.depth = 18;
  all.emplace_back("resnet", resnet);
  all.emplace_back("lstm", TextArchitecture(Kind::kLstm));
  all.emplace_back("transformer", TextArchitecture(Kind::kTransformer));
  return all;
}

struct Samples {
  std::vector<float> x;
  std::vector<std::int32_t> labels;
  std::size_t columns = 0;
  Matrix matrix() const { return {x.data(), labels.size(), columns}; }
  Matrix rows(std::size_t begin, std::size_t count) const { return {x.data() + begin * columns, count, columns}; }
};

// Texts of every length, one of padding alone among them.
inline Samples MakeSamples(const model::Architecture& architecture, std::size_t rows, std::uint64_t seed) {
  Random random(seed, "test-samples");
  Samples samples;
  samples.columns = static_cast<std::size_t>(architecture.inputs);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t length = r == 1 ? 0 : 1 + random.Below(samples.columns);
    for (std::size_t i = 0; i < samples.columns; ++i) {
      if (architecture.tokens == 0) {
        samples.x.push_back(static_cast<float>(2 * random.Uniform() - 1));
      } else {
        const auto token = 1 + random.Below(static_cast<std::uint64_t>(architecture.tokens) - 1);
        samples.x.push_back(i < length ? static_cast<float>(token) : 0.0F);
      }
    }
    samples.labels.push_back(static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(architecture.outputs))));
  }
  return samples;
}

// An encoding with the input that the architecture wants.
inline statement::Encoding EncodingFor(const model::Architecture& architecture) {
  statement::Encoding encoding;
  const bool plain = architecture.image.empty() && architecture.tokens == 0;
  for (std::int64_t i = 0; i < (plain ? architecture.inputs : 1); ++i) {
    statement::EncodedColumn column;
    column.column = "c" + std::to_string(i);
    column.type = statement::ColumnType::kNumeric;
    column.mean = 0;
    column.scale = 1;
    encoding.inputs.push_back(column);
  }
  for (std::int64_t c = 0; c < architecture.outputs; ++c) encoding.classes.push_back("class" + std::to_string(c));
  encoding.target = "y";
  return encoding;
}

}  // namespace attestml::engine
