// Training on a number, against the normal equations.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <sstream>

#include "engine/test_engines.h"
#include "tasks/training_for_test.h"

namespace attestml::tasks {
namespace {

// y = 40 + 12 a - 7 b, and something that neither tells.
std::string Houses(std::size_t count, std::uint64_t seed) {
  Random random(seed, "test-houses");
  std::string text = "a,b,y\n";
  for (std::size_t i = 0; i < count; ++i) {
    const double a = 3 + 2 * random.Uniform();
    const double b = 10 * random.Uniform() - 5;
    char line[96];
    std::snprintf(line, sizeof line, "%.6f,%.6f,%.6f\n", a, b, 40 + 12 * a - 7 * b + 4 * (random.Uniform() - 0.5));
    text += line;
  }
  return text;
}

data::Table HousesTable(const std::string& text) {
  auto selection = SelectionOf("a:n b:n y:n");
  selection.target = statement::Target{"y", "", ""};
  auto table = data::ReadText(text, selection);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return std::move(*table);
}

// The least squares fit of y by 1, a and b: Cramer's rule on the normal equations.
std::array<double, 3> NormalEquations(const data::Table& table) {
  std::array<std::array<double, 4>, 3> m{};
  const auto y = *table.Numbers();
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::array<double, 3> x = {1, table.Find("a")->numbers[row], table.Find("b")->numbers[row]};
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) m[i][j] += x[i] * x[j];
      m[i][3] += x[i] * y[row];
    }
  }
  const auto determinant = [](const std::array<std::array<double, 4>, 3>& a) {
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  };
  std::array<double, 3> solution{};
  for (std::size_t k = 0; k < 3; ++k) {
    auto replaced = m;
    for (std::size_t i = 0; i < 3; ++i) replaced[i][k] = m[i][3];
    solution[k] = determinant(replaced) / determinant(m);
  }
  return solution;
}

double Error(const std::vector<double>& predicted, const std::vector<double>& truths) {
  double sum = 0;
  for (std::size_t i = 0; i < truths.size(); ++i) sum += (predicted[i] - truths[i]) * (predicted[i] - truths[i]);
  return sum / static_cast<double>(truths.size());
}

class RegressionTraining : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    engine_ = engine::TestEngine(GetParam());
    if (engine_ == nullptr) GTEST_SKIP() << "engine " << GetParam() << " was not built";
    config_.loss = Loss::kMeanSquaredError;
    config_.optimizer.kind = engine::Optimizer::kSgd;
    config_.learning_rate = 0.2;
    config_.batch_size = 1000;
    config_.epochs = 200;
    encoding_ = *data::FitEncoding(train_);
  }
  Result<TrainingResult> Run(const TrainingConfig& config, const model::Architecture& architecture,
                             const data::Table* validation = nullptr) {
    return Train(RequestOf(config, architecture, encoding_, train_, validation, *engine_));
  }
  std::string IdOf(const TrainingConfig& config, const model::Architecture& architecture) {
    const auto result = Run(config, architecture);
    return result.ok() ? "ok" : result.error().id;
  }

  engine::Engine* engine_ = nullptr;
  TrainingConfig config_;
  data::Table train_ = HousesTable(Houses(300, 1));
  data::Table test_ = HousesTable(Houses(100, 2));
  statement::Encoding encoding_;
  model::Architecture linear_{2, {}, model::Activation::kRelu, 1};
};

INSTANTIATE_TEST_SUITE_P(Engines, RegressionTraining, ::testing::Values("onednn", "torch"),
                         [](const auto& test) { return test.param; });

TEST_P(RegressionTraining, ReachesTheNormalEquations) {
  const auto result = Run(config_, linear_, &test_);
  ASSERT_TRUE(result.ok()) << result.error().message;
  const auto wanted = NormalEquations(train_);
  const auto file = artifact::MeasuredFile::FromBytes(result->model.Serialize(), "m");
  const auto model = model::Model::Parse(file);
  ASSERT_TRUE(model.ok()) << model.error().message;
  const auto answers = PredictWith(*model, test_, *engine_);
  ASSERT_TRUE(answers.ok()) << answers.error().message;
  ASSERT_EQ(answers->numbers.size(), test_.rows());
  EXPECT_TRUE(answers->probabilities.empty());
  for (std::size_t row = 0; row < test_.rows(); ++row) {
    const double least_squares =
        wanted[0] + wanted[1] * test_.Find("a")->numbers[row] + wanted[2] * test_.Find("b")->numbers[row];
    ASSERT_NEAR(answers->numbers[row], least_squares, 1e-3) << row;
  }
  // The log's losses are of standardised numbers: the answers' errors over the square of the scale.
  std::istringstream lines(result->log_csv);
  std::string line, last;
  while (std::getline(lines, line)) last = line;
  const double logged = std::stod(last.substr(last.rfind(',') + 1));
  const double scale = encoding_.number->scale;
  EXPECT_NEAR(logged, Error(answers->numbers, *test_.Numbers()) / (scale * scale), 1e-6);
  EXPECT_GT(scale, 10);
}

TEST_P(RegressionTraining, StopsEarlyAndKeepsTheBest) {
  TrainingConfig config = config_;
  config.optimizer.kind = engine::Optimizer::kAdam;
  config.learning_rate = 0.01;
  config.batch_size = 32;
  config.patience = 3;
  const model::Architecture hidden{2, {8}, model::Activation::kTanh, 1};
  const auto result = Run(config, hidden, &test_);
  ASSERT_TRUE(result.ok()) << result.error().message;
  const auto answers = PredictWith(result->model, test_, *engine_);
  ASSERT_TRUE(answers.ok());
  // The noise's own variance is 16 / 12.
  EXPECT_LT(Error(answers->numbers, *test_.Numbers()), 2.5);
  const auto again = Run(config, hidden, &test_);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->model.Serialize(), result->model.Serialize());
}

TEST_P(RegressionTraining, WhatDoesNotFitIsRefused) {
  TrainingConfig classes = config_;
  classes.loss = Loss::kCrossEntropy;
  EXPECT_EQ(IdOf(classes, linear_), "train.loss");
  TrainingConfig weighted = config_;
  weighted.class_weights = {{"a", 1}};
  EXPECT_EQ(IdOf(weighted, linear_), "train.config");
  weighted.class_weights.clear();
  weighted.balanced_class_weights = true;
  EXPECT_EQ(IdOf(weighted, linear_), "train.config");
  TrainingConfig smooth = config_;
  smooth.optimizer.label_smoothing = 0.1;
  EXPECT_EQ(IdOf(smooth, linear_), "train.config");
  EXPECT_EQ(IdOf(config_, {2, {}, model::Activation::kRelu, 2}), "train.classes");
  TrainingConfig fast = config_;
  fast.learning_rate = 1e3;
  EXPECT_EQ(IdOf(fast, linear_), "train.diverged");

  const data::Table answers = TableOf(Rows(40, 1));
  const auto encoding = *data::FitEncoding(answers);
  const model::Architecture two{static_cast<std::int64_t>(encoding.width()), {}, model::Activation::kRelu, 2};
  EXPECT_EQ(Train(RequestOf(config_, two, encoding, answers, nullptr, *engine_)).error().id, "train.loss");
}

}  // namespace
}  // namespace attestml::tasks
