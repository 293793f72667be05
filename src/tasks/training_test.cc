#include "tasks/training.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "base/random.h"
#include "data/encoder.h"
#include "data/test_tables.h"
#include "engine/test_engines.h"
#include "tasks/loss.h"
#include "tasks/training_for_test.h"

namespace attestml::tasks {
namespace {

class TrainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_ = engine::TestEngine("onednn");
    if (engine_ == nullptr) engine_ = engine::TestEngine("torch");
    if (engine_ == nullptr) GTEST_SKIP() << "no engine was built";
    train_.emplace(TableOf(Rows(400, 1)));
    encoding_ = *data::FitEncoding(*train_);
    architecture_ = {static_cast<std::int64_t>(encoding_.width()), {16}, model::Activation::kTanh, 2};
  }

  Result<TrainingResult> Run(const TrainingConfig& config, const data::Table* validation = nullptr,
                             const std::function<bool(const Progress&)>& report = {}) {
    return Train(RequestOf(config, architecture_, encoding_, *train_, validation, *engine_, report));
  }
  std::string IdOf(const TrainingConfig& config, const data::Table* validation = nullptr) {
    const auto result = Run(config, validation);
    return result.ok() ? "ok" : result.error().id;
  }

  engine::Engine* engine_ = nullptr;
  std::optional<data::Table> train_;
  statement::Encoding encoding_;
  model::Architecture architecture_;
};

std::vector<std::vector<std::string>> Csv(const std::string& text) {
  std::vector<std::vector<std::string>> lines(1, std::vector<std::string>(1));
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back(1);
    } else if (c == ',') {
      lines.back().emplace_back();
    } else {
      lines.back().back() += c;
    }
  }
  lines.pop_back();
  return lines;
}

double Accuracy(const PredictionResult& predictions, const data::Table& table, const statement::Encoding& encoding) {
  const auto labels = table.Labels(encoding.classes);
  EXPECT_TRUE(labels.ok());
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels->size(); ++i) right += (*labels)[i] == predictions.predicted[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(labels->size());
}

TEST_F(TrainTest, LearnsARuleAndPredictsIt) {
  const auto result = Run(Config());
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->epochs, 6U);
  EXPECT_EQ(result->steps, 6U * 13U);
  const data::Table other = TableOf(Rows(300, 2));
  const auto predictions = PredictWith(result->model, other, *engine_);
  ASSERT_TRUE(predictions.ok()) << predictions.error().message;
  EXPECT_GT(Accuracy(*predictions, other, encoding_), 0.95);
  ASSERT_EQ(predictions->probabilities.size(), 600U);
  for (std::size_t row = 0; row < 300; ++row) {
    const double p = predictions->probabilities[2 * row + 1];
    EXPECT_NEAR(predictions->probabilities[2 * row] + p, 1, 1e-15);
    const double margin = static_cast<double>(predictions->logits[2 * row + 1]) - predictions->logits[2 * row];
    EXPECT_NEAR(p, 1 / (1 + std::exp(-margin)), 1e-12);
    EXPECT_EQ(predictions->predicted[row], margin > 0 ? 1 : 0);
  }
}

TEST_F(TrainTest, SameJobSameBytes) {
  const auto a = Run(Config());
  const auto b = Run(Config());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->model.Serialize(), b->model.Serialize());
  EXPECT_EQ(a->log_csv, b->log_csv);
  TrainingConfig other = Config();
  other.seed = 4;
  EXPECT_NE(Run(other)->model.Serialize(), a->model.Serialize());
}

// The next test runs this one in other processes.
TEST_F(TrainTest, WritesItsDigestWhenAsked) {
  const char* path = std::getenv("ATTESTML_TEST_DIGEST");
  if (path == nullptr) GTEST_SKIP() << "only run by TrainTest.SameBytesInEveryProcessAndEnvironment";
  const auto result = Run(Config());
  ASSERT_TRUE(result.ok());
  std::ofstream(path) << HexEncode(crypto::Sha256(result->model.Serialize()));
}

TEST_F(TrainTest, SameBytesInEveryProcessAndEnvironment) {
  const auto result = Run(Config());
  ASSERT_TRUE(result.ok());
  const std::string want = HexEncode(crypto::Sha256(result->model.Serialize()));
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string path =
      (std::filesystem::temp_directory_path() / ("attestml-digest-" + std::to_string(getpid()))).string();
  for (const char* environment : {"",
                                  "OMP_NUM_THREADS=3 ONEDNN_MAX_CPU_ISA=SSE41 OPENBLAS_CORETYPE=Prescott "
                                  "ONEDNN_DEFAULT_FPMATH_MODE=BF16 DNNL_MAX_CPU_ISA=SSE41"}) {
    const std::string command = std::string("env ") + environment + " ATTESTML_TEST_DIGEST=" + path + " " + program +
                                " --gtest_filter=TrainTest.WritesItsDigestWhenAsked >/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT: our own words
    std::string seen;
    std::ifstream(path) >> seen;
    std::filesystem::remove(path);
    EXPECT_EQ(seen, want) << environment;
  }
}

TEST_F(TrainTest, TheModelFileGivesTheSamePredictions) {
  const auto result = Run(Config());
  ASSERT_TRUE(result.ok());
  const auto read = model::Model::Parse(artifact::MeasuredFile::FromBytes(result->model.Serialize(), "model"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(PredictWith(*read, *train_, *engine_)->logits, PredictWith(result->model, *train_, *engine_)->logits);
}

// The loop again, from spec/training.md, on the engine's own steps.
TEST_F(TrainTest, DoesWhatTheSpecSays) {
  TrainingConfig config = Config();
  config.schedule = Schedule::kStep;
  config.step_epochs = 2;
  config.step_factor = 0.5;
  config.class_weights = {{"yes", 2.5}};
  const auto result = Run(config);
  ASSERT_TRUE(result.ok()) << result.error().message;

  std::vector<float> x;
  ASSERT_TRUE(data::Encode(*train_, encoding_, &x).ok());
  const auto labels = *train_->Labels(encoding_.classes);
  auto network = std::move(*engine_->Build(architecture_));
  ASSERT_TRUE(network->Load(model::InitialWeights(architecture_, 3)).ok());
  ASSERT_TRUE(network->Configure(config.optimizer, std::vector<float>{1.0F, 2.5F}).ok());
  std::vector<std::size_t> order(400);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(3, "shuffle");
  const std::size_t width = encoding_.width();
  for (int epoch = 0; epoch < 6; ++epoch) {
    for (std::size_t i = 399; i > 0; --i) std::swap(order[i], order[static_cast<std::size_t>(random.Below(i + 1))]);
    const double rate = epoch < 2 ? 0.01 : epoch < 4 ? 0.005 : 0.0025;
    for (std::size_t begin = 0; begin < 400; begin += 32) {
      std::vector<float> batch;
      std::vector<std::int32_t> batch_labels;
      for (std::size_t i = begin; i < std::min<std::size_t>(begin + 32, 400); ++i) {
        const auto row = x.begin() + static_cast<std::ptrdiff_t>(order[i] * width);
        batch.insert(batch.end(), row, row + static_cast<std::ptrdiff_t>(width));
        batch_labels.push_back(labels[order[i]]);
      }
      ASSERT_TRUE(network->Step({batch.data(), batch_labels.size(), width}, batch_labels, rate).ok());
    }
  }
  const auto expected = network->Export();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(result->model.parameters[i].values, expected[i].values) << expected[i].name;
  }
}

TEST_F(TrainTest, LogHasOneLineAnEpochAndTheRateOfItsLastStep) {
  const data::Table validation = TableOf(Rows(100, 5));
  TrainingConfig config = Config();
  const auto result = Run(config, &validation);
  ASSERT_TRUE(result.ok());
  const auto lines = Csv(result->log_csv);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], (std::vector<std::string>{"epoch", "steps", "learning_rate", "train_loss", "validation_loss"}));
  for (std::size_t epoch = 1; epoch <= 6; ++epoch) {
    ASSERT_EQ(lines[epoch].size(), 5U);
    EXPECT_EQ(lines[epoch][0], std::to_string(epoch));
    EXPECT_EQ(lines[epoch][1], std::to_string(13 * epoch));
    const double t = 13.0 * static_cast<double>(epoch) - 1;
    EXPECT_NEAR(std::stod(lines[epoch][2]), 0.01 * (1 + std::cos(3.14159265358979 * t / 78)) / 2, 1e-12);
  }
  EXPECT_LT(std::stod(lines[6][3]), std::stod(lines[1][3]));
  // The last validation loss is that of the model that came out.
  const auto predictions = PredictWith(result->model, validation, *engine_);
  double loss = 0;
  const auto labels = *validation.Labels(encoding_.classes);
  for (std::size_t i = 0; i < 100; ++i) {
    loss -= std::log(predictions->probabilities[2 * i + static_cast<std::size_t>(labels[i])]) / 100;
  }
  EXPECT_NEAR(std::stod(lines[6][4]), loss, 1e-12);
  EXPECT_EQ(Csv(Run(config)->log_csv)[0].size(), 4U);
}

TEST_F(TrainTest, EarlyStoppingKeepsTheBestWeights) {
  // Labels of the validation rows are turned around: every epoch of learning makes its loss worse.
  std::string text = Rows(100, 5);
  std::string turned;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    std::string line = text.substr(at, end - at);
    if (line.ends_with(",yes\n")) {
      line.replace(line.size() - 4, 3, "no");
    } else if (line.ends_with(",no\n")) {
      line.replace(line.size() - 3, 2, "yes");
    }
    turned += line;
    at = end;
  }
  const data::Table validation = TableOf(turned);
  TrainingConfig config = Config();
  config.schedule = Schedule::kConstant;
  config.patience = 2;
  const auto stopped = Run(config, &validation);
  ASSERT_TRUE(stopped.ok()) << stopped.error().message;
  EXPECT_EQ(stopped->epochs, 3U);
  EXPECT_EQ(stopped->steps, 39U);
  TrainingConfig one = config;
  one.patience.reset();
  one.epochs = 1;
  EXPECT_EQ(stopped->model.Serialize(), Run(one, &validation)->model.Serialize());
  // A validation view that agrees lets it run to the end.
  const data::Table good = TableOf(Rows(100, 5));
  EXPECT_EQ(Run(config, &good)->epochs, 6U);
}

TEST_F(TrainTest, BalancedWeightsAreTheirFormula) {
  const data::Table skewed = TableOf(Rows(300, 9, 0.6));
  const auto encoding = *data::FitEncoding(skewed);
  const auto labels = *skewed.Labels(encoding.classes);
  const auto yes = static_cast<double>(std::count(labels.begin(), labels.end(), 1));
  ASSERT_NE(yes, 150);
  TrainingConfig balanced = Config();
  balanced.balanced_class_weights = true;
  TrainingConfig given = Config();
  given.class_weights = {{"no", 300 / (2 * (300 - yes))}, {"yes", 300 / (2 * yes)}};
  const auto a = Train(RequestOf(balanced, architecture_, encoding, skewed, nullptr, *engine_));
  const auto b = Train(RequestOf(given, architecture_, encoding, skewed, nullptr, *engine_));
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->model.Serialize(), b->model.Serialize());
  EXPECT_NE(a->model.Serialize(),
            Train(RequestOf(Config(), architecture_, encoding, skewed, nullptr, *engine_))->model.Serialize());
}

TEST_F(TrainTest, ReportsAndStopsWhenAsked) {
  std::vector<Progress> seen;
  const auto whole = Run(Config(), nullptr, [&](const Progress& progress) {
    seen.push_back(progress);
    return true;
  });
  ASSERT_TRUE(whole.ok());
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().step, 78U);
  EXPECT_EQ(seen.back().steps, 78U);
  EXPECT_EQ(seen.back().epoch, 6U);
  EXPECT_GT(seen.back().loss, 0);
  const auto stopped = Run(Config(), nullptr, [](const Progress& progress) { return progress.step < 20; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().id, "train.interrupted");
  EXPECT_EQ(stopped.error().kind, ErrorKind::kUnavailable);
}

TEST_F(TrainTest, DivergenceIsAnError) {
  TrainingConfig config = Config();
  config.optimizer.kind = engine::Optimizer::kSgd;
  config.schedule = Schedule::kConstant;
  config.learning_rate = 1e30;
  EXPECT_EQ(IdOf(config), "train.diverged");
}

TEST_F(TrainTest, ARunThatChangesNothingIsAnError) {
  TrainingConfig config = Config();
  config.optimizer.kind = engine::Optimizer::kSgd;
  config.optimizer.weight_decay = 0;
  config.learning_rate = 1e-30;
  EXPECT_EQ(IdOf(config), "train.unchanged");
}

TEST_F(TrainTest, RefusesMeaninglessConfigurations) {
  const auto id = [&](const std::function<void(TrainingConfig&)>& change) {
    TrainingConfig config = Config();
    change(config);
    return IdOf(config);
  };
  EXPECT_EQ(id([](auto& c) { c.learning_rate = 0; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.learning_rate = NAN; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.batch_size = 0; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.epochs = 0; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.optimizer.momentum = 1; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.optimizer.beta2 = 1; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.optimizer.epsilon = 0; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.optimizer.weight_decay = -1; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.patience = 3; }), "train.config");
  EXPECT_EQ(id([](auto& c) { c.class_weights = {{"maybe", 1}}; }), "train.classes");
  EXPECT_EQ(id([](auto& c) { c.class_weights = {{"yes", 1}, {"yes", 2}}; }), "train.classes");
  EXPECT_EQ(id([](auto& c) { c.class_weights = {{"yes", -1}}; }), "train.config");
  EXPECT_EQ(id([](auto& c) {
              c.class_weights = {{"yes", 2}};
              c.balanced_class_weights = true;
            }),
            "train.config");
  EXPECT_EQ(id([](auto& c) {
              c.schedule = Schedule::kStep;
              c.step_epochs = 0;
            }),
            "train.config");
  model::Architecture good = architecture_;
  architecture_.inputs += 1;
  EXPECT_EQ(IdOf(Config()), "train.inputs");
  architecture_ = good;
  architecture_.outputs = 3;
  EXPECT_EQ(IdOf(Config()), "train.classes");
  architecture_ = good;
  train_.emplace(TableOf(Rows(1, 1)));
  EXPECT_EQ(IdOf(Config()), "train.rows");
}

TEST_F(TrainTest, OverflowInPredictionIsAnError) {
  auto result = Run(Config());
  ASSERT_TRUE(result.ok());
  for (float& w : result->model.parameters[2].values) w = 3e38F;
  for (float& w : result->model.parameters[3].values) w = 3e38F;
  const auto predictions = PredictWith(result->model, *train_, *engine_);
  ASSERT_FALSE(predictions.ok());
  EXPECT_EQ(predictions.error().id, "predict.overflow");
}

TEST(Loss, SoftmaxAndCrossEntropyAreExactWhereTheyCanBe) {
  const std::vector<float> z = {1000, 1000, 0, 0};
  std::vector<double> p(2);
  Softmax(std::span(z).first(2), p);
  EXPECT_EQ(p, (std::vector<double>{0.5, 0.5}));
  EXPECT_DOUBLE_EQ(MeanCrossEntropy(z, std::vector<std::int32_t>{0, 1}, {}, 2), std::log(2.0));
  const std::vector<float> weights = {3, 1};
  const std::vector<float> u = {0, 1, 0, 1};  // losses log(1+e) for class 0, log(1+1/e) for class 1
  EXPECT_DOUBLE_EQ(MeanCrossEntropy(u, std::vector<std::int32_t>{0, 1}, weights, 2),
                   (3 * std::log1p(std::exp(1.0)) + std::log1p(std::exp(-1.0))) / 4);
}

// UCI Adult (design.md; published errors: NBTree 14.10 %, C4.5 15.54 %).
TEST(Adult, ReachesEightyFivePercentOverThreeSeeds) {
  const std::string train_path = data::SharedFile("adult/adult.data");
  const std::string test_path = data::SharedFile("adult/adult.test");
  if (train_path.empty() || test_path.empty()) GTEST_SKIP() << "UCI Adult is not in the shared folder";
  engine::Engine* engine = engine::TestEngine("onednn");
  if (engine == nullptr) engine = engine::TestEngine("torch");
  if (engine == nullptr) GTEST_SKIP() << "no engine was built";
  auto selection = SelectionOf(
      "age:n workclass:c fnlwgt:n education:c education-num:n marital-status:c occupation:c relationship:c race:c "
      "sex:c capital-gain:n capital-loss:n hours-per-week:n native-country:c income:c");
  selection.format.header = false;
  selection.format.trim = true;
  selection.format.missing = "?";
  selection.target = statement::Target{"income", ">50K", ""};
  selection.missing = statement::MissingPolicy::kDrop;
  const auto train = data::Table::Read(*artifact::MeasuredFile::Read(train_path, "adult.data"), selection);
  selection.format.skip_lines = 1;
  selection.target->strip_suffix = ".";
  const auto test = data::Table::Read(*artifact::MeasuredFile::Read(test_path, "adult.test"), selection);
  ASSERT_TRUE(train.ok() && test.ok());
  ASSERT_EQ(test->rows(), 15060U);
  const auto encoding = *data::FitEncoding(*train);
  const model::Architecture architecture{
      static_cast<std::int64_t>(encoding.width()), {128}, model::Activation::kRelu, 2};
  TrainingConfig config;
  config.optimizer.kind = engine::Optimizer::kAdamW;
  config.optimizer.weight_decay = 0.01;
  config.learning_rate = 1e-3;
  config.schedule = Schedule::kCosine;
  config.batch_size = 256;
  config.epochs = 10;
  double sum = 0;
  for (config.seed = 0; config.seed < 3; ++config.seed) {
    const auto result = Train(RequestOf(config, architecture, encoding, *train, nullptr, *engine));
    ASSERT_TRUE(result.ok()) << result.error().message;
    const auto predictions = PredictWith(result->model, *test, *engine);
    ASSERT_TRUE(predictions.ok());
    sum += Accuracy(*predictions, *test, encoding);
  }
  EXPECT_GE(sum / 3, 0.85);
  EXPECT_LT(sum / 3, 0.87) << "better than anything published: look for a leak";
}

}  // namespace
}  // namespace attestml::tasks
