#include "model/model.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/byte_reader.h"
#include "model/safetensors.h"

namespace attestml::model {
namespace {

constexpr const char* kArchitectureKey = "attestml.architecture";
constexpr const char* kEncodingKey = "attestml.encoding";
constexpr const char* kFormatKey = "format";  // what PyTorch's own writer puts there

Result<Json> MetadataJson(const Safetensors& file, const char* key) {
  const auto it = file.metadata.find(key);
  if (it == file.metadata.end()) {
    return Malformed("model.metadata", std::string("metadata has no \"") + key + "\"");
  }
  auto value = ParseJson(it->second);
  if (!value.ok()) return Within(key, std::move(value).error());
  return value;
}

std::string ShapeText(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

// An image or a text reaches the model as its encoding shaped it.
Status CheckInput(const Architecture& architecture, const statement::Encoding& encoding) {
  const auto& inputs = encoding.inputs;
  if (!architecture.image.empty()) {
    const bool same = inputs.size() == 1 && inputs[0].type == statement::ColumnType::kImage &&
                      std::equal(inputs[0].shape.begin(), inputs[0].shape.end(), architecture.image.begin(),
                                 architecture.image.end());
    if (!same) return Malformed("model.inputs", "the architecture takes one image, the encoding makes something else");
  }
  if (architecture.tokens != 0) {
    const bool same =
        inputs.size() == 1 && inputs[0].type == statement::ColumnType::kText &&
        inputs[0].vocabulary.size() + statement::kFirstToken == static_cast<std::size_t>(architecture.tokens);
    if (!same) return Malformed("model.inputs", "the architecture takes one text, the encoding makes something else");
  }
  return {};
}

Status ReadValues(const TensorView& tensor, std::vector<float>* out) {
  ByteReader in(tensor.data);
  out->reserve(tensor.data.size() / 4);
  std::uint32_t bits = 0;
  while (in.ReadU32Le(&bits)) {
    const float value = std::bit_cast<float>(bits);
    if (!std::isfinite(value)) {
      return Malformed("model.value", "tensor \"" + tensor.name + "\" has a value that is not finite at " +
                                          std::to_string(out->size()));
    }
    out->push_back(value);
  }
  return {};
}

}  // namespace

Result<Model> Model::Parse(const artifact::MeasuredFile& file) {
  ATTESTML_TRY(const Safetensors container, ReadSafetensors(file.bytes()));
  for (const auto& [key, value] : container.metadata) {
    const bool known = key == kArchitectureKey || key == kEncodingKey || (key == kFormatKey && value == "pt");
    if (!known) return Malformed("model.metadata", "metadata has an unknown member \"" + key.substr(0, 64) + "\"");
  }
  ATTESTML_TRY(const Json architecture, MetadataJson(container, kArchitectureKey));
  ATTESTML_TRY(const Json encoding, MetadataJson(container, kEncodingKey));
  Model model;
  ATTESTML_TRY(model.architecture, ParseArchitecture(architecture));
  ATTESTML_TRY(model.encoding, statement::ParseEncoding(encoding));
  if (model.encoding.width() != static_cast<std::size_t>(model.architecture.inputs)) {
    return Malformed("model.inputs", "encoding makes " + std::to_string(model.encoding.width()) +
                                         " inputs, the architecture takes " +
                                         std::to_string(model.architecture.inputs));
  }
  if (model.encoding.outputs() != static_cast<std::size_t>(model.architecture.outputs)) {
    return Malformed(
        "model.outputs",
        "encoding has " +
            (model.encoding.number ? "one number" : std::to_string(model.encoding.classes.size()) + " classes") +
            ", the architecture " + std::to_string(model.architecture.outputs) + " outputs");
  }

  ATTESTML_CHECK(CheckInput(model.architecture, model.encoding));
  model.parameters = ParameterShapes(model.architecture);
  if (container.tensors.size() != model.parameters.size()) {
    return Malformed("model.parameters", std::to_string(container.tensors.size()) + " tensors, want " +
                                             std::to_string(model.parameters.size()));
  }
  for (NamedTensor& parameter : model.parameters) {
    const TensorView* found = nullptr;
    for (const TensorView& tensor : container.tensors) {
      if (tensor.name == parameter.name) found = &tensor;
    }
    if (found == nullptr) return Malformed("model.parameters", "no tensor \"" + parameter.name + "\"");
    if (found->shape != parameter.shape) {
      return Malformed("model.shape", "tensor \"" + parameter.name + "\" has shape " + ShapeText(found->shape) +
                                          ", want " + ShapeText(parameter.shape));
    }
    ATTESTML_CHECK(ReadValues(*found, &parameter.values));
  }
  return model;
}

Bytes Model::Serialize() const {
  return WriteSafetensors({{kArchitectureKey, DumpJson(ArchitectureToJson(architecture))},
                           {kEncodingKey, DumpJson(statement::EncodingToJson(encoding))},
                           {kFormatKey, "pt"}},
                          parameters);
}

}  // namespace attestml::model
