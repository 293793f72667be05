// Every kind of network next to the PyTorch module that spec/model.md describes. Needs python3 with torch; skipped
// without.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/test_architectures.h"
#include "engine/test_engines.h"

namespace attestml::engine {
namespace {

class NetworksPython : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") != 0) {  // NOLINT: a fixed command
      GTEST_SKIP() << "python3 with torch is not there";
    }
    folder_ = std::filesystem::temp_directory_path() / ("attestml-networks-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  template <typename T>
  void Write(const std::string& name, const std::vector<T>& values) {
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(sizeof(T) * values.size()));
  }

  std::filesystem::path folder_;
};

TEST_F(NetworksPython, GiveTheSameOutputsLossesAndWeights) {
  Engine* engine = TestEngine("torch");
  if (engine == nullptr) GTEST_SKIP() << "engine torch was not built";
  std::string runs;
  for (const auto& [name, architecture] : TestArchitectures()) {
    auto network = engine->Build(architecture);
    ASSERT_TRUE(network.ok()) << name << ": " << network.error().message;
    model::Model model;
    model.architecture = architecture;
    model.encoding = EncodingFor(architecture);
    model.parameters = model::InitialWeights(architecture, 11);
    ASSERT_TRUE((*network)->Load(model.parameters).ok());
    Write(name + ".before.safetensors", model.Serialize());
    const Samples samples = MakeSamples(architecture, 6, 5);
    Write(name + ".x.f32", samples.x);
    Write(name + ".y.i32", samples.labels);
    std::vector<float> logits(18);
    const auto predicted = (*network)->Predict(samples.matrix(), logits);
    ASSERT_TRUE(predicted.ok()) << name << ": " << predicted.error().message;
    Write(name + ".before.f32", logits);
    OptimizerConfig config;
    config.momentum = 0.9;
    config.weight_decay = 0.01;
    config.clip_norm = 1;
    config.label_smoothing = 0.1;
    ASSERT_TRUE((*network)->Configure(config, std::vector<float>{1.0F, 2.0F, 0.5F}).ok());
    std::vector<float> losses;
    for (int step = 0; step < 3; ++step) {
      const auto loss = (*network)->Step(samples.matrix(), samples.labels, 0.001);
      ASSERT_TRUE(loss.ok()) << name << ": " << loss.error().message;
      losses.push_back(*loss);
    }
    Write(name + ".losses.f32", losses);
    model.parameters = (*network)->Export();
    Write(name + ".after.safetensors", model.Serialize());
    runs += " " + name;
  }
  const std::string command = std::string("/usr/bin/python3 ") + ATTESTML_SOURCE_DIR +
                              "/src/engine/check_networks.py " + folder_.string() + runs;
  EXPECT_EQ(std::system(command.c_str()), 0) << runs;  // NOLINT: our own words
}

}  // namespace
}  // namespace attestml::engine
