#include "properties/compute.h"

#include "properties/flops.h"
#include "properties/parameters.h"
#include "properties/results.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

constexpr double kBackwardAndForward = 3;  // a backward pass does each product twice: for its inputs and its weights

double Elements(const model::NamedTensor& tensor) {
  double count = 1;
  for (const std::int64_t size : tensor.shape) count *= static_cast<double>(size);
  return count;
}

}  // namespace

Result<Measurement> Compute::Measure(const Inputs& inputs) const {
  ATTESTML_CHECK(Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  if (inputs.model == nullptr || inputs.model->model == nullptr) {
    return Usage("property.inputs", "compute: want a model");
  }
  if (!inputs.references.empty()) return Usage("property.reference", "compute: references, want none");
  const model::Architecture& architecture = inputs.model->model->architecture;
  double all = 0, trainable = 0;
  for (const model::NamedTensor& tensor : model::ParameterShapes(architecture)) {
    all += Elements(tensor);
    if (!model::IsBuffer(tensor.name)) trainable += Elements(tensor);
  }
  Measurement measurement;
  // None of it is over records.
  const auto put = [&](std::string_view metric, const Value& value) {
    measurement.results.push_back(MakeResult(metric, value, 0));
    measurement.results.back().count.reset();
  };
  // A frozen program keeps its weights as constants: it has them all the same.
  const bool frozen = architecture.kind == model::Kind::kTorchScript && architecture.state.empty();
  const auto counted = [&](double number) { return frozen ? Value::Undefined(reason::kNotCounted) : Value(number); };
  put("parameters", counted(all));
  put("trainable-parameters", counted(trainable));
  put("parameter-bytes", counted(4 * all));
  const Value forward = ForwardFlops(architecture);
  put("forward-flops", forward);
  if (inputs.training == nullptr) return measurement;
  const TrainingFacts& facts = *inputs.training;
  const auto examples = static_cast<double>(facts.examples);
  put("training-flops", forward.defined() ? Value(kBackwardAndForward * forward.number() * examples) : forward);
  put("training-records", static_cast<double>(facts.records));
  put("steps", static_cast<double>(facts.steps));
  put("epochs", static_cast<double>(facts.epochs));
  put("examples", examples);
  put("cpu-seconds", facts.cpu_seconds);
  return measurement;
}

}  // namespace attestml::properties
