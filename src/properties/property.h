// A property: a measured claim about a dataset or a model. One file each, behind this interface, registered by name;
// docs/add-a-property.md shows a whole one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "data/table.h"
#include "engine/engine.h"
#include "statement/claims.h"

namespace attestml::properties {

// What a model (or a column of somebody's scores) said about each row of a table. properties/predictions.h makes them.
struct Predictions {
  std::vector<std::string> classes;     // class names in order of codes
  std::vector<std::int32_t> labels;     // true classes
  std::vector<std::int32_t> predicted;  // predicted classes
  std::vector<double> probabilities;    // rows × classes, row-major; empty when only classes are known
  std::vector<double> scores;           // a column's scores, higher meaning more positive; empty when there are none
  std::int32_t positive = -1;           // code of the positive class, -1 when there is none
};

// Everything a property may see. All pointers borrow; null where the property does not need it.
struct Inputs {
  const data::Table* table = nullptr;  // the selection it is measured on
  const Predictions* predictions = nullptr;
  std::span<const data::Table* const> references;  // in the order of the job's `against`
  const Json* parameters = nullptr;                // an object; the property checks every member
};

struct Measurement {
  std::vector<statement::MetricResult> results;
  std::vector<statement::Series> series;
  std::vector<std::string> seeds;  // names of derived seeds used
};

class Property {
 public:
  virtual ~Property() = default;
  virtual std::string_view name() const = 0;            // "accuracy"
  virtual std::string_view implementation() const = 0;  // "accuracy/1"
  virtual bool needs_predictions() const = 0;
  // Errors of kind usage name the parameter and the nearest known one. Error ids property.*.
  virtual Result<Measurement> Measure(const Inputs& inputs) const = 0;
};

// The registry: every property that this program knows, by name.
std::span<const Property* const> Registry();
const Property* FindProperty(std::string_view name);

// Registers a property for the life of the program; for build-time plug-ins. Refused are null, a name that is taken,
// and one that is not of the form [a-z][a-z0-9-]*. Call it before other threads start.
bool RegisterProperty(const Property* property);

}  // namespace attestml::properties
