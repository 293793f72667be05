#include "properties/accuracy.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "base/decimal.h"
#include "properties/confusion.h"
#include "properties/curves.h"
#include "properties/groups.h"
#include "properties/intervals.h"
#include "properties/parameters.h"
#include "properties/predictions.h"
#include "properties/results.h"
#include "properties/summation.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using statement::MetricResult;
using Rows = std::span<const std::uint32_t>;

constexpr double kSmallestProbability = 1e-15;  // log loss: what a probability below this counts as
constexpr std::size_t kMaxResults = 50000;

double AsDouble(std::uint64_t count) { return static_cast<double>(count); }

// All metrics over some rows, collected under one slice.
class SliceMetrics {
 public:
  SliceMetrics(const Predictions& predictions, Rows rows, const std::map<std::string, std::string>& slice,
               std::vector<MetricResult>* out)
      : predictions_(predictions), rows_(rows), confusion_(predictions, rows), slice_(slice), out_(out) {}

  void MeasureAll() {
    Put(MakeProportion("accuracy", confusion_.correct(), confusion_.records(), reason::kNoRecords));
    MeasureClasses();
    MeasureProbabilities();
    MeasureAreas();
    MeasureConfusion();
  }

 private:
  MetricResult& Put(MetricResult result) {
    result.slice = slice_;
    out_->push_back(std::move(result));
    return out_->back();
  }
  void Put(std::string_view metric, const Value& value) { Put(MakeResult(metric, value, rows_.size())); }

  // Unweighted mean, and mean weighted by support, over classes. A class without support has no weight in the second.
  void PutAverages(std::string_view macro, std::string_view weighted, const std::vector<Value>& values) {
    Put(macro, Average(values, [](std::size_t) { return 1.0; }));
    Put(weighted, Average(values, [&](std::size_t code) { return AsDouble(confusion_.Actual(code)); }));
  }

  template <typename Weight>
  static Value Average(const std::vector<Value>& values, Weight weight) {
    Sum sum, weights;
    for (std::size_t code = 0; code < values.size(); ++code) {
      if (weight(code) == 0) continue;
      if (!values[code].defined()) return Value::Undefined(reason::kUndefinedClass);
      sum.Add(weight(code) * values[code].number());
      weights.Add(weight(code));
    }
    return Ratio(sum.Total(), weights.Total(), reason::kNoRecords);
  }

  void MeasureClasses() {
    std::vector<Value> precisions, recalls, f1s;
    for (std::size_t code = 0; code < confusion_.classes(); ++code) {
      const std::uint64_t hits = confusion_.At(code, code);
      const std::uint64_t actual = confusion_.Actual(code);
      const std::uint64_t predicted = confusion_.Predicted(code);
      const std::string& label = predictions_.classes[code];
      precisions.push_back(Ratio(AsDouble(hits), AsDouble(predicted), reason::kNonePredicted));
      recalls.push_back(Ratio(AsDouble(hits), AsDouble(actual), reason::kNoneOfClass));
      f1s.push_back(Ratio(2 * AsDouble(hits), AsDouble(actual + predicted), reason::kClassAbsent));
      Put(MakeProportion("precision", hits, predicted, reason::kNonePredicted)).label = label;
      Put(MakeProportion("recall", hits, actual, reason::kNoneOfClass)).label = label;
      Put(MakeResult("f1", f1s.back(), rows_.size())).label = label;
      Put(MakeCount("support", actual, rows_.size())).label = label;
    }
    Put("balanced-accuracy", Average(recalls, [](std::size_t) { return 1.0; }));
    PutAverages("precision-macro", "precision-weighted", precisions);
    PutAverages("recall-macro", "recall-weighted", recalls);
    PutAverages("f1-macro", "f1-weighted", f1s);
  }

  double Probability(std::uint32_t row, std::int32_t code) const {
    return predictions_.probabilities[row * confusion_.classes() + static_cast<std::size_t>(code)];
  }

  void MeasureProbabilities() {
    if (predictions_.probabilities.empty()) {
      for (const char* metric : {"log-loss", "brier", "expected-calibration-error"}) {
        Put(metric, Value::Undefined(reason::kNoProbabilities));
      }
      return;
    }
    Sum loss, brier;
    std::vector<double> confidences;
    std::vector<std::uint8_t> correct;
    for (const std::uint32_t row : rows_) {
      const std::int32_t label = predictions_.labels[row];
      const std::int32_t predicted = predictions_.predicted[row];
      loss.Add(-std::log(std::max(Probability(row, label), kSmallestProbability)));
      brier.Add(SquaredError(row, label));
      confidences.push_back(Probability(row, predicted));
      correct.push_back(label == predicted ? 1 : 0);
    }
    const double n = AsDouble(rows_.size());
    Put("log-loss", Ratio(loss.Total(), n, reason::kNoRecords));
    Put("brier", Ratio(brier.Total(), n, reason::kNoRecords));
    Put("expected-calibration-error", ExpectedCalibrationError(Calibrate(confidences, correct)));
  }

  // Two classes with a positive one: of its probability. Otherwise Brier's own: summed over the classes.
  double SquaredError(std::uint32_t row, std::int32_t label) const {
    const auto square = [](double x) { return x * x; };
    if (predictions_.positive >= 0 && confusion_.classes() == 2) {
      return square(Probability(row, predictions_.positive) - (label == predictions_.positive ? 1 : 0));
    }
    double sum = 0;
    for (std::int32_t code = 0; code < static_cast<std::int32_t>(confusion_.classes()); ++code) {
      sum += square(Probability(row, code) - (code == label ? 1 : 0));
    }
    return sum;
  }

  void MeasureAreas();

  void MeasureConfusion() {
    for (std::size_t actual = 0; actual < confusion_.classes(); ++actual) {
      for (std::size_t predicted = 0; predicted < confusion_.classes(); ++predicted) {
        Put(MakeCount("confusion", confusion_.At(actual, predicted), rows_.size())).where = {
            {"actual", predictions_.classes[actual]}, {"predicted", predictions_.classes[predicted]}};
      }
    }
  }

  const Predictions& predictions_;
  Rows rows_;
  Confusion confusion_;
  const std::map<std::string, std::string>& slice_;
  std::vector<MetricResult>* out_;
};

// The curve of one class against the rest; nothing when there is no score for it.
std::optional<Curve> CurveOf(const Predictions& predictions, Rows rows, std::int32_t code) {
  const bool by_score = code == predictions.positive && !predictions.scores.empty();
  if (!by_score && predictions.probabilities.empty()) return std::nullopt;
  std::vector<double> scores;
  std::vector<std::uint8_t> truths;
  scores.reserve(rows.size());
  truths.reserve(rows.size());
  const std::size_t width = predictions.classes.size();
  for (const std::uint32_t row : rows) {
    scores.push_back(by_score ? predictions.scores[row]
                              : predictions.probabilities[row * width + static_cast<std::size_t>(code)]);
    truths.push_back(predictions.labels[row] == code ? 1 : 0);
  }
  return Curve(scores, truths);
}

void SliceMetrics::MeasureAreas() {
  const auto put = [&](const Curve& curve, const std::string& label) {
    const Value area = curve.RocArea();
    MetricResult& roc = Put(MakeResult("roc-auc", area, rows_.size()));
    roc.label = label;
    if (area.defined()) roc.interval = HanleyMcNeilInterval(area.number(), curve.positives(), curve.negatives());
    Put(MakeResult("pr-auc", curve.AveragePrecision(), rows_.size())).label = label;
  };
  if (predictions_.probabilities.empty() && (predictions_.scores.empty() || predictions_.positive < 0)) {
    Put("roc-auc", Value::Undefined(reason::kNoScores));
    Put("pr-auc", Value::Undefined(reason::kNoScores));
    return;
  }
  if (predictions_.positive >= 0) {
    put(*CurveOf(predictions_, rows_, predictions_.positive), "");
    return;
  }
  std::vector<Value> roc_areas, precisions;
  for (std::int32_t code = 0; code < static_cast<std::int32_t>(confusion_.classes()); ++code) {
    const Curve curve = *CurveOf(predictions_, rows_, code);
    put(curve, predictions_.classes[static_cast<std::size_t>(code)]);
    roc_areas.push_back(curve.RocArea());
    precisions.push_back(curve.AveragePrecision());
  }
  Put("roc-auc", Average(roc_areas, [](std::size_t) { return 1.0; }));
  Put("pr-auc", Average(precisions, [](std::size_t) { return 1.0; }));
}

// Series of the whole selection. A curve that would divide by 0 is left out; its area says why.
std::vector<statement::Series> MakeSeries(const Predictions& predictions, Rows rows) {
  std::vector<statement::Series> series;
  const auto ratio = [](std::uint64_t a, std::uint64_t b) { return FormatDecimal(AsDouble(a) / AsDouble(b)); };
  if (predictions.positive >= 0) {
    const std::optional<Curve> curve = CurveOf(predictions, rows, predictions.positive);
    if (curve && curve->positives() > 0) {
      statement::Series pr{"pr", {}, {}};
      for (const std::size_t i : ThinnedIndices(curve->points().size())) {
        const CurvePoint& point = curve->points()[i];
        pr.x.push_back(ratio(point.true_positives, curve->positives()));
        pr.y.push_back(ratio(point.true_positives, point.true_positives + point.false_positives));
      }
      if (curve->negatives() > 0) {
        statement::Series roc{"roc", {}, {}};
        std::vector<CurvePoint> points = curve->points();
        points.insert(points.begin(), CurvePoint{});  // nobody is called positive
        for (const std::size_t i : ThinnedIndices(points.size())) {
          roc.x.push_back(ratio(points[i].false_positives, curve->negatives()));
          roc.y.push_back(ratio(points[i].true_positives, curve->positives()));
        }
        series.push_back(std::move(roc));
      }
      series.push_back(std::move(pr));
    }
  }
  if (!predictions.probabilities.empty()) {
    std::vector<double> confidences;
    std::vector<std::uint8_t> correct;
    const std::size_t width = predictions.classes.size();
    for (const std::uint32_t row : rows) {
      confidences.push_back(
          predictions.probabilities[row * width + static_cast<std::size_t>(predictions.predicted[row])]);
      correct.push_back(predictions.labels[row] == predictions.predicted[row] ? 1 : 0);
    }
    const CalibrationBins bins = Calibrate(confidences, correct);
    statement::Series calibration{"calibration", {}, {}};
    for (std::size_t bin = 0; bin < kCalibrationBins; ++bin) {
      if (bins.count[bin] == 0) continue;
      calibration.x.push_back(FormatDecimal(bins.confidence[bin] / AsDouble(bins.count[bin])));
      calibration.y.push_back(ratio(bins.correct[bin], bins.count[bin]));
    }
    series.push_back(std::move(calibration));
  }
  return series;
}

}  // namespace

Result<Measurement> Accuracy::Measure(const Inputs& inputs) const {
  if (inputs.table == nullptr || inputs.predictions == nullptr) {
    return Usage("property.inputs", "accuracy: want a table and predictions");
  }
  if (!inputs.references.empty()) return Usage("property.reference", "accuracy: references, want none");
  const data::Table& table = *inputs.table;
  ATTESTML_CHECK(CheckPredictions(*inputs.predictions, table.rows()));
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  ATTESTML_TRY(const Bins bins, parameters.ReadBins(table));
  ATTESTML_TRY(const std::vector<NameList> slices, parameters.NameLists("slices"));
  std::vector<Grouping> groupings;
  std::size_t sets = 1;
  for (const NameList& columns : slices) {
    ATTESTML_TRY(Grouping grouping, MakeGrouping(table, columns, bins));
    sets += grouping.groups.size();
    groupings.push_back(std::move(grouping));
  }
  const std::size_t classes = inputs.predictions->classes.size();
  if (classes > kMaxResults || sets > kMaxResults / (classes * classes + 6 * classes + 20)) {
    return Usage("property.size", "accuracy: " + std::to_string(sets) + " slices of " + std::to_string(classes) +
                                      " classes are too many results");
  }

  Measurement measurement;
  std::vector<std::uint32_t> all(table.rows());
  std::iota(all.begin(), all.end(), 0U);
  const std::map<std::string, std::string> whole;
  SliceMetrics(*inputs.predictions, all, whole, &measurement.results).MeasureAll();
  for (const Grouping& grouping : groupings) {
    for (const Group& group : grouping.groups) {
      SliceMetrics(*inputs.predictions, group.rows, group.key, &measurement.results).MeasureAll();
    }
  }
  measurement.series = MakeSeries(*inputs.predictions, all);
  return measurement;
}

}  // namespace attestml::properties
