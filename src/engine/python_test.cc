// A PyTorch user's view of our files and of our arithmetic. Needs python3 with torch; skipped without.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "engine/test_engines.h"
#include "model/model.h"

namespace attestml::engine {
namespace {

void WriteFile(const std::filesystem::path& path, const void* data, std::size_t size) {
  std::ofstream(path, std::ios::binary).write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
}

// Trains 25 steps, of classes and of numbers, writes the model before and after with the batch and our predictions;
// check_model.py loads the first
// with load_state_dict, takes the same steps with torch.optim, and compares with the others.
TEST(Python, LoadsTheModelAndTakesTheSameSteps) {
  if (std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") != 0) {  // NOLINT: a fixed command
    GTEST_SKIP() << "python3 with torch is not there";
  }
  const auto folder = std::filesystem::temp_directory_path() / ("attestml-python-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  model::Model model;
  model.architecture = {10, {16, 8}, model::Activation::kTanh, 3};
  statement::EncodedColumn column;
  column.column = "kind";
  column.type = statement::ColumnType::kCategorical;
  for (const char* value : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}) column.vocabulary.emplace_back(value);
  model.encoding.inputs = {column};
  model.encoding.classes = {"x", "y", "z"};
  model.encoding.target = "class";
  Random random(1, "test-python");
  std::vector<float> x;
  for (int i = 0; i < 64 * 10; ++i) x.push_back(static_cast<float>(2 * random.Uniform() - 1));
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 64; ++i) labels.push_back(static_cast<std::int32_t>(random.Below(3)));
  WriteFile(folder / "x.f32", x.data(), 4 * x.size());
  WriteFile(folder / "y.i32", labels.data(), 4 * labels.size());

  std::vector<float> numbers;
  for (int i = 0; i < 64; ++i) numbers.push_back(static_cast<float>(2 * random.Uniform() - 1));
  WriteFile(folder / "numbers.f32", numbers.data(), 4 * numbers.size());

  std::string runs;
  // Of three classes, and of a number.
  for (const std::int64_t outputs : {3, 1}) {
    model.architecture.outputs = outputs;
    if (outputs == 1) {
      model.encoding.classes.clear();
      model.encoding.number.emplace();
    }
    model.parameters = model::InitialWeights(model.architecture, 11);
    const Bytes before = model.Serialize();
    WriteFile(folder / ("before-" + std::to_string(outputs) + ".safetensors"), before.data(), before.size());
    const Targets targets = outputs == 1 ? Targets(numbers) : Targets(labels);
    const std::vector<float> weights = outputs == 1 ? std::vector<float>() : std::vector<float>{1.0F, 2.0F, 0.5F};
    for (const char* name : {"onednn", "torch"}) {
      Engine* engine = TestEngine(name);
      if (engine == nullptr) continue;
      for (const auto& [kind, optimizer] : {std::pair{Optimizer::kSgd, "sgd"}, std::pair{Optimizer::kAdam, "adam"},
                                            std::pair{Optimizer::kAdamW, "adamw"}}) {
        auto network = std::move(*engine->Build(model.architecture));
        ASSERT_TRUE(network->Load(model::InitialWeights(model.architecture, 11)).ok());
        OptimizerConfig config;
        config.kind = kind;
        config.momentum = 0.9;
        config.weight_decay = 0.05;
        ASSERT_TRUE(network->Configure(config, weights).ok());
        for (int step = 0; step < 25; ++step) ASSERT_TRUE(network->Step({x.data(), 64, 10}, targets, 0.01).ok());
        model.parameters = network->Export();
        const Bytes after = model.Serialize();
        const std::string run = std::string(optimizer) + "-" + name + "-" + std::to_string(outputs);
        WriteFile(folder / (run + ".safetensors"), after.data(), after.size());
        std::vector<float> given(64 * static_cast<std::size_t>(outputs));
        ASSERT_TRUE(network->Predict({x.data(), 64, 10}, given).ok());
        WriteFile(folder / (run + ".f32"), given.data(), 4 * given.size());
        runs += " " + run;
      }
    }
  }
  const std::string command =
      std::string("/usr/bin/python3 ") + ATTESTML_SOURCE_DIR + "/src/engine/check_model.py " + folder.string() + runs;
  EXPECT_EQ(std::system(command.c_str()), 0) << runs;  // NOLINT: our own words
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace attestml::engine
