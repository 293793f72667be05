// What a model is: architecture, encoding, named tensors, in a safetensors file whose digest covers them all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

enum class Kind : std::uint8_t { kMlp, kCnn, kVgg, kResnet, kLstm, kTransformer, kTorchScript };

// What a model computes, from `inputs` floats a record (images channel by channel, texts as token ids) to `outputs`
// logits, one a class, or one number. spec/model.md section 4 pins each kind to the operator; the names of parameters
// are those that the PyTorch module described there has in its state_dict. Members that a kind does not use keep their
// defaults.
//
// mlp          Linear, activation, …, Linear. No hidden layer: logistic regression. `inputs`, `hidden`, `activation`.
// cnn          for each of `channels`: Conv2d(kernel, padding kernel / 2), activation, MaxPool2d(2); Flatten; then the
//              mlp of `hidden`.
// vgg          `depth` 11, 13, 16 or 19 with batch norm, torchvision's features; Flatten; the mlp of `hidden`, which is
//              called classifier.
// resnet       `depth` 18, torchvision's; images up to 64 pixels high get a 3 × 3 first convolution and no first pool.
// lstm         Embedding, `layers` of LSTM with `units`, the state at the last token, Linear.
// transformer  Embedding plus learned positions, `layers` of TransformerEncoderLayer (`heads`, feed-forward `units`,
//              relu, norm last, no dropout), mean over the tokens, Linear.
// torchscript  the program whose SHA-256 is `program`.
struct Architecture {
  std::int64_t inputs = 0;
  std::vector<std::int64_t> hidden{};
  Activation activation = Activation::kRelu;
  std::int64_t outputs = 0;
  Kind kind = Kind::kMlp;
  std::vector<std::int64_t> image{};  // {channels, height, width}
  std::vector<std::int64_t> channels{};
  std::int64_t kernel = 0;
  std::int64_t depth = 0;
  std::int64_t tokens = 0;     // ids are 0 … tokens - 1; `inputs` is the length of a text
  std::int64_t embedding = 0;  // numbers a token
  std::int64_t layers = 0;
  std::int64_t units = 0;
  std::int64_t heads = 0;
  std::string program{};
  // torchscript: the parameters and buffers of the program, as its state_dict lists them; elsewhere they follow.
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> state{};
  bool operator==(const Architecture&) const = default;
};

Json ArchitectureToJson(const Architecture& architecture);
Result<Architecture> ParseArchitecture(
    const Json& value);  // caps: 64 layers, 65536 wide, 2^31 parameters. model.architecture
// The rules alone, for an architecture made in another way. Same id.
Status CheckArchitecture(const Architecture& architecture);

std::string_view KindName(Kind kind);  // "mlp", "cnn", "vgg", "resnet", "lstm", "transformer", "torchscript"
std::optional<Kind> KindOf(std::string_view name);

// Tensors of a state_dict that are not trained: the running statistics of batch norm.
bool IsBuffer(std::string_view parameter_name);

// Names and shapes of the parameters, in PyTorch's order, values empty.
std::vector<NamedTensor> ParameterShapes(const Architecture& architecture);

// Initial weights from a seed, distributed as PyTorch's modules have them by default (Linear and Conv2d: uniform in
// ±1/sqrt(fan_in), biases included). The generator is ours (spec/training.md), so that every engine starts from the
// same bytes. A torchscript program brings its own: empty.
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
