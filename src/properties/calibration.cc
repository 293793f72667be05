#include "properties/calibration.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/decimal.h"
#include "properties/parameters.h"
#include "properties/predictions.h"
#include "properties/reliability.h"
#include "properties/results.h"
#include "properties/slices.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using statement::MetricResult;

constexpr std::size_t kResultsEach = 8;  // for one event and one number of bins
constexpr double kMostBins = 1000;

// Forecasts of an event, one a record, and whether it happened.
struct Event {
  std::string label;  // the class; "" for "the prediction is right", whose forecast is the confidence
  std::vector<double> forecasts;
  std::vector<std::uint8_t> happened;
};

Event MakeEvent(const Predictions& predictions, const std::vector<std::uint32_t>& rows, std::int32_t code) {
  Event event;
  if (code >= 0) event.label = predictions.classes[static_cast<std::size_t>(code)];
  for (const std::uint32_t row : rows) {
    const std::int32_t of = code >= 0 ? code : predictions.predicted[row];
    event.forecasts.push_back(
        predictions.probabilities[row * predictions.classes.size() + static_cast<std::size_t>(of)]);
    event.happened.push_back(predictions.labels[row] == of ? 1 : 0);
  }
  return event;
}

void MeasureEvent(const Event& event, std::size_t bins, const Slice& slice, std::vector<MetricResult>* out) {
  const auto put = [&](std::string_view metric, const Value& value) {
    out->push_back(MakeResult(metric, value, event.forecasts.size()));
    out->back().slice = slice.key;
    out->back().label = event.label;
    out->back().at = std::to_string(bins);
  };
  const auto wide = EqualWidthBins(event.forecasts, event.happened, bins);
  put("expected-calibration-error", MeanGap(wide));
  put("maximum-calibration-error", LargestGap(wide));
  put("adaptive-calibration-error", MeanGap(EqualMassBins(event.forecasts, event.happened, bins)));
  const Value none = Value::Undefined(reason::kNoRecords);
  const bool any = !event.forecasts.empty();
  const BrierParts parts = any ? Decompose(event.forecasts, event.happened, wide) : BrierParts{};
  put("brier", any ? Value(parts.score) : none);
  put("brier-reliability", any ? Value(parts.reliability) : none);
  put("brier-resolution", any ? Value(parts.resolution) : none);
  put("brier-uncertainty", any ? Value(parts.uncertainty) : none);
  put("brier-within-bins", any ? Value(parts.within) : none);
}

statement::Series MakeSeries(std::string name, const std::vector<ReliabilityBin>& bins) {
  statement::Series series{std::move(name), {}, {}};
  for (const ReliabilityBin& bin : bins) {
    series.x.push_back(FormatDecimal(bin.MeanForecast()));
    series.y.push_back(FormatDecimal(bin.Frequency()));
  }
  return series;
}

}  // namespace

Result<Measurement> Calibration::Measure(const Inputs& inputs) const {
  if (inputs.table == nullptr || inputs.predictions == nullptr) {
    return Usage("property.inputs", "calibration: want a table and predictions");
  }
  if (!inputs.references.empty()) return Usage("property.reference", "calibration: references, want none");
  const Predictions& predictions = *inputs.predictions;
  ATTESTML_CHECK(CheckPredictions(predictions, inputs.table->rows()));
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  if (predictions.probabilities.empty()) {
    return Usage("property.inputs", "calibration: want predictions with probabilities, those of a model");
  }
  ATTESTML_TRY(const std::vector<double> counts, parameters.Decimals("bin-counts", {15}));
  const auto good = [](double count) { return count >= 1 && count <= kMostBins && count == std::floor(count); };
  if (counts.empty() || counts.size() > 64 || !std::all_of(counts.begin(), counts.end(), good) ||
      std::set<double>(counts.begin(), counts.end()).size() != counts.size()) {
    return parameters.Wrong("bin-counts", "is not a list of up to 64 distinct whole numbers from 1 to 1000");
  }
  const std::size_t classes = predictions.classes.size();
  ATTESTML_TRY(const std::vector<Slice> slices,
               ReadSlices(parameters, *inputs.table, (classes + 1) * counts.size() * kResultsEach));
  Measurement measurement;
  for (const Slice& slice : slices) {
    for (std::int32_t code = -1; code < static_cast<std::int32_t>(classes); ++code) {
      const Event event = MakeEvent(predictions, slice.rows, code);
      for (const double count : counts) {
        const auto bins = static_cast<std::size_t>(count);
        MeasureEvent(event, bins, slice, &measurement.results);
        if (code >= 0 || !slice.key.empty()) continue;
        const std::string suffix = "/" + std::to_string(bins);
        measurement.series.push_back(
            MakeSeries("calibration/width" + suffix, EqualWidthBins(event.forecasts, event.happened, bins)));
        measurement.series.push_back(
            MakeSeries("calibration/mass" + suffix, EqualMassBins(event.forecasts, event.happened, bins)));
      }
    }
  }
  return measurement;
}

}  // namespace attestml::properties
