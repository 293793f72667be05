#include "properties/privacy.h"

#include <set>

#include "base/decimal.h"
#include "properties/parameters.h"
#include "properties/rdp_accountant.h"
#include "properties/results.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

constexpr std::size_t kMaxLevels = 64;

// "1e-5" or ["1e-5", "1e-6"]: distinct.
Result<std::vector<double>> ReadLevels(const Parameters& parameters, std::string_view name) {
  std::vector<double> levels;
  const Json* value = parameters.Find(name);
  if (value == nullptr) return levels;
  if (value->is_array()) {
    ATTESTML_TRY(levels, parameters.Decimals(name, {}));
  } else {
    ATTESTML_TRY(const std::optional<double> one, parameters.Decimal(name));
    levels.push_back(*one);
  }
  if (levels.size() > kMaxLevels || std::set<double>(levels.begin(), levels.end()).size() != levels.size()) {
    return parameters.Wrong(name, "is not a decimal or a list of up to 64 distinct ones");
  }
  return levels;
}

}  // namespace

Result<Measurement> Privacy::Measure(const Inputs& inputs) const {
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  if (!inputs.references.empty()) return Usage("property.reference", "privacy: references, want none");
  if (inputs.training == nullptr) {
    return Usage("property.inputs", "privacy: want the training that made the model, in the same run");
  }
  const TrainingFacts& facts = *inputs.training;
  if (!facts.privacy) {
    return Usage("property.privacy.training", "privacy: the training clipped no gradients and added no noise");
  }
  ATTESTML_TRY(const std::vector<double> deltas, ReadLevels(parameters, "delta"));
  ATTESTML_TRY(const std::vector<double> epsilons, ReadLevels(parameters, "epsilon"));
  if (deltas.empty() && epsilons.empty()) {
    return Usage("property.parameter",
                 "privacy: want delta, well below 1 / " + std::to_string(facts.records) + " records, or epsilon");
  }
  const PrivateMechanism mechanism{facts.privacy->sample_rate, facts.privacy->noise_multiplier, facts.steps};
  Measurement measurement;
  const auto put = [&](std::string_view metric, double value, const std::string& at = {}) {
    measurement.results.push_back(MakeResult(metric, value, facts.records));
    measurement.results.back().at = at;
  };
  for (const double delta : deltas) {
    ATTESTML_TRY(const PrivacySpent spent, EpsilonFor(mechanism, delta));
    put("epsilon", spent.epsilon, FormatDecimal(delta));
    put("order", spent.order, "delta=" + FormatDecimal(delta));
  }
  for (const double epsilon : epsilons) {
    ATTESTML_TRY(const PrivacyFailure failure, DeltaFor(mechanism, epsilon));
    put("delta", failure.delta, FormatDecimal(epsilon));
    put("order", failure.order, "epsilon=" + FormatDecimal(epsilon));
  }
  put("noise-multiplier", mechanism.noise_multiplier);
  put("sample-rate", mechanism.sample_rate);
  put("clip", facts.privacy->clip);
  put("steps", static_cast<double>(mechanism.steps));
  put("records", static_cast<double>(facts.records));
  return measurement;
}

}  // namespace attestml::properties
