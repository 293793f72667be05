// A property: a measured claim about a dataset or a model. One file each, behind this interface, registered by name;
// docs/add-a-property.md shows a whole one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "data/encoder.h"
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
  // Of a numeric target: the true numbers. `scores` are then the predicted ones, and everything else is empty.
  std::vector<double> numbers{};

  bool numeric() const { return !numbers.empty(); }
};

// The model itself, for properties that probe it.
struct ModelAccess {
  const model::Model* model = nullptr;
  engine::Network* network = nullptr;  // with the model's parameters; evaluation mode
  engine::Engine* engine = nullptr;
  const data::Encoder* encoder = nullptr;  // of the table the property is measured on
};

// How the model came to be. Only the run that trained it knows.
struct TrainingFacts {
  std::uint64_t records = 0;  // of the training view
  std::uint64_t steps = 0;
  std::uint64_t epochs = 0;
  std::uint64_t examples = 0;  // forward and backward passes, one a record a step it was in
  double cpu_seconds = 0;      // of the whole process, while it trained
  // With private steps (engine::PrivateStep), all of them alike.
  struct Privacy {
    double sample_rate = 0;       // the chance of each record to be in a step
    double noise_multiplier = 0;  // standard deviation of the noise / clip
    double clip = 0;
  };
  std::optional<Privacy> privacy;
};

// Everything a property may see. All pointers borrow; null where the property does not need it.
struct Inputs {
  const data::Table* table = nullptr;  // the selection it is measured on
  const Predictions* predictions = nullptr;
  std::span<const data::Table* const> references;               // in the order of the job's `against`
  const Json* parameters = nullptr;                             // an object; the property checks every member
  std::span<const Predictions* const> reference_predictions{};  // where needs() has kReferencePredictions
  const ModelAccess* model = nullptr;                           // where needs() has kModel
  const TrainingFacts* training = nullptr;                      // where needs() has kTraining
  // Where needs() has kSeed: the seed that design.md section 6 derives for this property, model and data; a property
  // that draws at random draws from it alone and says so in Measurement::seeds.
  crypto::Digest256 seed{};
};

// What a property wants besides the table. Bits of a mask.
enum Needs : unsigned {
  kNothing = 0,
  kPredictions = 1,           // of the model, or a column that stands for them
  kReferencePredictions = 2,  // of the model on each of `against`
  kModel = 4,
  kTraining = 8,
  kSeed = 16,  // Inputs::seed; deriving it digests the dataset
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
  // All it needs; the model's predictions where needs_predictions() says so.
  virtual unsigned needs() const { return needs_predictions() ? kPredictions : kNothing; }
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
