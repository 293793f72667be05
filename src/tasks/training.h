// Training: config in, result out. Reads top to bottom; prints nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "engine/engine.h"
#include "model/model.h"

namespace attestml::tasks {

enum class Schedule : std::uint8_t { kConstant, kStep, kCosine };

struct TrainingConfig {
  engine::OptimizerConfig optimizer;
  double learning_rate = 1e-3;
  Schedule schedule = Schedule::kConstant;
  std::uint32_t step_epochs = 10;  // step schedule: every so many epochs …
  double step_factor = 0.1;        // … the rate is multiplied by this
  std::uint32_t batch_size = 256;
  std::uint32_t epochs = 10;
  std::uint64_t seed = 0;
  std::optional<std::uint32_t>
      patience;  // early stopping: epochs without a lower validation loss; keeps the best weights
  std::vector<std::pair<std::string, double>> class_weights;  // class name → weight; or
  bool balanced_class_weights = false;                        // n / (classes × count)
};

struct Progress {
  std::uint64_t step = 0, steps = 0;  // optimiser steps done and planned
  std::uint32_t epoch = 0, epochs = 0;
  double loss = 0;
};

struct TrainingResult {
  model::Model model;
  std::string log_csv;  // training-log.csv: epoch,steps,learning_rate,train_loss[,validation_loss]
  std::uint64_t steps = 0;
  std::uint64_t epochs = 0;
};

// `report` is called after every few steps; returning false stops the run with kind unavailable, id train.interrupted.
// Cosine: rate × (1 + cos(π t / T)) / 2 over optimiser steps t of T planned. Shuffling: Fisher–Yates each epoch from
// the seed (spec/training.md). The last batch of an epoch may be smaller.
Result<TrainingResult> Train(const TrainingConfig& config, const model::Architecture& architecture,
                             const statement::Encoding& encoding, const data::Table& train,
                             const data::Table* validation, engine::Engine& engine,
                             const std::function<bool(const Progress&)>& report);

// Prediction of a model over a table, in file order, on the whole of it.
struct PredictionResult {
  std::vector<float> logits;            // rows × classes
  std::vector<double> probabilities;    // softmax in double, rows × classes
  std::vector<std::int32_t> predicted;  // argmax, lowest code on ties
};
Result<PredictionResult> Predict(const model::Model& model, const data::Table& table, engine::Engine& engine);

}  // namespace attestml::tasks
