// A table, a model of it with random weights, and all that a property which probes models is given.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "properties/networks_for_test.h"
#include "properties/predictions.h"
#include "properties/tables_for_test.h"

namespace attestml::properties::test {

struct Subject {
  data::Table table;
  model::Model model;
  std::unique_ptr<DoubleMlp> network;
  std::unique_ptr<data::Encoder> encoder;
  Predictions predictions;
  ModelAccess access;

  Subject(data::Table of, std::vector<std::int64_t> hidden, std::uint64_t seed, double weight = 1,
          const data::EncodingConfig& config = {})
      : table(std::move(of)) {
    auto encoding = data::FitEncoding(table, config);
    EXPECT_TRUE(encoding.ok()) << encoding.error().message;
    model.encoding = *std::move(encoding);
    model.architecture.inputs = static_cast<std::int64_t>(model.encoding.width());
    model.architecture.hidden = std::move(hidden);
    model.architecture.outputs = static_cast<std::int64_t>(model.encoding.classes.size());
    model.parameters = model::InitialWeights(model.architecture, seed);
    for (auto& tensor : model.parameters) {
      for (float& value : tensor.values) value *= static_cast<float>(weight);
    }
    Finish();
  }

  void Finish() {
    network = std::make_unique<DoubleMlp>(model);
    auto made = data::Encoder::Make(table, model.encoding);
    EXPECT_TRUE(made.ok()) << made.error().message;
    encoder = std::make_unique<data::Encoder>(*std::move(made));
    predictions = PredictionsOn(table);
    access = {&model, network.get(), nullptr, encoder.get()};
  }

  // As the model answers: softmax of its logits.
  Predictions PredictionsOn(const data::Table& on) {
    std::vector<float> x;
    EXPECT_TRUE(data::Encode(on, model.encoding, &x).ok());
    const std::size_t classes = model.encoding.classes.size();
    std::vector<float> logits(on.rows() * classes);
    EXPECT_TRUE(network->Predict({x.data(), on.rows(), model.encoding.width()}, logits).ok());
    std::vector<double> probabilities;
    for (std::size_t row = 0; row < on.rows(); ++row) {
      double sum = 0;
      const auto logit = [&](std::size_t c) { return static_cast<double>(logits[row * classes + c]); };
      double largest = logit(0);
      for (std::size_t c = 1; c < classes; ++c) largest = std::max(largest, logit(c));
      for (std::size_t c = 0; c < classes; ++c) sum += std::exp(logit(c) - largest);
      for (std::size_t c = 0; c < classes; ++c) probabilities.push_back(std::exp(logit(c) - largest) / sum);
    }
    auto made = PredictionsFromProbabilities(model.encoding.classes, *on.Labels(model.encoding.classes),
                                             std::move(probabilities), "");
    EXPECT_TRUE(made.ok());
    return *std::move(made);
  }

  Inputs With(const Json* parameters) const {
    Inputs inputs;
    inputs.table = &table;
    inputs.predictions = &predictions;
    inputs.parameters = parameters;
    inputs.model = &access;
    inputs.seed = crypto::Sha256(AsBytes("a seed"));
    return inputs;
  }
};

// Numbers, a category that nothing may touch, and a label that depends on the numbers.
inline data::Table People(std::size_t rows, std::uint64_t seed) {
  Random random(seed, "people");
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    const double age = 20 + 50 * random.Uniform(), pay = 1000 * random.Uniform(), debt = 100 * random.Uniform();
    const bool female = random.Below(2) == 0;
    const bool good = pay / 1000 - debt / 100 + (age - 45) / 100 + 0.3 * (random.Uniform() - 0.5) > 0;
    text += FormatDecimal(std::floor(age)) + "," + FormatDecimal(std::floor(pay)) + "," +
            (random.Below(20) == 0 ? std::string() : FormatDecimal(std::floor(debt))) + "," + (female ? "F" : "M") +
            "," + (good ? "good" : "bad") + "\n";
  }
  return TableOf(text, SelectionOf("age:number pay:number debt:number sex y", "y"));
}

// Images of CIFAR-10's shape with random pixels.
inline data::Table Images(std::size_t rows, std::uint64_t seed) {
  Random random(seed, "images");
  Bytes bytes;
  for (std::size_t row = 0; row < rows; ++row) {
    bytes.push_back(static_cast<std::uint8_t>(row % 10));
    for (int i = 0; i < 3072; ++i) bytes.push_back(static_cast<std::uint8_t>(random.Below(256)));
  }
  statement::Selection selection;
  selection.format.type = statement::FileType::kCifar10;
  selection.columns = {{"label", statement::ColumnType::kCategorical, true},
                       {"image", statement::ColumnType::kImage, true, {3, 32, 32}}};
  selection.target = statement::Target{"label", "", ""};
  auto table = data::Table::Read(artifact::MeasuredFile::FromBytes(std::move(bytes), "images.bin"), selection);
  if (!table.ok()) {
    ADD_FAILURE() << table.error().message;
    std::abort();
  }
  return *std::move(table);
}

}  // namespace attestml::properties::test
