// A run that was interrupted and resumed ends with the bytes of one that was not; what a checkpoint file may hold.
#include <gtest/gtest.h>

#include <optional>

#include "engine/test_engines.h"
#include "statement/run.h"
#include "tasks/checkpoint.h"
#include "tasks/training_for_test.h"

namespace attestml::tasks {
namespace {

class ResumeTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    engine_ = engine::TestEngine(GetParam());
    ASSERT_FALSE(HasFailure());
    if (engine_ == nullptr) GTEST_SKIP() << "engine " << GetParam() << " was not built";
    train_.emplace(TableOf(Rows(400, 1)));
    held_out_.emplace(TableOf(Rows(100, 2)));
    encoding_ = *data::FitEncoding(*train_);
    architecture_ = {static_cast<std::int64_t>(encoding_.width()), {16}, model::Activation::kTanh, 2};
  }

  TrainingRequest Request(const TrainingConfig& config, bool validates = false) {
    return RequestOf(config, architecture_, encoding_, *train_, validates ? &*held_out_ : nullptr, *engine_);
  }

  // The state that a run leaves behind when it is stopped at `step` (a multiple of 16, or the last of an epoch).
  TrainingState StoppedAt(TrainingRequest request, std::uint64_t step) {
    std::optional<TrainingState> state;
    request.checkpoint = [&](const TrainingState& at) -> Status {
      state = at;
      return {};
    };
    request.report = [step](const Progress& progress) { return progress.step < step; };
    const auto result = Train(request);
    EXPECT_FALSE(result.ok());
    if (!result.ok()) {
      EXPECT_EQ(result.error().id, "train.interrupted");
    }
    EXPECT_TRUE(state.has_value());
    return state.value_or(TrainingState{});
  }

  Checkpoint Wrap(const TrainingState& state) const {
    return {statement::JobDigest(Json::object()), architecture_, encoding_, state};
  }

  engine::Engine* engine_ = nullptr;
  std::optional<data::Table> train_, held_out_;
  statement::Encoding encoding_;
  model::Architecture architecture_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ResumeTest, ::testing::Values("onednn", "torch"),
                         [](const auto& test) { return test.param; });

TEST_P(ResumeTest, EndsWithTheSameBytesWhereverItStopped) {
  for (const auto kind : {engine::Optimizer::kSgd, engine::Optimizer::kAdam, engine::Optimizer::kAdamW}) {
    TrainingConfig config = Config();
    config.optimizer.kind = kind;
    config.optimizer.momentum = kind == engine::Optimizer::kSgd ? 0.9 : 0;
    config.warmup_epochs = 1;
    const auto whole = Train(Request(config));
    ASSERT_TRUE(whole.ok()) << whole.error().message;
    // 13 steps an epoch: the last of the second, within the third, the last of the fifth.
    for (const std::uint64_t step : {26U, 32U, 65U}) {
      // Through the file, as a killed process would.
      const Bytes bytes = WriteCheckpoint(Wrap(StoppedAt(Request(config), step)));
      const auto read = ReadCheckpoint(artifact::MeasuredFile::FromBytes(bytes, "c"));
      ASSERT_TRUE(read.ok()) << read.error().message;
      EXPECT_EQ(read->state.steps, step);
      EXPECT_EQ(WriteCheckpoint(*read), bytes);
      TrainingRequest request = Request(config);
      request.resume = &read->state;
      const auto rest = Train(request);
      ASSERT_TRUE(rest.ok()) << rest.error().message;
      EXPECT_EQ(rest->model.Serialize(), whole->model.Serialize()) << "stopped at step " << step;
      EXPECT_EQ(rest->log_csv, whole->log_csv);
      EXPECT_EQ(rest->steps, whole->steps);
    }
  }
}

TEST_P(ResumeTest, EarlyStoppingRemembersItsBest) {
  TrainingConfig config = Config();
  config.patience = 2;
  config.learning_rate = 0.2;
  config.epochs = 8;
  const auto whole = Train(Request(config, true));
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  const TrainingState state = StoppedAt(Request(config, true), 16);
  const auto read = ReadCheckpoint(artifact::MeasuredFile::FromBytes(WriteCheckpoint(Wrap(state)), "c"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_TRUE(read->state.best_loss.has_value());
  TrainingRequest request = Request(config, true);
  request.resume = &read->state;
  const auto rest = Train(request);
  ASSERT_TRUE(rest.ok()) << rest.error().message;
  EXPECT_EQ(rest->model.Serialize(), whole->model.Serialize());
  EXPECT_EQ(rest->epochs, whole->epochs);
}

TEST_P(ResumeTest, RefusesAStateThatTheTrainingDoesNotHave) {
  const TrainingState good = StoppedAt(Request(Config()), 16);
  const auto id = [&](TrainingState state, TrainingConfig config = Config()) {
    TrainingRequest request = Request(config);
    request.resume = &state;
    const auto result = Train(request);
    return result.ok() ? std::string("ok") : result.error().id;
  };
  EXPECT_EQ(id(good), "ok");
  TrainingState bad = good;
  bad.steps = 12;  // epoch 1 begins at step 13
  EXPECT_EQ(id(bad), "train.resume");
  bad.steps = 26;
  EXPECT_EQ(id(bad), "train.resume");
  bad = good;
  bad.epoch = 6;
  EXPECT_EQ(id(bad), "train.resume");
  TrainingConfig hidden = Config();
  hidden.privacy = Privacy{};
  EXPECT_EQ(id(good, hidden), "train.resume");
}

TEST_P(ResumeTest, RefusesHostileFiles) {
  const Checkpoint good = Wrap(StoppedAt(Request(Config()), 16));
  const Bytes bytes = WriteCheckpoint(good);
  const auto id = [](Bytes text) {
    const auto read = ReadCheckpoint(artifact::MeasuredFile::FromBytes(std::move(text), "c"));
    return read.ok() ? std::string("ok") : read.error().id;
  };
  EXPECT_EQ(id(bytes), "ok");
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_NE(id(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))), "ok") << size;
  }
  Checkpoint changed = good;
  changed.state.optimizer.first.pop_back();
  EXPECT_EQ(id(WriteCheckpoint(changed)), "checkpoint");
  changed = good;
  changed.state.parameters.clear();
  EXPECT_EQ(id(WriteCheckpoint(changed)), "checkpoint");
  changed = good;
  changed.state.parameters[0].name = "9.weight";
  EXPECT_EQ(id(WriteCheckpoint(changed)), "checkpoint");
  changed = good;
  changed.state.parameters[0].values[0] = std::nanf("");
  EXPECT_EQ(id(WriteCheckpoint(changed)), "checkpoint");
  model::Model model{architecture_, encoding_, good.state.parameters};
  EXPECT_EQ(id(model.Serialize()), "checkpoint");  // a model is none
}

}  // namespace
}  // namespace attestml::tasks
