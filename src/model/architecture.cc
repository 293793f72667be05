// What an architecture may be: spec/model.md section 3.
#include <algorithm>

#include "model/model.h"
#include "model/parameters.h"

namespace attestml::model {
namespace {

constexpr std::uint64_t kMaxWidth = 65536;
constexpr std::size_t kMaxHidden = 63;  // with the output layer, 64
constexpr std::uint64_t kMaxParameters = std::uint64_t{1} << 31;
constexpr std::int64_t kMaxTokens = 1'000'002;
constexpr std::int64_t kMaxSide = 4096;
constexpr std::string_view kKinds[] = {"mlp", "cnn", "vgg", "resnet", "lstm", "transformer", "torchscript"};

Error Bad(std::string message) { return Malformed("model.architecture", std::move(message)); }

Status CheckSize(std::int64_t size, std::int64_t least, std::int64_t most, const std::string& what) {
  if (size < least || size > most) {
    return Bad(what + " is " + std::to_string(size) + ", want " + std::to_string(least) + " to " +
               std::to_string(most));
  }
  return {};
}

Status CheckWidth(std::int64_t width, std::int64_t least, const std::string& what) {
  return CheckSize(width, least, static_cast<std::int64_t>(kMaxWidth), what);
}

Result<std::int64_t> Number(JsonObject& object, std::string_view name) {
  ATTESTML_TRY(const std::uint64_t value, object.Unsigned(name));
  return static_cast<std::int64_t>(value);  // ParseJson keeps integers below 2^53
}

Result<std::vector<std::int64_t>> Numbers(JsonObject& object, std::string_view name) {
  ATTESTML_TRY(const Json* array, object.Array(name));
  std::vector<std::int64_t> out;
  for (const Json& item : *array) {
    if (!item.is_number_unsigned()) return Bad("\"" + std::string(name) + "\" holds something else than sizes");
    out.push_back(item.get<std::int64_t>());
  }
  return out;
}

bool HasHidden(Kind kind) { return kind == Kind::kMlp || kind == Kind::kCnn || kind == Kind::kVgg; }
bool HasActivation(Kind kind) { return kind == Kind::kMlp || kind == Kind::kCnn; }
bool HasImage(Kind kind) { return kind == Kind::kCnn || kind == Kind::kVgg || kind == Kind::kResnet; }
bool HasTokens(Kind kind) { return kind == Kind::kLstm || kind == Kind::kTransformer; }

Status CheckHidden(const Architecture& a) {
  if (a.hidden.size() > kMaxHidden) {
    return Bad(std::to_string(a.hidden.size()) + " hidden layers, want at most " + std::to_string(kMaxHidden));
  }
  for (const std::int64_t width : a.hidden) ATTESTML_CHECK(CheckWidth(width, 1, "a hidden width"));
  return {};
}

Status CheckImage(const Architecture& a) {
  if (a.image.size() != 3) return Bad("the image has not channels, height and width");
  ATTESTML_CHECK(CheckSize(a.image[0], 1, 64, "channels of the image"));
  ATTESTML_CHECK(CheckSize(a.image[1], 1, kMaxSide, "height of the image"));
  ATTESTML_CHECK(CheckSize(a.image[2], 1, kMaxSide, "width of the image"));
  if (a.inputs != a.image[0] * a.image[1] * a.image[2]) {
    return Bad("inputs is " + std::to_string(a.inputs) + ", which is not the size of the image");
  }
  if (a.kind == Kind::kCnn) {
    if (a.channels.empty() || a.channels.size() > 12) return Bad("a cnn has 1 to 12 convolutions");
    for (const std::int64_t channels : a.channels) ATTESTML_CHECK(CheckSize(channels, 1, 4096, "channels"));
    if (a.kernel != 1 && a.kernel != 3 && a.kernel != 5 && a.kernel != 7)
      return Bad("the kernel is none of 1, 3, 5, 7");
    const std::int64_t side = std::min(a.image[1], a.image[2]);
    if (side >> a.channels.size() == 0) {
      return Bad(std::to_string(a.channels.size()) + " poolings leave nothing of an image " + std::to_string(side) +
                 " pixels wide");
    }
  }
  if (a.kind == Kind::kVgg && VggLayers(a.depth).empty()) return Bad("depth of a vgg is none of 11, 13, 16, 19");
  if (a.kind == Kind::kResnet && a.depth != 18) return Bad("depth of a resnet is not 18");
  const bool pools_five_times = a.kind == Kind::kVgg || a.kind == Kind::kResnet;
  if (pools_five_times && std::min(a.image[1], a.image[2]) < 32) return Bad("the image has less than 32 by 32 pixels");
  return {};
}

Status CheckTokens(const Architecture& a) {
  ATTESTML_CHECK(CheckSize(a.tokens, 3, kMaxTokens, "tokens"));
  ATTESTML_CHECK(CheckSize(a.embedding, 1, 16384, "embedding"));
  ATTESTML_CHECK(CheckSize(a.layers, 1, 64, "layers"));
  ATTESTML_CHECK(CheckSize(a.units, 1, static_cast<std::int64_t>(kMaxWidth), "units"));
  if (a.kind == Kind::kTransformer && (a.heads < 1 || a.embedding % a.heads != 0)) {
    return Bad("embedding is " + std::to_string(a.embedding) + ", which " + std::to_string(a.heads) +
               " heads do not divide");
  }
  return {};
}

// A program may take an image or tokens in their own shape, or one row of numbers.
Status CheckTorchScript(const Architecture& a) {
  if (!a.image.empty() && a.tokens != 0) return Bad("a program takes an image or tokens, not both");
  if (!a.image.empty()) ATTESTML_CHECK(CheckImage(a));
  if (a.tokens != 0) ATTESTML_CHECK(CheckSize(a.tokens, 3, kMaxTokens, "tokens"));
  const bool hex = a.program.size() == 64 && a.program.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) return Bad("program is not a SHA-256 in 64 lower-case hexadecimal digits");
  if (a.state.size() > 4096) return Bad(std::to_string(a.state.size()) + " tensors, want at most 4096");
  for (std::size_t i = 0; i < a.state.size(); ++i) {
    const auto& [name, shape] = a.state[i];
    if (name.empty() || name.size() > 256) return Bad("a tensor's name has " + std::to_string(name.size()) + " bytes");
    for (std::size_t k = 0; k < i; ++k) {
      if (a.state[k].first == name) return Bad("tensor \"" + name.substr(0, 64) + "\" stands twice");
    }
    if (shape.size() > 8) return Bad("a tensor's rank is above 8");
    for (const std::int64_t size : shape) ATTESTML_CHECK(CheckSize(size, 1, std::int64_t{1} << 31, "a tensor's size"));
  }
  return {};
}

}  // namespace

std::string_view KindName(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<Kind> KindOf(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    if (kKinds[i] == name) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

Json ArchitectureToJson(const Architecture& a) {
  // As unsigned numbers: readers tell the two apart.
  const auto size = [](std::int64_t number) { return static_cast<std::uint64_t>(number); };
  const auto sizes = [](const std::vector<std::int64_t>& list) {
    return std::vector<std::uint64_t>(list.begin(), list.end());
  };
  Json value = Json::object();
  value["type"] = std::string(KindName(a.kind));
  value["inputs"] = size(a.inputs);
  value["outputs"] = size(a.outputs);
  if (HasHidden(a.kind)) value["hidden"] = sizes(a.hidden);
  if (HasActivation(a.kind)) value["activation"] = a.activation == Activation::kRelu ? "relu" : "tanh";
  if (HasImage(a.kind)) value["image"] = sizes(a.image);
  if (a.kind == Kind::kCnn) {
    value["channels"] = sizes(a.channels);
    value["kernel"] = size(a.kernel);
  }
  if (a.kind == Kind::kVgg || a.kind == Kind::kResnet) value["depth"] = size(a.depth);
  if (HasTokens(a.kind)) {
    value["tokens"] = size(a.tokens);
    value["embedding"] = size(a.embedding);
    value["layers"] = size(a.layers);
    value["units"] = size(a.units);
  }
  if (a.kind == Kind::kTransformer) value["heads"] = size(a.heads);
  if (a.kind == Kind::kTorchScript) {
    if (!a.image.empty()) value["image"] = sizes(a.image);
    if (a.tokens != 0) value["tokens"] = size(a.tokens);
    value["program"] = a.program;
    Json state = Json::array();
    for (const auto& [name, shape] : a.state) state.push_back({{"name", name}, {"shape", sizes(shape)}});
    value["state"] = std::move(state);
  }
  return value;
}

Result<Architecture> ParseArchitecture(const Json& value) {
  JsonObject object(value, "model.architecture", "architecture");
  ATTESTML_TRY(const std::string type, object.String("type"));
  const auto kind = KindOf(type);
  if (!kind) return Unsupported("model.architecture", "architecture type is \"" + type.substr(0, 64) + "\"");
  Architecture out;
  out.kind = *kind;
  ATTESTML_TRY(out.inputs, Number(object, "inputs"));
  ATTESTML_TRY(out.outputs, Number(object, "outputs"));
  if (HasHidden(out.kind)) {
    ATTESTML_TRY(out.hidden, Numbers(object, "hidden"));
  }
  if (HasActivation(out.kind)) {
    ATTESTML_TRY(const std::string activation, object.String("activation"));
    if (activation != "relu" && activation != "tanh") return Bad("activation is neither \"relu\" nor \"tanh\"");
    out.activation = activation == "relu" ? Activation::kRelu : Activation::kTanh;
  }
  if (HasImage(out.kind)) {
    ATTESTML_TRY(out.image, Numbers(object, "image"));
  }
  if (out.kind == Kind::kCnn) {
    ATTESTML_TRY(out.channels, Numbers(object, "channels"));
    ATTESTML_TRY(out.kernel, Number(object, "kernel"));
  }
  if (out.kind == Kind::kVgg || out.kind == Kind::kResnet) {
    ATTESTML_TRY(out.depth, Number(object, "depth"));
  }
  if (HasTokens(out.kind)) {
    ATTESTML_TRY(out.tokens, Number(object, "tokens"));
    ATTESTML_TRY(out.embedding, Number(object, "embedding"));
    ATTESTML_TRY(out.layers, Number(object, "layers"));
    ATTESTML_TRY(out.units, Number(object, "units"));
  }
  if (out.kind == Kind::kTransformer) {
    ATTESTML_TRY(out.heads, Number(object, "heads"));
  }
  if (out.kind == Kind::kTorchScript) {
    if (value.contains("image")) {
      ATTESTML_TRY(out.image, Numbers(object, "image"));
      if (out.image.empty()) return Bad("image is empty; it is left out when there is none");
    }
    if (value.contains("tokens")) {
      ATTESTML_TRY(out.tokens, Number(object, "tokens"));
      if (out.tokens == 0) return Bad("tokens is 0; it is left out when there are none");
    }
    ATTESTML_TRY(out.program, object.String("program"));
    ATTESTML_TRY(const Json* state, object.Array("state"));
    for (const Json& item : *state) {
      JsonObject entry(item, "model.architecture", "a tensor");
      ATTESTML_TRY(std::string name, entry.String("name"));
      ATTESTML_TRY(auto shape, Numbers(entry, "shape"));
      ATTESTML_CHECK(entry.Finish());
      out.state.emplace_back(std::move(name), std::move(shape));
    }
  }
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckArchitecture(out));
  return out;
}

Status CheckArchitecture(const Architecture& a) {
  ATTESTML_CHECK(
      CheckSize(a.inputs, 1, a.kind == Kind::kMlp ? static_cast<std::int64_t>(kMaxWidth) : 1'000'000, "inputs"));
  ATTESTML_CHECK(CheckWidth(a.outputs, 1, "outputs"));
  ATTESTML_CHECK(CheckHidden(a));
  if (HasImage(a.kind)) ATTESTML_CHECK(CheckImage(a));
  if (HasTokens(a.kind)) ATTESTML_CHECK(CheckTokens(a));
  if (a.kind == Kind::kTorchScript) ATTESTML_CHECK(CheckTorchScript(a));
  std::uint64_t parameters = 0;
  for (const ParameterSpec& spec : ParameterSpecs(a)) {
    std::uint64_t count = 1;
    for (const std::int64_t size : spec.shape) {
      if (static_cast<std::uint64_t>(size) > kMaxParameters / count)
        count = kMaxParameters + 1;
      else
        count *= static_cast<std::uint64_t>(size);
      if (count > kMaxParameters) break;
    }
    parameters += count;
  }
  if (parameters > kMaxParameters) {
    return Bad(std::to_string(parameters) + " parameters, want at most " + std::to_string(kMaxParameters));
  }
  return {};
}

}  // namespace attestml::model
