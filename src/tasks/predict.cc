#include <algorithm>
#include <cmath>

#include "tasks/features.h"
#include "tasks/loss.h"
#include "tasks/training.h"

namespace attestml::tasks {

Result<std::unique_ptr<engine::Network>> LoadNetwork(const model::Model& model, engine::Engine& engine,
                                                     BytesView program) {
  ATTESTML_TRY(std::unique_ptr<engine::Network> network, engine.Build(model.architecture, program));
  ATTESTML_CHECK(network->Load(model.parameters));
  return network;
}

Result<PredictionResult> Predict(const model::Model& model, const data::Table& table, engine::Network& network) {
  ATTESTML_TRY(const Features features, Features::Make(table, model.encoding, false));
  const std::size_t outputs = model.encoding.outputs();
  const auto& number = model.encoding.number;
  PredictionResult result;
  result.logits.resize(table.rows() * outputs);
  if (number) {
    result.numbers.reserve(table.rows());
  } else {
    result.probabilities.resize(table.rows() * outputs);
    result.predicted.reserve(table.rows());
  }
  ATTESTML_CHECK(features.Predict(network, outputs, result.logits));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto logits = std::span<const float>(result.logits).subspan(row * outputs, outputs);
    const double answer = number ? number->mean + number->scale * static_cast<double>(logits[0]) : 0;
    // Finite weights can still overflow on extreme inputs; nothing follows from that.
    if (!std::all_of(logits.begin(), logits.end(), [](float z) { return std::isfinite(z); }) ||
        !std::isfinite(answer)) {
      return Malformed("predict.overflow", "the model's output for row " + std::to_string(row + 1) + " is not finite");
    }
    if (number) {
      result.numbers.push_back(answer);
      continue;
    }
    Softmax(logits, std::span<double>(result.probabilities).subspan(row * outputs, outputs));
    result.predicted.push_back(
        static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
  }
  return result;
}

}  // namespace attestml::tasks
