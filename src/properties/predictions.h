// Where predictions come from: a model's probabilities, or a column that already stands in the dataset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "properties/property.h"

namespace attestml::properties {

// Audits somebody else's predictions. Exactly one of the two says which are positive; neither where the target is a
// number.
struct PredictionColumn {
  std::string column;
  std::vector<std::string> positive_values;  // of a categorical column, or of a numeric one (compared as numbers)
  std::optional<double> threshold;           // of a numeric column: a score of at least this is positive
};

// Predicted and true classes are two: the target's positive class, last, and the rest. With a threshold the column's
// numbers are also scores. Of a numeric target: the numbers of both columns, which must be finite. Errors:
// property.predictions.target (no target, or no positive class), property.column, and property.predictions.column,
// .positive, .missing (a record without a prediction or a label), of kind usage.
Result<Predictions> PredictionsFromColumn(const data::Table& table, const PredictionColumn& source);

// Predicted is the class of highest probability, the lowest code on ties. `positive` is a class name, "" for none.
// Errors property.predictions.shape and .probability: sizes that do not fit, labels that are no codes, a probability
// outside 0 … 1, a row that does not add up to 1 within 1e-6.
Result<Predictions> PredictionsFromProbabilities(std::vector<std::string> classes, std::vector<std::int32_t> labels,
                                                 std::vector<double> probabilities, const std::string& positive);

// Of a model whose target is a number: the true and the predicted ones. Error property.predictions.shape: not as many,
// or not finite.
Result<Predictions> PredictionsFromNumbers(std::vector<double> truths, std::vector<double> predicted);

// What every property of classes may rely on: as many labels and predictions as `rows`, all codes within the classes,
// probabilities and scores as many as they must be and finite. Errors as above, and property.predictions.target where
// the target is a number.
Status CheckPredictions(const Predictions& predictions, std::size_t rows);

// The same for a property of numbers: as many true and predicted numbers as `rows`, all finite.
Status CheckNumbers(const Predictions& predictions, std::size_t rows);

}  // namespace attestml::properties
