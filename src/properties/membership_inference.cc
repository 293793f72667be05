#include "properties/membership_inference.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/decimal.h"
#include "properties/curves.h"
#include "properties/intervals.h"
#include "properties/parameters.h"
#include "properties/predictions.h"
#include "properties/results.h"
#include "properties/summary.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

constexpr double kSmallestProbability = 1e-15;  // what a probability below this counts as, as in accuracy's log loss

std::vector<double> Losses(const Predictions& predictions) {
  std::vector<double> losses;
  losses.reserve(predictions.labels.size());
  for (std::size_t row = 0; row < predictions.labels.size(); ++row) {
    const auto label = static_cast<std::size_t>(predictions.labels[row]);
    const double p = predictions.probabilities[row * predictions.classes.size() + label];
    losses.push_back(-std::log(std::max(p, kSmallestProbability)));
  }
  return losses;
}

double Part(std::uint64_t count, std::uint64_t of) { return static_cast<double>(count) / static_cast<double>(of); }

// True positive rate minus false positive rate of calling members those with a loss of at most `threshold`.
double AdvantageAt(double threshold, const std::vector<double>& members, const std::vector<double>& others) {
  const auto below = [&](const std::vector<double>& losses) {
    return static_cast<std::uint64_t>(
        std::count_if(losses.begin(), losses.end(), [&](double loss) { return loss <= threshold; }));
  };
  return Part(below(members), members.size()) - Part(below(others), others.size());
}

Status CheckInputs(const Inputs& inputs) {
  if (inputs.table == nullptr || inputs.predictions == nullptr) {
    return Usage("property.inputs", "membership-inference: want a table and a model's predictions");
  }
  if (inputs.references.size() != 1 || inputs.references[0] == nullptr) {
    return Usage("property.reference", "membership-inference: " + std::to_string(inputs.references.size()) +
                                           " references, want one, of records that the model was not trained on");
  }
  if (inputs.reference_predictions.size() != 1 || inputs.reference_predictions[0] == nullptr) {
    return Usage("property.inputs", "membership-inference: want the model's predictions on the reference");
  }
  ATTESTML_CHECK(CheckPredictions(*inputs.predictions, inputs.table->rows()));
  ATTESTML_CHECK(CheckPredictions(*inputs.reference_predictions[0], inputs.references[0]->rows()));
  if (inputs.predictions->probabilities.empty() || inputs.reference_predictions[0]->probabilities.empty()) {
    return Usage("property.inputs", "membership-inference: want predictions with probabilities, those of a model");
  }
  return {};
}

}  // namespace

Result<Measurement> MembershipInference::Measure(const Inputs& inputs) const {
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  ATTESTML_CHECK(CheckInputs(inputs));
  ATTESTML_TRY(const std::vector<double> rates, parameters.Decimals("rates", {0.001, 0.01}));
  const std::set<double> distinct(rates.begin(), rates.end());
  if (distinct.size() != rates.size() || (!rates.empty() && !(*distinct.begin() >= 0 && *distinct.rbegin() <= 1))) {
    return parameters.Wrong("rates", "are not distinct false positive rates from 0 to 1");
  }

  const std::vector<double> members = Losses(*inputs.predictions);
  const std::vector<double> others = Losses(*inputs.reference_predictions[0]);
  std::vector<double> scores;
  for (const double loss : members) scores.push_back(-loss);
  for (const double loss : others) scores.push_back(-loss);
  std::vector<std::uint8_t> truths(members.size(), 1);
  truths.resize(scores.size(), 0);
  const Curve curve(scores, truths);

  Measurement measurement;
  const auto put = [&](std::string_view metric, const Value& value, std::uint64_t count) -> statement::MetricResult& {
    measurement.results.push_back(MakeResult(metric, value, count));
    return measurement.results.back();
  };
  const auto tpr = [&](const CurvePoint& point) { return Part(point.true_positives, curve.positives()); };
  const auto fpr = [&](const CurvePoint& point) { return Part(point.false_positives, curve.negatives()); };
  double advantage = 0;  // of calling nobody a member
  for (const CurvePoint& point : curve.points()) advantage = std::max(advantage, tpr(point) - fpr(point));
  put("advantage", advantage, scores.size());
  const Value mean = Mean(members);
  put("mean-loss-advantage", AdvantageAt(mean.number(), members, others), scores.size());
  const Value area = curve.RocArea();
  put("roc-auc", area, scores.size()).interval =
      HanleyMcNeilInterval(area.number(), curve.positives(), curve.negatives());
  for (const double rate : rates) {
    std::uint64_t hits = 0;
    for (const CurvePoint& point : curve.points()) {
      if (fpr(point) <= rate) hits = point.true_positives;
    }
    measurement.results.push_back(MakeProportion("tpr-at-fpr", hits, curve.positives(), reason::kNoRecords));
    measurement.results.back().at = FormatDecimal(rate);
  }
  put("member-loss", mean, members.size());
  put("non-member-loss", Mean(others), others.size());

  statement::Series roc{"membership-roc", {"0"}, {"0"}};
  for (const std::size_t i : ThinnedIndices(curve.points().size())) {
    roc.x.push_back(FormatDecimal(fpr(curve.points()[i])));
    roc.y.push_back(FormatDecimal(tpr(curve.points()[i])));
  }
  measurement.series.push_back(std::move(roc));
  return measurement;
}

}  // namespace attestml::properties
