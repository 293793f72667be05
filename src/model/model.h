// What a model is: architecture, encoding, named tensors, in a safetensors file whose digest covers them all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "base/json.h"
#include "base/result.h"
#include "statement/encoding.h"

namespace attestml::model {

struct NamedTensor {
  std::string name;                 // PyTorch's: "0.weight"
  std::vector<std::int64_t> shape;  // [out, in] for weights, [out] for biases
  std::vector<float> values;        // row-major float32
};

enum class Activation : std::uint8_t { kRelu, kTanh };

// Multi-layer perceptron: Linear, activation, …, Linear. No hidden layer: logistic regression. Outputs are logits, one
// a class. Parameter names are those of torch.nn.Sequential(Linear, act, Linear, …): "0.weight", "0.bias", "2.weight",
// …
struct Architecture {
  std::int64_t inputs = 0;
  std::vector<std::int64_t> hidden;
  Activation activation = Activation::kRelu;
  std::int64_t outputs = 0;
  bool operator==(const Architecture&) const = default;
};

Json ArchitectureToJson(const Architecture& architecture);
Result<Architecture> ParseArchitecture(
    const Json& value);  // caps: 64 layers, 65536 wide, 2^31 parameters. model.architecture

// Names and shapes of the parameters, in PyTorch's order, values empty.
std::vector<NamedTensor> ParameterShapes(const Architecture& architecture);

// Initial weights from a seed, distributed as torch.nn.Linear's default (uniform in ±1/sqrt(fan_in) for weights and
// biases). The generator is ours (spec/training.md), so that every engine starts from the same bytes.
std::vector<NamedTensor> InitialWeights(const Architecture& architecture, std::uint64_t seed);

struct Model {
  Architecture architecture;
  statement::Encoding encoding;
  std::vector<NamedTensor> parameters;  // as ParameterShapes orders them

  // Reads a safetensors file as hostile: caps, exact offsets, no holes, F32 only, names and shapes as the architecture
  // says, finite values. Error ids safetensors.*, model.*.
  static Result<Model> Parse(const artifact::MeasuredFile& file);
  // One text for one model: keys sorted, padding fixed.
  Bytes Serialize() const;
};

}  // namespace attestml::model
