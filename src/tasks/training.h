// Training: config in, result out. Reads top to bottom; prints nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "engine/engine.h"
#include "model/model.h"
#include "tasks/augmentation.h"

namespace attestml::tasks {

enum class Schedule : std::uint8_t { kConstant, kStep, kCosine };

// What is minimised, of a target that has classes, and of one that is a number.
enum class Loss : std::uint8_t { kCrossEntropy, kMeanSquaredError };

// Differentially private training: spec/training.md section 10.
struct Privacy {
  double clip = 1;              // L2 norm that each record's gradient is cut to
  double noise_multiplier = 1;  // standard deviation of the noise / clip
};

struct TrainingConfig {
  Loss loss = Loss::kCrossEntropy;
  engine::OptimizerConfig optimizer;
  double learning_rate = 1e-3;
  Schedule schedule = Schedule::kConstant;
  std::uint32_t warmup_epochs = 0;  // the rate rises to its value over these first, step by step
  std::uint32_t step_epochs = 10;   // step schedule: every so many epochs …
  double step_factor = 0.1;         // … the rate is multiplied by this
  std::uint32_t batch_size = 256;
  std::uint32_t epochs = 10;
  std::uint64_t seed = 0;
  std::optional<std::uint32_t>
      patience;  // early stopping: epochs without a lower validation loss; keeps the best weights
  std::vector<std::pair<std::string, double>> class_weights;  // class name → weight; or
  bool balanced_class_weights = false;                        // n / (classes × count)
  Augmentation augmentation;
  std::optional<Privacy> privacy;  // every step draws each record with chance batch size / records
};

struct Progress {
  std::uint64_t step = 0, steps = 0;  // optimiser steps done and planned
  std::uint32_t epoch = 0, epochs = 0;
  double loss = 0;
};

// All that a run needs to go on: after `steps` steps, within epoch `epoch` (counted from 0).
struct TrainingState {
  std::uint64_t steps = 0;
  std::uint32_t epoch = 0;
  double epoch_loss = 0;  // sum over the records of this epoch so far
  std::vector<model::NamedTensor> parameters;
  engine::OptimizerState optimizer;
  std::string log_csv;
  // Early stopping.
  std::optional<double> best_loss;
  std::uint32_t since_best = 0;
  std::vector<model::NamedTensor> best_parameters;
};

// What Train works on. Pointers borrow; null where there is none.
struct TrainingRequest {
  TrainingConfig config;
  model::Architecture architecture;
  statement::Encoding encoding;
  const data::Table* train = nullptr;
  const data::Table* validation = nullptr;
  engine::Engine* engine = nullptr;
  BytesView program;                                         // of a torchscript architecture
  const std::vector<model::NamedTensor>* initial = nullptr;  // weights to start from, instead of the seed's
  const TrainingState* resume = nullptr;
  // Called after every few steps, and at least every second where steps take less; returning false stops the run with
  // kind unavailable, id train.interrupted.
  std::function<bool(const Progress&)> report;
  // `checkpoint`, where there is one, is called when the run is interrupted before its last epoch has ended, and after
  // every `checkpoint_epochs` epochs (0: not then). Never with privacy.
  std::uint32_t checkpoint_epochs = 0;
  std::function<Status(const TrainingState&)> checkpoint;
};

struct TrainingResult {
  model::Model model;
  std::string log_csv;  // training-log.csv: epoch,steps,learning_rate,train_loss[,validation_loss]
  std::uint64_t steps = 0;
  std::uint64_t epochs = 0;
  std::uint64_t examples = 0;  // records seen, each as often as it was in a step of this process
  // With privacy: which secret stream the noise came from, and with what chance a record was in a step.
  std::optional<crypto::Digest256> noise_commitment;
  double sample_rate = 0;
};

// Cosine: rate × (1 + cos(π t / T)) / 2 over optimiser steps t of T planned. Shuffling: Fisher–Yates each epoch from
// the seed (spec/training.md). The last batch of an epoch may be smaller. Same request, same bytes, whether or not the
// run was interrupted and resumed; except with privacy, whose noise is secret and new each time.
Result<TrainingResult> Train(const TrainingRequest& request);

// Prediction of a model over a table, in file order, on the whole of it.
struct PredictionResult {
  std::vector<float> logits;            // rows × outputs
  std::vector<double> probabilities;    // softmax in double, rows × classes
  std::vector<std::int32_t> predicted;  // argmax, lowest code on ties
  // Of a target that is a number, instead of these two: mean + scale × output, in double.
  std::vector<double> numbers{};
};
// `network` has the model's architecture and parameters; LoadNetwork makes one.
Result<PredictionResult> Predict(const model::Model& model, const data::Table& table, engine::Network& network);
Result<std::unique_ptr<engine::Network>> LoadNetwork(const model::Model& model, engine::Engine& engine,
                                                     BytesView program);

}  // namespace attestml::tasks
