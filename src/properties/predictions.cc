#include "properties/predictions.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/decimal.h"
#include "properties/parameters.h"

namespace attestml::properties {
namespace {

using statement::ColumnType;

Error Missing(const std::string& column, std::size_t row) {
  return Usage("property.predictions.missing", "record " + std::to_string(row + 1) + " of the selection misses " +
                                                   column + ": want a selection without such records");
}

// The name of everything that is not positive: the other value where there are two.
std::string NegativeName(const std::vector<std::string>& values, const std::string& positive) {
  const bool has_positive = std::find(values.begin(), values.end(), positive) != values.end();
  if (has_positive && values.size() == 2) return values[0] == positive ? values[1] : values[0];
  return "not " + positive;
}

Result<std::vector<std::int32_t>> TrueLabels(const data::ColumnData& target, const std::string& positive) {
  std::vector<std::int32_t> labels;
  const auto found = std::find(target.values.begin(), target.values.end(), positive);
  if (found == target.values.end()) {
    const std::vector<std::string_view> options(target.values.begin(), target.values.end());
    return Usage("property.predictions.target",
                 "positive value " + positive + " does not occur in " + target.name + Suggestion(positive, options));
  }
  const auto code = static_cast<std::int32_t>(found - target.values.begin());
  for (std::size_t row = 0; row < target.codes.size(); ++row) {
    if (target.codes[row] == data::kMissingCode) return Missing(target.name, row);
    labels.push_back(target.codes[row] == code ? 1 : 0);
  }
  return labels;
}

Result<std::vector<std::int32_t>> ByThreshold(const data::ColumnData& column, double threshold) {
  std::vector<std::int32_t> predicted;
  for (std::size_t row = 0; row < column.numbers.size(); ++row) {
    if (std::isnan(column.numbers[row])) return Missing(column.name, row);
    predicted.push_back(column.numbers[row] >= threshold ? 1 : 0);
  }
  return predicted;
}

Result<std::vector<std::int32_t>> ByNumbers(const data::ColumnData& column, const std::vector<std::string>& values) {
  std::vector<double> wanted;
  for (const std::string& value : values) {
    const std::optional<double> number = ParseDecimal(value);
    if (!number) {
      return Usage("property.predictions.positive", "column " + column.name + " is numeric, " + value + " is not");
    }
    wanted.push_back(*number);
  }
  std::vector<std::int32_t> predicted;
  for (std::size_t row = 0; row < column.numbers.size(); ++row) {
    if (std::isnan(column.numbers[row])) return Missing(column.name, row);
    predicted.push_back(std::find(wanted.begin(), wanted.end(), column.numbers[row]) != wanted.end() ? 1 : 0);
  }
  return predicted;
}

Result<std::vector<std::int32_t>> ByValues(const data::ColumnData& column, const std::vector<std::string>& values) {
  std::vector<bool> positive(column.values.size());
  for (const std::string& value : values) {
    const auto found = std::find(column.values.begin(), column.values.end(), value);
    if (found == column.values.end()) {
      const std::vector<std::string_view> options(column.values.begin(), column.values.end());
      return Usage("property.predictions.positive",
                   "positive value " + value + " does not occur in " + column.name + Suggestion(value, options));
    }
    positive[static_cast<std::size_t>(found - column.values.begin())] = true;
  }
  std::vector<std::int32_t> predicted;
  for (std::size_t row = 0; row < column.codes.size(); ++row) {
    if (column.codes[row] == data::kMissingCode) return Missing(column.name, row);
    predicted.push_back(positive[static_cast<std::size_t>(column.codes[row])] ? 1 : 0);
  }
  return predicted;
}

// Of a numeric target: both columns as they are.
Result<Predictions> NumbersFromColumn(const data::ColumnData& truth, const data::ColumnData& column,
                                      const PredictionColumn& source) {
  if (source.threshold || !source.positive_values.empty()) {
    return Usage("property.predictions.positive",
                 "target " + truth.name + " is numeric, want neither positive values nor a threshold");
  }
  if (column.type != ColumnType::kNumeric) {
    return Usage("property.predictions.column",
                 "target " + truth.name + " is numeric, column " + column.name + " of predictions is not");
  }
  for (const data::ColumnData* one : {&truth, &column}) {
    for (std::size_t row = 0; row < one->numbers.size(); ++row) {
      if (std::isnan(one->numbers[row])) return Missing(one->name, row);
    }
  }
  return PredictionsFromNumbers(truth.numbers, column.numbers);
}

}  // namespace

Result<Predictions> PredictionsFromColumn(const data::Table& table, const PredictionColumn& source) {
  const std::optional<statement::Target>& target = table.selection().target;
  const data::ColumnData* truth = target ? table.Find(target->column) : nullptr;
  const bool numeric = truth != nullptr && truth->type == ColumnType::kNumeric;
  if (truth == nullptr || (!numeric && target->positive.empty())) {
    return Usage("property.predictions.target", "the schema of " + table.file().name() +
                                                    " has no target with a positive value to judge predictions by");
  }
  ATTESTML_TRY(const data::ColumnData* column, FindColumn(table, source.column));
  if (column == truth) {
    return Usage("property.predictions.column", "column " + column->name + " is the target: want the predictions");
  }
  if (numeric) return NumbersFromColumn(*truth, *column, source);
  if (column->type != ColumnType::kNumeric && column->type != ColumnType::kCategorical) {
    return Usage("property.predictions.column",
                 "column " + column->name + " is neither numeric nor categorical and predicts nothing");
  }
  if (source.threshold.has_value() != source.positive_values.empty()) {
    return Usage("property.predictions.positive",
                 "want either the positive values or the threshold of " + column->name);
  }
  if (source.threshold && column->type != ColumnType::kNumeric) {
    return Usage("property.predictions.positive", "threshold for " + column->name + ", which is not numeric");
  }
  Predictions predictions;
  predictions.classes = {NegativeName(truth->values, target->positive), target->positive};
  predictions.positive = 1;
  ATTESTML_TRY(predictions.labels, TrueLabels(*truth, target->positive));
  if (source.threshold) {
    ATTESTML_TRY(predictions.predicted, ByThreshold(*column, *source.threshold));
    predictions.scores = column->numbers;
  } else if (column->type == ColumnType::kNumeric) {
    ATTESTML_TRY(predictions.predicted, ByNumbers(*column, source.positive_values));
  } else {
    ATTESTML_TRY(predictions.predicted, ByValues(*column, source.positive_values));
  }
  ATTESTML_CHECK(CheckPredictions(predictions, table.rows()));
  return predictions;
}

Result<Predictions> PredictionsFromNumbers(std::vector<double> truths, std::vector<double> predicted) {
  Predictions predictions;
  const std::size_t rows = truths.size();
  predictions.numbers = std::move(truths);
  predictions.scores = std::move(predicted);
  ATTESTML_CHECK(CheckNumbers(predictions, rows));
  return predictions;
}

Result<Predictions> PredictionsFromProbabilities(std::vector<std::string> classes, std::vector<std::int32_t> labels,
                                                 std::vector<double> probabilities, const std::string& positive) {
  Predictions predictions;
  const std::size_t width = classes.size();
  if (width == 0 || probabilities.size() / width != labels.size() || probabilities.size() % width != 0) {
    return Usage("property.predictions.shape", std::to_string(probabilities.size()) + " probabilities, want " +
                                                   std::to_string(labels.size()) + " × " + std::to_string(width));
  }
  if (!positive.empty()) {
    const auto found = std::find(classes.begin(), classes.end(), positive);
    if (found == classes.end()) {
      return Usage("property.predictions.shape", "positive class " + positive + " is not among the classes");
    }
    predictions.positive = static_cast<std::int32_t>(found - classes.begin());
  }
  predictions.predicted.reserve(labels.size());
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const auto begin = probabilities.begin() + static_cast<std::ptrdiff_t>(row * width);
    const auto end = begin + static_cast<std::ptrdiff_t>(width);
    predictions.predicted.push_back(static_cast<std::int32_t>(std::max_element(begin, end) - begin));
  }
  predictions.classes = std::move(classes);
  predictions.labels = std::move(labels);
  predictions.probabilities = std::move(probabilities);
  ATTESTML_CHECK(CheckPredictions(predictions, predictions.labels.size()));
  return predictions;
}

Status CheckNumbers(const Predictions& predictions, std::size_t rows) {
  if (!predictions.numeric()) {
    return Usage("property.predictions.target", "the target has classes, want a numeric one");
  }
  if (predictions.numbers.size() != rows || predictions.scores.size() != rows) {
    return Usage("property.predictions.shape", std::to_string(predictions.numbers.size()) + " true and " +
                                                   std::to_string(predictions.scores.size()) +
                                                   " predicted numbers, want " + std::to_string(rows));
  }
  for (const auto* numbers : {&predictions.numbers, &predictions.scores}) {
    if (!std::all_of(numbers->begin(), numbers->end(), [](double x) { return std::isfinite(x); })) {
      return Usage("property.predictions.shape", "a number is not finite");
    }
  }
  return {};
}

Status CheckPredictions(const Predictions& predictions, std::size_t rows) {
  if (predictions.numeric()) {
    return Usage("property.predictions.target", "the target is numeric, want the property regression");
  }
  const std::size_t width = predictions.classes.size();
  const auto shape = [](const std::string& what) { return Usage("property.predictions.shape", what); };
  if (predictions.labels.size() != rows || predictions.predicted.size() != rows) {
    return shape(std::to_string(predictions.labels.size()) + " labels and " +
                 std::to_string(predictions.predicted.size()) + " predictions, want " + std::to_string(rows));
  }
  const auto is_code = [&](std::int32_t code) { return code >= 0 && static_cast<std::size_t>(code) < width; };
  if (!std::all_of(predictions.labels.begin(), predictions.labels.end(), is_code) ||
      !std::all_of(predictions.predicted.begin(), predictions.predicted.end(), is_code)) {
    return shape("a label or prediction is none of the " + std::to_string(width) + " classes");
  }
  if (predictions.positive != -1 && !is_code(predictions.positive)) return shape("the positive class is none of them");
  if (!predictions.scores.empty() && predictions.scores.size() != rows) return shape("scores are not one per record");
  for (const double score : predictions.scores) {
    if (!std::isfinite(score)) return Usage("property.predictions.probability", "a score is not finite");
  }
  if (predictions.probabilities.empty()) return {};
  if (predictions.probabilities.size() != rows * width) return shape("probabilities are not one per record and class");
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (std::size_t code = 0; code < width; ++code) {
      const double p = predictions.probabilities[row * width + code];
      if (!(p >= 0 && p <= 1)) {
        return Usage("property.predictions.probability",
                     "a probability of record " + std::to_string(row + 1) + " is not within 0 and 1");
      }
      sum += p;
    }
    if (!(std::fabs(sum - 1) <= 1e-6)) {
      return Usage("property.predictions.probability",
                   "probabilities of record " + std::to_string(row + 1) + " do not add up to 1");
    }
  }
  return {};
}

}  // namespace attestml::properties
