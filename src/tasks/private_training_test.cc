// Differentially private training, and what a step may see of the data.
#include <gtest/gtest.h>

#include <optional>

#include "engine/test_engines.h"
#include "tasks/training_for_test.h"

namespace attestml::tasks {
namespace {

class PrivateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = engine::TestEngine("torch");
    ASSERT_FALSE(HasFailure());
    if (engine_ == nullptr) GTEST_SKIP() << "engine torch was not built";
    train_.emplace(TableOf(Rows(2000, 1)));
    encoding_ = *data::FitEncoding(*train_);
    architecture_ = {static_cast<std::int64_t>(encoding_.width()), {8}, model::Activation::kTanh, 2};
  }
  TrainingConfig Private(double noise) const {
    TrainingConfig config = Config();
    config.optimizer = {};
    config.schedule = Schedule::kConstant;
    config.learning_rate = 0.5;
    config.batch_size = 100;
    config.epochs = 5;
    config.privacy = Privacy{1.0, noise};
    return config;
  }
  Result<TrainingResult> Run(const TrainingConfig& config) {
    return Train(RequestOf(config, architecture_, encoding_, *train_, nullptr, *engine_));
  }
  engine::Engine* engine_ = nullptr;
  std::optional<data::Table> train_;
  statement::Encoding encoding_;
  model::Architecture architecture_;
};

TEST_F(PrivateTest, LearnsUnderALittleNoiseAndSaysHowItDrew) {
  const auto result = Run(Private(0.5));
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->steps, 100U);
  EXPECT_DOUBLE_EQ(result->sample_rate, 0.05);
  ASSERT_TRUE(result->noise_commitment.has_value());
  // 100 steps, each of 2000 records with chance 0.05: 10000 in the mean, deviation 97.
  EXPECT_NEAR(static_cast<double>(result->examples), 10000, 600);
  const auto test = TableOf(Rows(1000, 7));
  const auto predictions = PredictWith(result->model, test, *engine_);
  const auto labels = *test.Labels(encoding_.classes);
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += predictions->predicted[i] == labels[i] ? 1 : 0;
  EXPECT_GT(right, 900U);
}

TEST_F(PrivateTest, NoiseIsNewEachTime) {
  const auto a = Run(Private(0.5));
  const auto b = Run(Private(0.5));
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE(a->noise_commitment, b->noise_commitment);
  EXPECT_NE(a->model.Serialize(), b->model.Serialize());
}

TEST_F(PrivateTest, MuchNoiseLeavesNothingToLearn) {
  const auto result = Run(Private(1000));
  ASSERT_TRUE(result.ok()) << result.error().message;
  double largest = 0;
  for (const float value : result->model.parameters[0].values) largest = std::max(largest, std::abs(double{value}));
  // 100 steps of deviation 0.5 · 1000 / 100 add up to 50 in each weight.
  EXPECT_GT(largest, 20);
  EXPECT_LT(largest, 500);
}

TEST_F(PrivateTest, RefusesWhatWouldGoRoundTheNoise) {
  const auto id = [&](const TrainingConfig& config, const data::Table* validation = nullptr) {
    const auto result = Train(RequestOf(config, architecture_, encoding_, *train_, validation, *engine_));
    return result.ok() ? std::string("ok") : result.error().id;
  };
  TrainingConfig config = Private(1);
  EXPECT_EQ(id(config, &*train_), "train.config");
  config.balanced_class_weights = true;
  EXPECT_EQ(id(config), "train.config");
  config = Private(1);
  config.optimizer.clip_norm = 1;
  EXPECT_EQ(id(config), "train.config");
  config = Private(0);
  EXPECT_EQ(id(config), "train.config");
  TrainingRequest request = RequestOf(Private(1), architecture_, encoding_, *train_, nullptr, *engine_);
  request.checkpoint_epochs = 1;
  request.checkpoint = [](const TrainingState&) -> Status { return {}; };
  const auto checkpointed = Train(request);
  ASSERT_FALSE(checkpointed.ok());
  EXPECT_EQ(checkpointed.error().id, "train.config");
  config = Private(1);
  config.privacy->clip = 0;
  EXPECT_EQ(id(config), "train.config");
}

}  // namespace
}  // namespace attestml::tasks
