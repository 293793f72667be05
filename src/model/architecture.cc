#include <cmath>

#include "base/random.h"
#include "model/model.h"

namespace attestml::model {
namespace {

constexpr std::uint64_t kMaxWidth = 65536;
constexpr std::size_t kMaxHidden = 63;  // with the output layer, 64
constexpr std::uint64_t kMaxParameters = std::uint64_t{1} << 31;

Error Bad(std::string message) { return Malformed("model.architecture", std::move(message)); }

Status CheckWidth(std::uint64_t width, std::uint64_t least, const std::string& what) {
  if (width < least || width > kMaxWidth) {
    return Bad(what + " is " + std::to_string(width) + ", want " + std::to_string(least) + " to " +
               std::to_string(kMaxWidth));
  }
  return {};
}

std::vector<std::int64_t> Widths(const Architecture& architecture) {
  std::vector<std::int64_t> widths = {architecture.inputs};
  widths.insert(widths.end(), architecture.hidden.begin(), architecture.hidden.end());
  widths.push_back(architecture.outputs);
  return widths;
}

}  // namespace

Json ArchitectureToJson(const Architecture& architecture) {
  Json hidden = Json::array();
  for (const std::int64_t width : architecture.hidden) hidden.push_back(static_cast<std::uint64_t>(width));
  Json value = Json::object();
  value["type"] = "mlp";
  value["inputs"] = static_cast<std::uint64_t>(architecture.inputs);
  value["hidden"] = std::move(hidden);
  value["activation"] = architecture.activation == Activation::kRelu ? "relu" : "tanh";
  value["outputs"] = static_cast<std::uint64_t>(architecture.outputs);
  return value;
}

Result<Architecture> ParseArchitecture(const Json& value) {
  JsonObject object(value, "model.architecture", "architecture");
  ATTESTML_TRY(const std::string type, object.String("type"));
  if (type != "mlp") return Unsupported("model.architecture", "architecture type is not \"mlp\"");
  ATTESTML_TRY(const std::uint64_t inputs, object.Unsigned("inputs"));
  ATTESTML_TRY(const Json* hidden, object.Array("hidden"));
  ATTESTML_TRY(const std::string activation, object.String("activation"));
  ATTESTML_TRY(const std::uint64_t outputs, object.Unsigned("outputs"));
  ATTESTML_CHECK(object.Finish());

  Architecture out;
  ATTESTML_CHECK(CheckWidth(inputs, 1, "inputs"));
  ATTESTML_CHECK(CheckWidth(outputs, 2, "outputs"));
  out.inputs = static_cast<std::int64_t>(inputs);
  out.outputs = static_cast<std::int64_t>(outputs);
  if (hidden->size() > kMaxHidden) {
    return Bad(std::to_string(hidden->size()) + " hidden layers, want at most " + std::to_string(kMaxHidden));
  }
  for (const Json& width : *hidden) {
    if (!width.is_number_unsigned()) return Bad("a hidden width is not an unsigned integer");
    ATTESTML_CHECK(CheckWidth(width.get<std::uint64_t>(), 1, "a hidden width"));
    out.hidden.push_back(width.get<std::int64_t>());
  }
  if (activation == "tanh") {
    out.activation = Activation::kTanh;
  } else if (activation != "relu") {
    return Bad("activation is neither \"relu\" nor \"tanh\"");
  }

  std::uint64_t parameters = 0;  // 64 layers of at most 2^32 + 2^16 cannot overflow
  const auto widths = Widths(out);
  for (std::size_t i = 1; i < widths.size(); ++i) {
    parameters += static_cast<std::uint64_t>(widths[i]) * static_cast<std::uint64_t>(widths[i - 1] + 1);
  }
  if (parameters > kMaxParameters) {
    return Bad(std::to_string(parameters) + " parameters, want at most " + std::to_string(kMaxParameters));
  }
  return out;
}

std::vector<NamedTensor> ParameterShapes(const Architecture& architecture) {
  std::vector<NamedTensor> parameters;
  const auto widths = Widths(architecture);
  for (std::size_t i = 1; i < widths.size(); ++i) {
    const std::string module = std::to_string(2 * (i - 1));  // activations take the odd places of the Sequential
    parameters.push_back({module + ".weight", {widths[i], widths[i - 1]}, {}});
    parameters.push_back({module + ".bias", {widths[i]}, {}});
  }
  return parameters;
}

std::vector<NamedTensor> InitialWeights(const Architecture& architecture, std::uint64_t seed) {
  Random random(seed, "initial-weights");
  auto parameters = ParameterShapes(architecture);
  double bound = 0;
  for (NamedTensor& parameter : parameters) {
    std::int64_t count = 1;
    for (const std::int64_t size : parameter.shape) count *= size;
    if (parameter.shape.size() == 2) bound = 1.0 / std::sqrt(static_cast<double>(parameter.shape[1]));
    parameter.values.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      parameter.values.push_back(static_cast<float>((2.0 * random.Uniform() - 1.0) * bound));
    }
  }
  return parameters;
}

}  // namespace attestml::model
