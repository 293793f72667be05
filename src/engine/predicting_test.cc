// Networks that engine onednn only predicts with: as engine torch does, row by row, on any number of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/random.h"
#include "engine/test_architectures.h"
#include "engine/test_engines.h"

namespace attestml::engine {
namespace {

using model::Architecture;
using model::NamedTensor;

std::vector<std::pair<std::string, Architecture>> Predicted() {
  auto all = TestArchitectures();
  std::erase_if(all, [](const auto& each) { return each.first == "mlp" || each.first == "transformer"; });
  // Above 64 pixels a resnet begins with a large kernel and a pooling.
  auto large = ImageArchitecture(model::Kind::kResnet, {3, 67, 70});
  large.depth = 18;
  all.emplace_back("resnet-large", large);
  auto wide = ImageArchitecture(model::Kind::kCnn, {1, 28, 28});
  wide.channels = {32, 64, 128};
  wide.kernel = 3;
  all.emplace_back("cnn-poster", wide);
  return all;
}

// Weights as training begins, and statistics of batch norm that are not those, but leave half of all pixels above zero.
std::vector<NamedTensor> Weights(const Architecture& architecture) {
  auto weights = model::InitialWeights(architecture, 5);
  Random random(6, "test-statistics");
  for (NamedTensor& tensor : weights) {
    if (!model::IsBuffer(tensor.name)) continue;
    const bool variance = tensor.name.ends_with("var");
    for (float& value : tensor.values) {
      value = static_cast<float>(variance ? 0.05 + 0.1 * random.Uniform() : 0.1 * random.Uniform() - 0.05);
    }
  }
  return weights;
}

class PredictingTest : public ::testing::TestWithParam<std::pair<std::string, Architecture>> {
 protected:
  void SetUp() override {
    engine_ = TestEngine("onednn");
    if (engine_ == nullptr) GTEST_SKIP() << "engine onednn was not built";
  }
  const Architecture& architecture() const { return GetParam().second; }

  static std::unique_ptr<Network> Start(Engine* engine, const Architecture& architecture) {
    auto network = engine->Build(architecture);
    EXPECT_TRUE(network.ok()) << network.error().message;
    EXPECT_TRUE((*network)->Load(Weights(architecture)).ok());
    return std::move(*network);
  }
  std::vector<float> Predict(Network& network, Matrix x) const {
    std::vector<float> logits(x.rows * static_cast<std::size_t>(architecture().outputs));
    const Status status = network.Predict(x, logits);
    EXPECT_TRUE(status.ok()) << status.error().message;
    return logits;
  }

  Engine* engine_ = nullptr;
};

TEST_P(PredictingTest, AsEngineTorchDoes) {
  Engine* torch = TestEngine("torch");
  if (torch == nullptr) GTEST_SKIP() << "engine torch was not built";
  const Samples samples = MakeSamples(architecture(), 7, 2);
  const auto theirs = Predict(*Start(torch, architecture()), samples.matrix());
  const auto ours = Predict(*Start(engine_, architecture()), samples.matrix());
  float largest = 0;
  float difference = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(theirs[i]));
    difference = std::max(difference, std::abs(theirs[i] - ours[i]));
  }
  EXPECT_GT(largest, 1e-3F);
  EXPECT_LE(difference, 1e-5F * largest);
}

TEST_P(PredictingTest, ARowDoesNotDependOnTheOthers) {
  const Samples samples = MakeSamples(architecture(), 5, 3);
  const Matrix all = samples.matrix();
  const auto network = Start(engine_, architecture());
  const auto together = Predict(*network, all);
  for (std::size_t row = 0; row < all.rows; ++row) {
    const auto alone = Predict(*network, {all.data + row * all.columns, 1, all.columns});
    EXPECT_EQ(std::memcmp(alone.data(), together.data() + row * alone.size(), 4 * alone.size()), 0) << row;
  }
}

TEST_P(PredictingTest, ThreadsChangeNothing) {
  const auto module = FindModule("onednn");
  ASSERT_TRUE(module.ok());
  auto more = LoadModule(*module, 3);
  ASSERT_TRUE(more.ok());
  const Samples samples = MakeSamples(architecture(), 5, 3);
  const auto one = Predict(*Start(engine_, architecture()), samples.matrix());
  const auto three = Predict(*Start(more->get(), architecture()), samples.matrix());
  EXPECT_EQ(std::memcmp(one.data(), three.data(), 4 * one.size()), 0);
}

TEST_P(PredictingTest, LoadedParametersComeBackAndCount) {
  const auto network = Start(engine_, architecture());
  const Samples samples = MakeSamples(architecture(), 1, 3);
  const auto before = Predict(*network, samples.matrix());
  auto weights = Weights(architecture());
  const auto exported = network->Export();
  ASSERT_EQ(exported.size(), weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(exported[i].values, weights[i].values) << weights[i].name;
  // Every single tensor matters; of a deep network, where each try takes its time, every eleventh is tried.
  for (std::size_t i = 0; i<weights.size(); i += weights.size()> 20 ? 11 : 1) {
    for (float& value : weights[i].values) value += 0.25F;
    ASSERT_TRUE(network->Load(weights).ok());
    EXPECT_NE(Predict(*network, samples.matrix()), before) << weights[i].name;
    for (float& value : weights[i].values) value -= 0.25F;
  }
  weights.pop_back();
  EXPECT_FALSE(network->Load(weights).ok());
}

TEST_P(PredictingTest, TrainsAndDerivesNone) {
  const auto network = Start(engine_, architecture());
  const Samples samples = MakeSamples(architecture(), 3, 3);
  EXPECT_EQ(network->Configure({}, {}).error().id, "engine.architecture");
  EXPECT_EQ(network->Step(samples.matrix(), samples.labels, 0.1).error().id, "engine.architecture");
  std::vector<float> gradient(3 * static_cast<std::size_t>(architecture().inputs));
  EXPECT_EQ(network->InputGradient(samples.matrix(), samples.labels, gradient).error().id, "engine.gradient");
}

INSTANTIATE_TEST_SUITE_P(Kinds, PredictingTest, ::testing::ValuesIn(Predicted()), [](const auto& test) {
  std::string name = test.param.first;
  std::erase(name, '-');
  return name;
});

// Whichever of the pooled pixels is not a number, and whichever is looked at first: no number comes of it.
TEST(Predicting, WhatIsNotANumberComesThrough) {
  for (const char* name : {"onednn", "torch"}) {
    Engine* engine = TestEngine(name);
    if (engine == nullptr) continue;  // the other speaks for itself
    for (const auto kind : {model::Kind::kCnn, model::Kind::kVgg, model::Kind::kResnet}) {
      const bool cnn = kind == model::Kind::kCnn;
      Architecture a =
          ImageArchitecture(kind, cnn ? std::vector<std::int64_t>{2, 4, 4} : std::vector<std::int64_t>{1, 32, 32});
      a.channels = cnn ? std::vector<std::int64_t>{4} : std::vector<std::int64_t>{};
      a.kernel = cnn ? 1 : a.kernel;
      a.depth = kind == model::Kind::kVgg ? 11 : kind == model::Kind::kResnet ? 18 : a.depth;
      auto network = engine->Build(a).value();
      ASSERT_TRUE(network->Load(Weights(a)).ok());
      for (const std::size_t pixel : {0U, 1U, 4U, 5U}) {
        std::vector<float> x(static_cast<std::size_t>(a.inputs), 0.5F);
        x[pixel] = std::nanf("");
        std::vector<float> logits(3);
        ASSERT_TRUE(network->Predict({x.data(), 1, x.size()}, logits).ok());
        for (const float logit : logits) EXPECT_TRUE(std::isnan(logit)) << name << " " << pixel;
      }
    }
  }
}

TEST(Predicting, TokensThatAreNoneAreRefused) {
  Engine* engine = TestEngine("onednn");
  if (engine == nullptr) GTEST_SKIP() << "engine onednn was not built";
  const Architecture a = TextArchitecture(model::Kind::kLstm);
  auto network = engine->Build(a).value();
  std::vector<float> logits(3);
  for (const float token : {-1.0F, 20.0F, 0.5F, std::nanf("")}) {
    std::vector<float> x(9, 1.0F);
    x[4] = token;
    EXPECT_EQ(network->Predict({x.data(), 1, 9}, logits).error().id, "engine.arguments") << token;
  }
}

}  // namespace
}  // namespace attestml::engine
