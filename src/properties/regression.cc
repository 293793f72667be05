#include "properties/regression.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/decimal.h"
#include "properties/parameters.h"
#include "properties/predictions.h"
#include "properties/results.h"
#include "properties/slices.h"
#include "properties/summary.h"
#include "properties/summation.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using statement::MetricResult;

// 1 - the squared errors over those of the mean of the true numbers.
Value RSquared(const std::vector<double>& truths, double squared_errors) {
  // Asked of the numbers, not of their spread: the rounding of a mean can give equal numbers one.
  if (std::all_of(truths.begin(), truths.end(), [&](double t) { return t == truths[0]; })) {
    return Value::Undefined(reason::kOneNumber);
  }
  const Value mean = Mean(truths);
  if (!mean.defined()) return mean;
  Sum spread;
  for (const double truth : truths) spread.Add((truth - mean.number()) * (truth - mean.number()));
  const Value part = Ratio(squared_errors, spread.Total(), reason::kOneNumber);
  return part.defined() ? Value(1 - part.number()) : part;
}

void MeasureSlice(const Predictions& predictions, const Slice& slice, const std::vector<double>& levels,
                  std::vector<MetricResult>* out) {
  std::vector<double> residuals, truths;
  Sum squares, absolutes;
  double largest = 0;
  for (const std::uint32_t row : slice.rows) {
    const double residual = predictions.scores[row] - predictions.numbers[row];
    residuals.push_back(residual);
    truths.push_back(predictions.numbers[row]);
    squares.Add(residual * residual);
    absolutes.Add(std::fabs(residual));
    largest = std::max(largest, std::fabs(residual));
  }
  const auto n = static_cast<double>(residuals.size());
  const auto put = [&](std::string_view metric, const Value& value) -> MetricResult& {
    out->push_back(MakeResult(metric, value, residuals.size()));
    out->back().slice = slice.key;
    return out->back();
  };
  const Value mean_square = Ratio(squares.Total(), n, reason::kNoRecords);
  put("mean-squared-error", mean_square);
  put("root-mean-squared-error", mean_square.defined() ? Value(std::sqrt(mean_square.number())) : mean_square);
  put("mean-absolute-error", Ratio(absolutes.Total(), n, reason::kNoRecords));
  put("largest-absolute-error", residuals.empty() ? Value::Undefined(reason::kNoRecords) : Value(largest));
  put("r-squared", residuals.empty() ? Value::Undefined(reason::kNoRecords) : RSquared(truths, squares.Total()));
  put("residual-mean", residuals.empty() ? Value::Undefined(reason::kNoRecords) : Mean(residuals));
  const std::vector<Value> quantiles = Quantiles(residuals, levels);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    put("residual-quantile", residuals.empty() ? Value::Undefined(reason::kNoRecords) : quantiles[i]).at =
        FormatDecimal(levels[i]);
  }
}

}  // namespace

Result<Measurement> Regression::Measure(const Inputs& inputs) const {
  if (inputs.table == nullptr || inputs.predictions == nullptr) {
    return Usage("property.inputs", "regression: want a table and a column of predictions");
  }
  if (!inputs.references.empty()) return Usage("property.reference", "regression: references, want none");
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  ATTESTML_CHECK(CheckNumbers(*inputs.predictions, inputs.table->rows()));
  ATTESTML_TRY(const std::vector<double> levels, parameters.Decimals("quantiles", {0.05, 0.25, 0.5, 0.75, 0.95}));
  const std::set<double> distinct(levels.begin(), levels.end());
  if (distinct.size() != levels.size() || (!levels.empty() && !(*distinct.begin() >= 0 && *distinct.rbegin() <= 1))) {
    return parameters.Wrong("quantiles", "are not distinct levels from 0 to 1");
  }
  ATTESTML_TRY(const std::vector<Slice> slices, ReadSlices(parameters, *inputs.table, levels.size() + 6));
  Measurement measurement;
  for (const Slice& slice : slices) MeasureSlice(*inputs.predictions, slice, levels, &measurement.results);
  return measurement;
}

}  // namespace attestml::properties
