#include "properties/label_noise.h"

#include <optional>
#include <vector>

#include "properties/parameters.h"
#include "properties/predictions.h"
#include "properties/results.h"
#include "properties/summation.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

constexpr std::size_t kMaxClasses = 200;  // squared, they stay below 50000 results

double AsDouble(std::uint64_t count) { return static_cast<double>(count); }

// The confident joint: label × the class that a record confidently is of.
class ConfidentJoint {
 public:
  explicit ConfidentJoint(const Predictions& predictions)
      : predictions_(predictions),
        classes_(predictions.classes.size()),
        labelled_(classes_),
        joint_(classes_ * classes_) {
    MeasureThresholds();
    for (std::size_t row = 0; row < predictions_.labels.size(); ++row) {
      const std::optional<std::size_t> likely = ConfidentClass(row);
      if (likely) joint_[static_cast<std::size_t>(predictions_.labels[row]) * classes_ + *likely] += 1;
    }
  }

  std::uint64_t At(std::size_t label, std::size_t likely) const { return joint_[label * classes_ + likely]; }
  std::uint64_t Labelled(std::size_t label) const { return labelled_[label]; }
  const Value& Threshold(std::size_t label) const { return thresholds_[label]; }

  std::uint64_t Confident(std::size_t label) const {
    std::uint64_t sum = 0;
    for (std::size_t likely = 0; likely < classes_; ++likely) sum += At(label, likely);
    return sum;
  }
  std::uint64_t Errors(std::size_t label) const { return Confident(label) - At(label, label); }

  // The estimated proportion of records of a label that are of another class.
  Value NoiseRate(std::size_t label) const {
    if (Labelled(label) == 0) return Value::Undefined(reason::kNoneOfClass);
    return Ratio(AsDouble(Errors(label)), AsDouble(Confident(label)), reason::kNoneConfident);
  }

 private:
  double Probability(std::size_t row, std::size_t code) const {
    return predictions_.probabilities[row * classes_ + code];
  }

  void MeasureThresholds() {
    std::vector<Sum> sums(classes_);
    for (std::size_t row = 0; row < predictions_.labels.size(); ++row) {
      const auto label = static_cast<std::size_t>(predictions_.labels[row]);
      sums[label].Add(Probability(row, label));
      labelled_[label] += 1;
    }
    for (std::size_t code = 0; code < classes_; ++code) {
      thresholds_.push_back(Ratio(sums[code].Total(), AsDouble(labelled_[code]), reason::kNoneOfClass));
    }
  }

  // The likeliest of the classes whose threshold the record reaches, the lowest code on ties.
  std::optional<std::size_t> ConfidentClass(std::size_t row) const {
    std::optional<std::size_t> likely;
    for (std::size_t code = 0; code < classes_; ++code) {
      if (!thresholds_[code].defined() || Probability(row, code) < thresholds_[code].number()) continue;
      if (!likely || Probability(row, code) > Probability(row, *likely)) likely = code;
    }
    return likely;
  }

  const Predictions& predictions_;
  std::size_t classes_;
  std::vector<std::uint64_t> labelled_;
  std::vector<Value> thresholds_;
  std::vector<std::uint64_t> joint_;
};

// Over all labels: their rates weighted by their records, which is the calibrated joint off its diagonal.
Value NoiseRate(const ConfidentJoint& joint, std::size_t classes, std::size_t records) {
  Sum sum;
  for (std::size_t label = 0; label < classes; ++label) {
    if (joint.Labelled(label) == 0) continue;
    const Value rate = joint.NoiseRate(label);
    if (!rate.defined()) return rate;
    sum.Add(AsDouble(joint.Labelled(label)) * rate.number());
  }
  return Ratio(sum.Total(), AsDouble(records), reason::kNoRecords);
}

}  // namespace

Result<Measurement> LabelNoise::Measure(const Inputs& inputs) const {
  ATTESTML_CHECK(Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  if (inputs.table == nullptr || inputs.predictions == nullptr) {
    return Usage("property.inputs", "label-noise: want a table and predictions");
  }
  if (!inputs.references.empty()) return Usage("property.reference", "label-noise: references, want none");
  const Predictions& predictions = *inputs.predictions;
  ATTESTML_CHECK(CheckPredictions(predictions, inputs.table->rows()));
  if (predictions.probabilities.empty()) {
    return Usage("property.inputs", "label-noise: want predictions with probabilities, those of a model");
  }
  const std::size_t classes = predictions.classes.size();
  if (classes > kMaxClasses) {
    return Usage("property.size", "label-noise: " + std::to_string(classes) + " classes, want at most 200");
  }
  const ConfidentJoint joint(predictions);
  const std::size_t n = predictions.labels.size();
  Measurement measurement;
  const auto put = [&](statement::MetricResult result, const std::string& label = {}) {
    result.label = label;
    measurement.results.push_back(std::move(result));
  };
  put(MakeResult("noise-rate", NoiseRate(joint, classes, n), n));
  std::uint64_t errors = 0;
  for (std::size_t label = 0; label < classes; ++label) errors += joint.Errors(label);
  put(MakeCount("confident-errors", errors, n));
  put(MakeProportion("confident-errors-proportion", errors, n, reason::kNoRecords));
  for (std::size_t label = 0; label < classes; ++label) {
    const std::string& name_of_class = predictions.classes[label];
    put(MakeResult("noise-rate", joint.NoiseRate(label), joint.Confident(label)), name_of_class);
    put(MakeCount("confident-errors", joint.Errors(label), joint.Labelled(label)), name_of_class);
    put(MakeProportion("confident-errors-proportion", joint.Errors(label), joint.Labelled(label), reason::kNoneOfClass),
        name_of_class);
    put(MakeResult("threshold", joint.Threshold(label), joint.Labelled(label)), name_of_class);
    for (std::size_t likely = 0; likely < classes; ++likely) {
      statement::MetricResult cell = MakeCount("confident-joint", joint.At(label, likely), n);
      cell.where = {{"label", name_of_class}, {"likely", predictions.classes[likely]}};
      put(std::move(cell));
    }
  }
  return measurement;
}

}  // namespace attestml::properties
