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
  const std::size_t classes = model.encoding.classes.size();
  PredictionResult result;
  result.logits.resize(table.rows() * classes);
  result.probabilities.resize(table.rows() * classes);
  result.predicted.reserve(table.rows());
  ATTESTML_CHECK(features.Predict(network, classes, result.logits));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto logits = std::span<const float>(result.logits).subspan(row * classes, classes);
    // Finite weights can still overflow on extreme inputs; no class follows from that.
    if (!std::all_of(logits.begin(), logits.end(), [](float z) { return std::isfinite(z); })) {
      return Malformed("predict.overflow", "the model's output for row " + std::to_string(row + 1) + " is not finite");
    }
    Softmax(logits, std::span<double>(result.probabilities).subspan(row * classes, classes));
    result.predicted.push_back(
        static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
  }
  return result;
}

}  // namespace attestml::tasks
