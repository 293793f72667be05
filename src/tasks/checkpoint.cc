#include "tasks/checkpoint.h"

#include <bit>
#include <cmath>
#include <map>

#include "base/byte_reader.h"
#include "base/decimal.h"
#include "base/hex.h"
#include "base/json.h"
#include "model/safetensors.h"

namespace attestml::tasks {
namespace {

constexpr const char* kStateKey = "attestml.checkpoint";
constexpr const char* kArchitectureKey = "attestml.architecture";
constexpr const char* kEncodingKey = "attestml.encoding";

Error Bad(std::string message) { return Malformed("checkpoint", std::move(message)); }

struct Part {
  const char* prefix;
  std::vector<model::NamedTensor>* tensors;
};

Result<double> ReadNumber(JsonObject& object, std::string_view name) {
  ATTESTML_TRY(const std::string text, object.String(name));
  if (!IsShortestDecimal(text)) return Bad("\"" + std::string(name) + "\" is not a shortest decimal");
  return *ParseDecimal(text);
}

Result<std::vector<float>> ReadValues(const model::TensorView& tensor) {
  std::vector<float> out;
  out.reserve(tensor.data.size() / 4);
  ByteReader in(tensor.data);
  std::uint32_t bits = 0;
  while (in.ReadU32Le(&bits)) {
    out.push_back(std::bit_cast<float>(bits));
    if (!std::isfinite(out.back())) return Bad("tensor \"" + tensor.name + "\" has a value that is not finite");
  }
  return out;
}

// `shapes` in their order, all of them or none.
Status Take(std::string_view prefix, const std::vector<model::NamedTensor>& shapes, bool buffers,
            std::map<std::string, const model::TensorView*>* from, std::vector<model::NamedTensor>* out) {
  std::size_t wanted = 0;
  for (const model::NamedTensor& shape : shapes) {
    if (!buffers && model::IsBuffer(shape.name)) continue;
    ++wanted;
    const auto it = from->find(std::string(prefix) + shape.name);
    if (it == from->end()) continue;
    if (it->second->shape != shape.shape) return Bad("tensor \"" + it->first + "\" is not shaped as its parameter");
    ATTESTML_TRY(auto values, ReadValues(*it->second));
    out->push_back({shape.name, shape.shape, std::move(values)});
    from->erase(it);
  }
  if (!out->empty() && out->size() != wanted) {
    return Bad(std::to_string(out->size()) + " tensors called \"" + std::string(prefix) + "…\", want " +
               std::to_string(wanted) + " or none");
  }
  return {};
}

}  // namespace

Bytes WriteCheckpoint(const Checkpoint& checkpoint) {
  const TrainingState& state = checkpoint.state;
  Json value = Json::object();
  value["job"] = HexEncode(checkpoint.job);
  value["steps"] = state.steps;
  value["epoch"] = state.epoch;
  value["epochLoss"] = FormatDecimal(state.epoch_loss);
  value["optimizerSteps"] = state.optimizer.steps;
  value["log"] = state.log_csv;
  value["sinceBest"] = state.since_best;
  if (state.best_loss) value["bestLoss"] = FormatDecimal(*state.best_loss);
  std::vector<model::NamedTensor> tensors;
  const auto add = [&](const char* prefix, const std::vector<model::NamedTensor>& from) {
    for (const auto& tensor : from) tensors.push_back({prefix + tensor.name, tensor.shape, tensor.values});
  };
  add("model.", state.parameters);
  add("first.", state.optimizer.first);
  add("second.", state.optimizer.second);
  add("best.", state.best_parameters);
  return model::WriteSafetensors({{kStateKey, DumpJson(value)},
                                  {kArchitectureKey, DumpJson(model::ArchitectureToJson(checkpoint.architecture))},
                                  {kEncodingKey, DumpJson(statement::EncodingToJson(checkpoint.encoding))}},
                                 tensors);
}

Result<Checkpoint> ReadCheckpoint(const artifact::MeasuredFile& file) {
  ATTESTML_TRY(const model::Safetensors container, model::ReadSafetensors(file.bytes()));
  const auto text = [&](const char* key) -> Result<Json> {
    const auto it = container.metadata.find(key);
    if (it == container.metadata.end()) return Bad(std::string("no metadata \"") + key + "\": not a checkpoint");
    return ParseJson(it->second);
  };
  if (container.metadata.size() != 3) return Bad("metadata that a checkpoint does not have");
  ATTESTML_TRY(const Json state, text(kStateKey));
  ATTESTML_TRY(const Json architecture, text(kArchitectureKey));
  ATTESTML_TRY(const Json encoding, text(kEncodingKey));
  Checkpoint out;
  ATTESTML_TRY(out.architecture, model::ParseArchitecture(architecture));
  ATTESTML_TRY(out.encoding, statement::ParseEncoding(encoding));

  JsonObject object(state, "checkpoint", "checkpoint");
  ATTESTML_TRY(const std::string job, object.String("job"));
  if (!HexDecodeInto(job, out.job)) return Bad("the job's digest is not 64 hexadecimal digits");
  ATTESTML_TRY(out.state.steps, object.Unsigned("steps"));
  ATTESTML_TRY(const std::uint64_t epoch, object.Unsigned("epoch"));
  ATTESTML_TRY(out.state.epoch_loss, ReadNumber(object, "epochLoss"));
  ATTESTML_TRY(out.state.optimizer.steps, object.Unsigned("optimizerSteps"));
  ATTESTML_TRY(out.state.log_csv, object.String("log"));
  ATTESTML_TRY(const std::uint64_t since_best, object.Unsigned("sinceBest"));
  if (object.Has("bestLoss")) {
    ATTESTML_TRY(out.state.best_loss, ReadNumber(object, "bestLoss"));
  }
  ATTESTML_CHECK(object.Finish());
  constexpr std::uint64_t kMaxEpochs = 1'000'000;
  if (epoch > kMaxEpochs || since_best > kMaxEpochs) return Bad("more epochs than a job can have");
  out.state.epoch = static_cast<std::uint32_t>(epoch);
  out.state.since_best = static_cast<std::uint32_t>(since_best);

  std::map<std::string, const model::TensorView*> tensors;
  for (const model::TensorView& tensor : container.tensors) tensors.emplace(tensor.name, &tensor);
  const auto shapes = model::ParameterShapes(out.architecture);
  ATTESTML_CHECK(Take("model.", shapes, true, &tensors, &out.state.parameters));
  ATTESTML_CHECK(Take("first.", shapes, false, &tensors, &out.state.optimizer.first));
  ATTESTML_CHECK(Take("second.", shapes, false, &tensors, &out.state.optimizer.second));
  ATTESTML_CHECK(Take("best.", shapes, true, &tensors, &out.state.best_parameters));
  if (!tensors.empty())
    return Bad("tensor \"" + tensors.begin()->first.substr(0, 64) + "\" has no place in a checkpoint");
  if (out.state.parameters.empty()) return Bad("no parameters");
  return out;
}

}  // namespace attestml::tasks
