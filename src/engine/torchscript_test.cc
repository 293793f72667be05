// TorchScript programs, good and hostile, written by PyTorch itself. Needs python3 with torch; skipped without.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "crypto/digest.h"
#include "engine/test_architectures.h"
#include "engine/test_engines.h"

namespace attestml::engine {
namespace {

std::string IdOf(const auto& result) { return result.ok() ? std::string("ok") : result.error().id; }

class TorchScript : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (TestEngine("torch") == nullptr) return;
    folder_ = std::filesystem::temp_directory_path() / ("attestml-programs-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    const std::string command = std::string("/usr/bin/python3 ") + ATTESTML_SOURCE_DIR +
                                "/src/engine/make_programs.py " + folder_.string() + " >/dev/null 2>&1";
    made_ = std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") == 0;  // NOLINT: a fixed command
    if (made_) {
      ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT: our own words
    }
  }
  static void TearDownTestSuite() {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  void SetUp() override {
    engine_ = TestEngine("torch");
    if (engine_ == nullptr) GTEST_SKIP() << "engine torch was not built";
    if (!made_) GTEST_SKIP() << "python3 with torch is not there";
  }

  static Bytes Read(const std::string& name) {
    std::ifstream in(folder_ / (name + ".pt"), std::ios::binary);
    EXPECT_TRUE(in.good()) << name;
    return {std::istreambuf_iterator<char>(in), {}};
  }

  model::Architecture Describe(const Bytes& program, std::int64_t inputs) {
    model::Architecture a;
    a.kind = model::Kind::kTorchScript;
    a.inputs = inputs;
    a.outputs = 3;
    a.program = HexEncode(crypto::Sha256(program));
    const auto state = engine_->ReadProgram(program);
    EXPECT_TRUE(state.ok()) << (state.ok() ? "" : state.error().id + ": " + state.error().message);
    if (state.ok()) {
      for (const auto& tensor : *state) a.state.emplace_back(tensor.name, tensor.shape);
    }
    return a;
  }

  static inline std::filesystem::path folder_;
  static inline bool made_ = false;
  Engine* engine_ = nullptr;
};

TEST_F(TorchScript, ListsTheStateDict) {
  const auto state = engine_->ReadProgram(Read("cnn"));
  ASSERT_TRUE(state.ok()) << state.error().id << ": " << state.error().message;
  std::vector<std::string> names;
  for (const auto& tensor : *state) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"conv.weight", "conv.bias", "bn.weight", "bn.bias", "bn.running_mean",
                                             "bn.running_var", "fc.weight", "fc.bias"}));
  EXPECT_EQ((*state)[0].shape, (std::vector<std::int64_t>{4, 2, 3, 3}));
  EXPECT_EQ((*state)[2].values, std::vector<float>(4, 1.0F));
}

// The frozen program is the other one with its weights as constants.
TEST_F(TorchScript, PredictsWhatPythonPredicts) {
  std::vector<float> x;
  for (int i = 0; i < 20; ++i) x.push_back(static_cast<float>(-1 + 2.0 * i / 19));
  std::vector<float> logits(15), frozen(15);
  for (const auto& [name, out] : {std::pair{"mlp", &logits}, std::pair{"frozen", &frozen}}) {
    const Bytes program = Read(name);
    auto network = engine_->Build(Describe(program, 4), program);
    ASSERT_TRUE(network.ok()) << network.error().message;
    ASSERT_TRUE((*network)->Predict({x.data(), 5, 4}, *out).ok());
  }
  std::ifstream in(folder_ / "mlp.f32", std::ios::binary);
  std::vector<float> want(15);
  in.read(reinterpret_cast<char*>(want.data()), 60);
  for (std::size_t i = 0; i < 15; ++i) EXPECT_NEAR(logits[i], want[i], 1e-5);
  for (std::size_t i = 0; i < 15; ++i) EXPECT_NEAR(frozen[i], want[i], 1e-5);
}

TEST_F(TorchScript, FrozenProgramsHaveNothingToTrain) {
  const Bytes program = Read("frozen");
  const model::Architecture a = Describe(program, 4);
  EXPECT_TRUE(a.state.empty());
  auto frozen = engine_->Build(a, program);
  ASSERT_TRUE(frozen.ok()) << frozen.error().message;
  EXPECT_EQ(IdOf((*frozen)->Configure({}, {})), "engine.parameters");
  EXPECT_TRUE((*frozen)->Load({}).ok());
  EXPECT_TRUE((*frozen)->Export().empty());
  // Attacks want the derivative all the same: that of the program with its weights as parameters.
  const Bytes other = Read("mlp");
  auto mlp = engine_->Build(Describe(other, 4), other);
  ASSERT_TRUE(mlp.ok());
  const auto state = engine_->ReadProgram(other);
  ASSERT_TRUE(state.ok() && (*mlp)->Load(*state).ok());
  const Samples samples = MakeSamples(a, 6, 1);
  std::vector<float> one(24), two(24);
  ASSERT_TRUE((*frozen)->InputGradient(samples.matrix(), samples.labels, one).ok());
  ASSERT_TRUE((*mlp)->InputGradient(samples.matrix(), samples.labels, two).ok());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], two[i], 1e-6);
  EXPECT_GT(std::abs(one[0]), 1e-6);
}

TEST_F(TorchScript, TrainsDeterministicallyAndResumes) {
  for (const std::string name : {"cnn", "mlp", "tokens", "traced", "repacked"}) {
    SCOPED_TRACE(name);
    const Bytes program = Read(name);
    ASSERT_EQ(IdOf(engine_->ReadProgram(program)), "ok");
    model::Architecture a = Describe(program, name == "cnn" ? 18 : name == "tokens" ? 9 : 4);
    if (name == "cnn") a.image = {2, 3, 3};
    if (name == "tokens") a.tokens = 20;
    const Samples samples = MakeSamples(a, 12, 3);
    OptimizerConfig config;
    config.kind = Optimizer::kAdam;
    const auto start = [&] {
      auto network = engine_->Build(a, program);
      EXPECT_TRUE(network.ok()) << name << ": " << network.error().message;
      EXPECT_TRUE((*network)->Configure(config, {}).ok());
      return std::move(*network);
    };
    auto one = start();
    auto two = start();
    float first = 0;
    float last = 0;
    for (int step = 0; step < 30; ++step) {
      const auto loss = one->Step(samples.matrix(), samples.labels, 0.02);
      ASSERT_TRUE(loss.ok()) << name << ": " << loss.error().message;
      last = *loss;
      if (step == 0) first = last;
      if (step == 14) {
        ASSERT_TRUE(two->Load(one->Export()).ok());
        ASSERT_TRUE(two->RestoreOptimizer(*one->SaveOptimizer()).ok());
      }
      if (step > 14) {
        ASSERT_TRUE(two->Step(samples.matrix(), samples.labels, 0.02).ok());
      }
    }
    EXPECT_LT(last, first) << name;
    const auto a_end = one->Export();
    const auto b_end = two->Export();
    for (std::size_t i = 0; i < a_end.size(); ++i) EXPECT_EQ(a_end[i].values, b_end[i].values) << name;
  }
}

TEST_F(TorchScript, HostileFilesAreRefused) {
  const std::pair<const char*, const char*> wanted[] = {
      {"bad-save", "program.operator"},
      {"bad-file", "program.operator"},
      {"bad-print", "program.operator"},
      {"bad-fork", "program.operator"},
      {"bad-word", "program.operator"},
      {"bad-number", "program.operator"},
      {"bad-comment", "program.operator"},
      {"bad-setstate", "program.pickle"},
      {"bad-deep", "program.text"},
      {"bad-undefined", "program.text"},
      {"bad-reference", "program.text"},
      {"bad-pickle", "program.pickle"},
      {"bad-constants", "program.pickle"},
      {"bad-storage", "program.pickle"},
      {"bad-missing", "program.pickle"},
      {"bad-shape", "program.pickle"},
      {"bad-memo", "program.pickle"},
      {"bad-class", "program.pickle"},
      {"bad-path", "program.zip"},
      {"bad-case", "program.zip"},
      {"bad-legacy", "program.zip"},
      {"bad-bomb", "program.zip"},
      {"bad-syntax", "program.load"},
      {"double", "program.state"},
      // What shows memory as it happens to be, and what reads or writes outside its tensors.
      {"bad-empty", "program.operator"},
      {"bad-empty-like", "program.operator"},
      {"bad-new-empty", "program.operator"},
      {"bad-empty-strided", "program.operator"},
      {"bad-searchsorted", "program.operator"},
      {"bad-pad-packed", "program.operator"},
  };
  for (const auto& [name, id] : wanted) {
    const auto result = engine_->ReadProgram(Read(name));
    EXPECT_EQ(IdOf(result), id) << name << (result.ok() ? "" : ": " + result.error().message);
  }
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    const std::string name = file.path().stem().string();
    if (!name.starts_with("cut-")) continue;
    EXPECT_EQ(IdOf(engine_->ReadProgram(Read(name))), "program.pickle") << name;
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/attestml-must-not-exist"));
}

TEST_F(TorchScript, TruncatedAndFlippedFilesNeverCrash) {
  const Bytes good = Read("mlp");
  EXPECT_EQ(IdOf(engine_->ReadProgram({})), "program.size");
  for (std::size_t size = 1; size < good.size(); ++size) {
    ASSERT_NE(IdOf(engine_->ReadProgram(BytesView(good).first(size))), "ok") << size;
  }
  Bytes more = good;
  more.push_back(0);
  EXPECT_EQ(IdOf(engine_->ReadProgram(more)), "program.zip");
  // A flipped bit may still leave a good program (a weight, a checksum); it must not end the process.
  std::size_t refused = 0;
  for (std::size_t i = 0; i < good.size(); i += 11) {
    Bytes bytes = good;
    bytes[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    refused += engine_->ReadProgram(bytes).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 0U);
}

TEST_F(TorchScript, FailuresOfTheProgramAreErrors) {
  const std::vector<float> x(8, 0.5F);
  std::vector<float> logits(6);
  for (const std::string name : {"raises", "wrong-shape", "index"}) {
    const Bytes program = Read(name);
    auto network = engine_->Build(Describe(program, 4), program);
    ASSERT_TRUE(network.ok()) << name << ": " << network.error().message;
    const auto status = (*network)->Predict({x.data(), 2, 4}, logits);
    EXPECT_EQ(IdOf(status), "program.run") << name << (status.ok() ? "" : status.error().message);
  }
}

TEST_F(TorchScript, ProgramsAreTheOnesThatArchitecturesName) {
  const Bytes program = Read("mlp");
  model::Architecture a = Describe(program, 4);
  EXPECT_EQ(IdOf(engine_->Build(a, Read("cnn"))), "program.digest");
  EXPECT_EQ(IdOf(engine_->Build(a)), "program.digest");
  a.state[0].second[0] += 1;
  EXPECT_EQ(IdOf(engine_->Build(a, program)), "program.state");
  const auto back = model::ParseArchitecture(model::ArchitectureToJson(a));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, a);
}

TEST_F(TorchScript, PrivateStepsNeedProgramsThatKeepNothing) {
  const Bytes program = Read("cnn");
  model::Architecture a = Describe(program, 18);
  a.image = {2, 3, 3};
  auto network = engine_->Build(a, program);
  ASSERT_TRUE(network.ok());
  ASSERT_TRUE((*network)->Configure({}, {}).ok());
  const Samples samples = MakeSamples(a, 2, 1);
  EXPECT_EQ(IdOf((*network)->StepPrivately(samples.matrix(), samples.labels, 1, {})), "engine.private");
}

TEST_F(TorchScript, PropertiesGiveNamedNumbers) {
  const std::vector<float> p = {0.9F, 0.1F, 0.2F, 0.8F, 0.6F, 0.4F, 0.3F, 0.7F};
  const std::vector<std::int32_t> labels = {0, 1, 1, 1};
  PropertyCall call;
  call.probabilities = {p.data(), 4, 2};
  call.labels = labels;
  call.groups = {{"sex", {0, 0, 1, 1}}};
  const auto numbers = engine_->RunProperty(Read("property"), call);
  ASSERT_TRUE(numbers.ok()) << numbers.error().id << ": " << numbers.error().message;
  EXPECT_EQ(*numbers, (std::map<std::string, double>{{"accuracy", 0.75}, {"worst-sex", 0.5}}));
  for (const std::string bad : {"property-nan", "property-name", "raises", "mlp"}) {
    EXPECT_EQ(IdOf(engine_->RunProperty(Read(bad), call)), "program.run") << bad;
  }
  EXPECT_EQ(IdOf(engine_->RunProperty(Read("bad-pickle"), call)), "program.pickle");
  call.groups[0].second.pop_back();
  EXPECT_EQ(IdOf(engine_->RunProperty(Read("property"), call)), "engine.arguments");
}

}  // namespace
}  // namespace attestml::engine
