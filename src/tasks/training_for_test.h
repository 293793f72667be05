// Small tables and requests for the tests of training.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/random.h"
#include "data/encoder.h"
#include "data/test_tables.h"
#include "tasks/training.h"

namespace attestml::tasks {

using data::SelectionOf;

// "answer" is yes when a + b is positive, with a colour that says nothing.
inline std::string Rows(std::size_t count, std::uint64_t seed, double shift = 0) {
  Random random(seed, "test-rows");
  std::string text = "a,b,colour,answer\n";
  for (std::size_t i = 0; i < count; ++i) {
    const double a = std::round(1000 * (2 * random.Uniform() - 1)) / 1000 + shift;
    const double b = std::round(1000 * (2 * random.Uniform() - 1)) / 1000;
    text += std::to_string(a) + "," + std::to_string(b) + (random.Below(2) != 0 ? ",red," : ",blue,") +
            (a + b > 0 ? "yes" : "no") + "\n";
  }
  return text;
}

inline data::Table TableOf(const std::string& text) {
  auto selection = SelectionOf("a:n b:n colour:c answer:c");
  selection.target = statement::Target{"answer", "yes", ""};
  auto table = data::ReadText(text, selection);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return std::move(*table);
}

inline TrainingConfig Config() {
  TrainingConfig config;
  config.optimizer.kind = engine::Optimizer::kAdamW;
  config.optimizer.weight_decay = 0.01;
  config.learning_rate = 0.01;
  config.schedule = Schedule::kCosine;
  config.batch_size = 32;
  config.epochs = 6;
  config.seed = 3;
  return config;
}

inline TrainingRequest RequestOf(const TrainingConfig& config, const model::Architecture& architecture,
                                 const statement::Encoding& encoding, const data::Table& train,
                                 const data::Table* validation, engine::Engine& engine,
                                 const std::function<bool(const Progress&)>& report = {}) {
  TrainingRequest request;
  request.config = config;
  request.architecture = architecture;
  request.encoding = encoding;
  request.train = &train;
  request.validation = validation;
  request.engine = &engine;
  request.report = report;
  return request;
}

inline Result<PredictionResult> PredictWith(const model::Model& model, const data::Table& table,
                                            engine::Engine& engine) {
  ATTESTML_TRY(const auto network, LoadNetwork(model, engine, {}));
  return Predict(model, table, *network);
}

}  // namespace attestml::tasks
