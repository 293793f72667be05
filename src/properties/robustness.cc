#include "properties/robustness.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/hex.h"
#include "properties/attacks.h"
#include "properties/predictions.h"
#include "properties/results.h"
#include "properties/robustness_request.h"
#include "properties/seeded.h"
#include "properties/slices.h"
#include "properties/summation.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using statement::MetricResult;
using Qualifiers = std::map<std::string, std::string>;

constexpr double kMostPredictions = 1e10;  // of smoothing, over all records

// Measures what the request asks for on the records drawn. Each outcome is one flag a record.
class Session {
 public:
  Session(const Inputs& inputs, const RobustnessRequest& request, const InputSpace& space,
          const std::vector<Slice>& slices)
      : inputs_(inputs), request_(request), prober_(*inputs.model, space), slices_(slices) {
    const std::size_t all = inputs.table->rows();
    rows_ = DrawRecords(inputs.seed, all, request.records.value_or(all));
    if (rows_.size() < all) drawn_["records"] = std::to_string(rows_.size());
    place_.assign(all, -1);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::uint32_t row = rows_[i];
      place_[row] = static_cast<std::int64_t>(i);
      labels_.push_back(inputs.predictions->labels[row]);
      right_.push_back(inputs.predictions->predicted[row] == labels_.back() ? 1 : 0);
    }
  }

  Result<Measurement> Run() {
    Put("accuracy", right_, "", "", drawn_);
    for (const AttackSettings& attack : request_.attacks) ATTESTML_CHECK(MeasureAttack(attack));
    for (const Corruption& corruption : request_.corruptions) ATTESTML_CHECK(MeasureCorruption(corruption));
    if (!inputs_.references.empty()) MeasureSupplied();
    for (const SmoothingSettings& smoothing : request_.smoothings) ATTESTML_CHECK(MeasureSmoothing(smoothing));
    if (request_.DrawsAtRandom()) measurement_.seeds.emplace_back("robustness");
    return std::move(measurement_);
  }

 private:
  // The proportion of flags, of all records drawn and of each slice; returns that of all.
  double Put(std::string_view metric, const std::vector<std::uint8_t>& flags, const std::string& label,
             const std::string& at, const Qualifiers& given) {
    double whole = 0;
    for (const Slice& slice : slices_) {
      std::uint64_t members = 0, hits = 0;
      for (const std::uint32_t row : slice.rows) {
        if (place_[row] < 0) continue;
        members += 1;
        hits += flags[static_cast<std::size_t>(place_[row])];
      }
      MetricResult result = MakeProportion(metric, hits, members, reason::kNoRecords);
      result.slice = slice.key;
      result.label = label;
      result.at = at;
      result.given = given;
      if (slice.key.empty()) whole = static_cast<double>(hits) / static_cast<double>(members);
      measurement_.results.push_back(std::move(result));
    }
    return whole;
  }

  // Adds a point to a curve, which begins with the accuracy without attack.
  void AddPoint(const std::string& name, double x, double y) {
    auto found = std::find_if(measurement_.series.begin(), measurement_.series.end(),
                              [&](const statement::Series& series) { return series.name == name; });
    if (found == measurement_.series.end()) {
      const auto right = static_cast<double>(std::count(right_.begin(), right_.end(), 1));
      measurement_.series.push_back({name, {"0"}, {FormatDecimal(right / static_cast<double>(right_.size()))}});
      found = measurement_.series.end() - 1;
    }
    found->x.push_back(FormatDecimal(x));
    found->y.push_back(FormatDecimal(y));
  }

  Status MeasureAttack(const AttackSettings& attack) {
    std::vector<std::uint8_t> right = right_;
    ATTESTML_CHECK(Attack(prober_, attack, inputs_.seed, rows_, labels_, &right));
    const std::string name = AttackName(attack.kind);
    Qualifiers given = drawn_;
    if (attack.kind != AttackKind::kFgsm) {
      given["steps"] = std::to_string(attack.steps);
      given["step-factor"] = FormatDecimal(attack.step_factor);
      given["restarts"] = std::to_string(attack.restarts);
    }
    AddPoint("robustness/" + name, attack.strength,
             Put("adversarial-accuracy", right, name, FormatDecimal(attack.strength), given));
    return {};
  }

  Status MeasureCorruption(const Corruption& corruption) {
    const std::string name(CorruptionName(corruption.kind));
    const std::size_t width = prober_.space().width();
    if (corruption.kind != CorruptionKind::kGaussianNoise && prober_.space().images().empty()) {
      return Usage("property.robustness.inputs", "robustness: " + name + " is for images, the model takes none");
    }
    std::vector<std::uint8_t> right;
    for (std::size_t from = 0; from < rows_.size(); from += prober_.batch_rows()) {
      const auto batch =
          std::span<const std::uint32_t>(rows_).subspan(from, std::min(prober_.batch_rows(), rows_.size() - from));
      ATTESTML_TRY(std::vector<double> units, prober_.Units(batch));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        Corrupt(prober_.space(), corruption, inputs_.seed, batch[i],
                std::span<double>(units).subspan(i * width, width));
      }
      ATTESTML_TRY(const std::vector<std::int32_t> predicted, prober_.Classify(units, batch.size()));
      for (std::size_t i = 0; i < batch.size(); ++i) right.push_back(predicted[i] == labels_[from + i] ? 1 : 0);
    }
    const double accuracy = Put("adversarial-accuracy", right, name, FormatDecimal(corruption.strength), drawn_);
    // Brightness goes both ways: what lies below 0 is a curve of its own.
    AddPoint("robustness/" + name + (corruption.strength < 0 ? "-down" : ""), corruption.strength, accuracy);
    return {};
  }

  void MeasureSupplied() {
    const Predictions& supplied = *inputs_.reference_predictions[0];
    std::vector<std::uint8_t> right;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      right.push_back(supplied.predicted[rows_[i]] == labels_[i] ? 1 : 0);
    }
    Put("adversarial-accuracy", right, "supplied", HexEncode(inputs_.references[0]->Records().root), drawn_);
  }

  Status MeasureSmoothing(const SmoothingSettings& smoothing) {
    ATTESTML_TRY(const std::vector<Certificate> certificates, Certify(prober_, smoothing, inputs_.seed, rows_));
    Qualifiers given = drawn_;
    given["sigma"] = FormatDecimal(smoothing.sigma);
    given["samples"] = std::to_string(smoothing.samples);
    given["selection-samples"] = std::to_string(smoothing.selection_samples);
    given["alpha"] = FormatDecimal(smoothing.alpha);
    statement::Series curve{"robustness/certified/" + given["sigma"], {}, {}};
    for (const double radius : request_.radii) {
      std::vector<std::uint8_t> certified;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        const Certificate& c = certificates[i];
        const bool holds = c.predicted == labels_[i] && c.radius >= radius;
        certified.push_back(holds ? 1 : 0);
      }
      curve.x.push_back(FormatDecimal(radius));
      curve.y.push_back(FormatDecimal(Put("certified-accuracy", certified, "smoothing", FormatDecimal(radius), given)));
    }
    measurement_.series.push_back(std::move(curve));
    std::vector<std::uint8_t> abstained;
    for (const Certificate& c : certificates) abstained.push_back(static_cast<std::uint8_t>(c.predicted < 0));
    Put("abstention-rate", abstained, "smoothing", "", given);
    for (const Slice& slice : slices_) {
      Sum radii;
      std::uint64_t members = 0;
      for (const std::uint32_t row : slice.rows) {
        if (place_[row] < 0) continue;
        const auto i = static_cast<std::size_t>(place_[row]);
        members += 1;
        if (certificates[i].predicted == labels_[i]) radii.Add(certificates[i].radius);
      }
      MetricResult mean = MakeResult("mean-certified-radius",
                                     Ratio(radii.Total(), static_cast<double>(members), reason::kNoRecords), members);
      mean.slice = slice.key;
      mean.label = "smoothing";
      mean.given = given;
      measurement_.results.push_back(std::move(mean));
    }
    return {};
  }

  const Inputs& inputs_;
  const RobustnessRequest& request_;
  Prober prober_;
  const std::vector<Slice>& slices_;
  std::vector<std::uint32_t> rows_;   // those drawn, ascending
  std::vector<std::int64_t> place_;   // of each row of the table in rows_, -1 when it was not drawn
  std::vector<std::int32_t> labels_;  // of rows_, as what follows
  std::vector<std::uint8_t> right_;   // without attack
  Qualifiers drawn_;                  // {"records": "500"} when not all are measured
  Measurement measurement_;
};

Status CheckInputs(const Inputs& inputs) {
  if (inputs.table == nullptr || inputs.predictions == nullptr || inputs.model == nullptr ||
      inputs.model->model == nullptr || inputs.model->network == nullptr || inputs.model->encoder == nullptr) {
    return Usage("property.inputs", "robustness: want a table, a model and its predictions");
  }
  ATTESTML_CHECK(CheckPredictions(*inputs.predictions, inputs.table->rows()));
  if (inputs.predictions->probabilities.empty()) {
    return Usage("property.inputs", "robustness: want the predictions of the model, not of a column");
  }
  if (static_cast<std::int64_t>(inputs.predictions->classes.size()) != inputs.model->model->architecture.outputs) {
    return Usage("property.inputs", "robustness: the predictions have other classes than the model");
  }
  if (inputs.references.size() > 1) {
    return Usage("property.reference", "robustness: " + std::to_string(inputs.references.size()) +
                                           " references, want at most one, of changed versions of the records");
  }
  if (inputs.references.empty()) return {};
  if (inputs.references[0] == nullptr || inputs.reference_predictions.size() != 1 ||
      inputs.reference_predictions[0] == nullptr) {
    return Usage("property.inputs", "robustness: want the model's predictions on the reference");
  }
  ATTESTML_CHECK(CheckPredictions(*inputs.reference_predictions[0], inputs.references[0]->rows()));
  if (inputs.reference_predictions[0]->labels != inputs.predictions->labels) {
    return Usage("property.reference",
                 "robustness: the reference has other labels, want changed versions of the same "
                 "records in the same order");
  }
  return {};
}

}  // namespace

Result<Measurement> Robustness::Measure(const Inputs& inputs) const {
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  ATTESTML_CHECK(CheckInputs(inputs));
  ATTESTML_TRY(const RobustnessRequest request, ReadRobustness(parameters));
  if (request.attacks.empty() && request.corruptions.empty() && request.smoothings.empty() &&
      inputs.references.empty()) {
    return Usage("property.parameter",
                 "robustness: nothing is asked for, want an attack with its strengths, such as "
                 "fgsm = [\"0.03\"]");
  }
  ATTESTML_TRY(const InputSpace space, InputSpace::Make(*inputs.model->model, *inputs.table));
  if (static_cast<std::int64_t>(space.width()) != inputs.model->model->architecture.inputs) {
    return Usage("property.inputs", "robustness: the model's encoding makes other inputs than it takes");
  }
  const std::size_t each =
      2 + request.attacks.size() + request.corruptions.size() + request.smoothings.size() * (request.radii.size() + 2);
  ATTESTML_TRY(const std::vector<Slice> slices, ReadSlices(parameters, *inputs.table, each));
  double predictions = 0;
  for (const SmoothingSettings& s : request.smoothings) {
    predictions += static_cast<double>(s.samples + s.selection_samples);
  }
  const std::size_t all = inputs.table->rows();
  if (predictions * static_cast<double>(std::min<std::uint64_t>(all, request.records.value_or(all))) >
      kMostPredictions) {
    return Usage("property.size",
                 "robustness: smoothing takes more than 1e10 predictions, want fewer samples or records");
  }
  return Session(inputs, request, space, slices).Run();
}

}  // namespace attestml::properties
