// The vocabulary of properties: which names, parameters, metrics and qualifiers exist. Producers fill them, policies
// check for typos against them, cards label them. One table, so that the three cannot drift. spec/properties.md pins
// what each metric means.
#pragma once

#include <span>
#include <string_view>

namespace attestml::statement {

enum class MetricUnit : unsigned char {
  kProportion,   // between 0 and 1
  kNumber,       // anything
  kCount,        // a whole number of records
  kProbability,  // a p-value
};

struct MetricName {
  std::string_view name;   // "balanced-accuracy"
  std::string_view title;  // "Balanced accuracy"
  MetricUnit unit = MetricUnit::kNumber;
};

struct PropertyName {
  std::string_view name;   // "accuracy"
  std::string_view title;  // "Accuracy"
  bool of_model = false;   // judges predictions: the subject is the model, or the dataset whose column they stand in
  std::span<const MetricName> metrics;
  std::span<const std::string_view> parameters;
  bool of_numbers = false;     // the target and the predictions are numbers: no class is positive
  bool model_alone = false;    // of a model, never of a column of predictions
  bool class_neutral = false;  // no metric depends on which class is called positive
};

std::span<const PropertyName> Vocabulary();
const PropertyName* FindProperty(std::string_view name);  // null when unknown
const MetricName* FindMetric(const PropertyName& property, std::string_view name);

}  // namespace attestml::statement
