// What every network of engine torch keeps, whatever its kind; private steps against plain arithmetic in double.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "engine/test_architectures.h"
#include "engine/test_engines.h"

namespace attestml::engine {
namespace {

using model::Architecture;
using model::NamedTensor;

bool SameBits(const std::vector<NamedTensor>& a, const std::vector<NamedTensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || a[i].values.size() != b[i].values.size()) return false;
    if (std::memcmp(a[i].values.data(), b[i].values.data(), 4 * a[i].values.size()) != 0) return false;
  }
  return true;
}

// Every trained value, in the order of Export.
std::vector<double> Trained(Network& network) {
  std::vector<double> out;
  for (const NamedTensor& tensor : network.Export()) {
    if (!model::IsBuffer(tensor.name)) out.insert(out.end(), tensor.values.begin(), tensor.values.end());
  }
  return out;
}

std::string IdOf(const auto& result) { return result.ok() ? std::string("ok") : result.error().id; }

class NetworksTest : public ::testing::TestWithParam<std::pair<std::string, Architecture>> {
 protected:
  void SetUp() override {
    engine_ = TestEngine("torch");
    if (engine_ == nullptr) GTEST_SKIP() << "engine torch was not built";
  }
  const Architecture& architecture() const { return GetParam().second; }

  std::unique_ptr<Network> Start(const OptimizerConfig& config, std::uint64_t seed = 3) {
    auto network = engine_->Build(architecture());
    EXPECT_TRUE(network.ok()) << network.error().message;
    EXPECT_TRUE((*network)->Load(model::InitialWeights(architecture(), seed)).ok());
    EXPECT_TRUE((*network)->Configure(config, {}).ok());
    return std::move(*network);
  }

  Engine* engine_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Kinds, NetworksTest, ::testing::ValuesIn(TestArchitectures()), [](const auto& test) {
  std::string name = test.param.first;
  std::erase(name, '-');
  return name;
});

TEST_P(NetworksTest, ExportGivesBackWhatWasLoaded) {
  auto network = Start({});
  EXPECT_TRUE(SameBits(network->Export(), model::InitialWeights(architecture(), 3)));
}

TEST_P(NetworksTest, PredictionsOfARowDoNotDependOnTheOthers) {
  auto network = Start({});
  const Samples samples = MakeSamples(architecture(), 70, 6);
  std::vector<float> whole(70 * 3);
  ASSERT_TRUE(network->Predict(samples.matrix(), whole).ok());
  for (const std::size_t piece : {1U, 7U, 33U}) {
    std::vector<float> parts(70 * 3);
    for (std::size_t begin = 0; begin < 70; begin += piece) {
      const std::size_t count = std::min<std::size_t>(piece, 70 - begin);
      ASSERT_TRUE(network->Predict(samples.rows(begin, count), std::span(parts).subspan(begin * 3, count * 3)).ok());
    }
    EXPECT_EQ(std::memcmp(whole.data(), parts.data(), 4 * whole.size()), 0) << piece << " rows at a time";
  }
  std::vector<float> none;
  EXPECT_TRUE(network->Predict(samples.rows(0, 0), none).ok());
}

TEST_P(NetworksTest, SameCallsSameBits) {
  OptimizerConfig config;
  config.kind = Optimizer::kAdamW;
  config.weight_decay = 0.01;
  std::vector<NamedTensor> first;
  for (int run = 0; run < 2; ++run) {
    auto network = Start(config);
    for (std::uint64_t step = 0; step < 3; ++step) {
      const Samples samples = MakeSamples(architecture(), 5 + step, step);
      ASSERT_TRUE(network->Step(samples.matrix(), samples.labels, 0.01).ok());
    }
    if (run == 0) first = network->Export();
    EXPECT_TRUE(SameBits(network->Export(), first));
  }
}

// Stopped after two steps and taken up again by another network: as if nothing had happened.
TEST_P(NetworksTest, RestoredOptimisersGoOnAsBefore) {
  for (const auto kind : {Optimizer::kSgd, Optimizer::kAdam}) {
    OptimizerConfig config;
    config.kind = kind;
    config.momentum = 0.9;
    auto straight = Start(config);
    auto resumed = Start(config, 4);
    const Samples samples = MakeSamples(architecture(), 6, 1);
    for (int step = 0; step < 2; ++step) ASSERT_TRUE(straight->Step(samples.matrix(), samples.labels, 0.01).ok());
    const auto state = straight->SaveOptimizer();
    ASSERT_TRUE(state.ok());
    EXPECT_EQ(state->steps, 2U);
    ASSERT_TRUE(resumed->Load(straight->Export()).ok());
    ASSERT_TRUE(resumed->RestoreOptimizer(*state).ok());
    for (int step = 0; step < 2; ++step) {
      ASSERT_TRUE(straight->Step(samples.matrix(), samples.labels, 0.01).ok());
      ASSERT_TRUE(resumed->Step(samples.matrix(), samples.labels, 0.01).ok());
    }
    EXPECT_TRUE(SameBits(straight->Export(), resumed->Export()));
    OptimizerState other = *state;
    other.first.pop_back();
    EXPECT_EQ(IdOf(resumed->RestoreOptimizer(other)), "engine.arguments");
    other = *state;
    other.second.assign(kind == Optimizer::kSgd ? 1 : 0, NamedTensor{});
    EXPECT_EQ(IdOf(resumed->RestoreOptimizer(other)), "engine.arguments");
  }
}

// Of one output, by squared error: whatever comes before the loss is what classes have too.
TEST_P(NetworksTest, NumbersAreLearnt) {
  Architecture one = architecture();
  one.outputs = 1;
  const auto start = [&](const OptimizerConfig& config) {
    auto network = engine_->Build(one);
    EXPECT_TRUE(network.ok()) << network.error().message;
    EXPECT_TRUE((*network)->Load(model::InitialWeights(one, 3)).ok());
    EXPECT_TRUE((*network)->Configure(config, {}).ok());
    return std::move(*network);
  };
  const Samples samples = MakeSamples(one, 8, 2);
  std::vector<float> numbers;
  Random random(4, "test-numbers");
  for (int i = 0; i < 8; ++i) numbers.push_back(static_cast<float>(2 * random.Uniform() - 1));
  auto network = start({});
  std::vector<float> outputs(8);
  ASSERT_TRUE(network->Predict(samples.matrix(), outputs).ok());
  double error = 0;
  for (std::size_t i = 0; i < 8; ++i) error += std::pow(static_cast<double>(outputs[i]) - numbers[i], 2) / 8;
  const auto before = Trained(*network);
  const auto loss = network->Step(samples.matrix(), numbers, 0.125);
  ASSERT_TRUE(loss.ok()) << loss.error().message;
  const bool batch_norm = GetParam().first == "vgg" || GetParam().first == "resnet";
  if (!batch_norm) {
    EXPECT_NEAR(*loss, error, 1e-5);
    // Nothing clipped, no noise: the step is the plain one.
    const auto plain = Trained(*network);
    auto hidden = start({});
    const std::vector<float> silence(plain.size());
    const auto same = hidden->StepPrivately(samples.matrix(), numbers, 0.125, {1e9, 8, silence});
    ASSERT_TRUE(same.ok()) << same.error().message;
    EXPECT_NEAR(*same, error, 1e-5);
    const auto moved = Trained(*hidden);
    for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_NEAR(moved[i], plain[i], 1e-5) << i;
  }
  // A small step downhill.
  auto learner = start({});
  const auto first = learner->Step(samples.matrix(), numbers, 1e-4);
  const auto second = learner->Step(samples.matrix(), numbers, 1e-4);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *loss);
  EXPECT_LT(*second, *first);
}

// The sum of clipped gradients, each taken from a step on its record alone, in double.
TEST_P(NetworksTest, PrivateStepsClipEachRecord) {
  auto network = Start({});
  const Samples samples = MakeSamples(architecture(), 5, 2);
  PrivateStep step;
  step.expected_batch = 7.5;
  std::vector<double> before = Trained(*network);
  std::vector<float> noise(before.size());
  Random random(1, "test-noise");
  for (float& value : noise) value = static_cast<float>(random.Uniform() - 0.5);
  step.noise = noise;
  if (GetParam().first == "vgg" || GetParam().first == "resnet") {
    const auto result = network->StepPrivately(samples.matrix(), samples.labels, 1, step);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().id, "engine.private");
    EXPECT_EQ(result.error().kind, ErrorKind::kUnsupported);
    return;
  }
  std::vector<std::vector<double>> gradients;
  std::vector<double> norms;
  double loss = 0;
  for (std::size_t r = 0; r < 5; ++r) {
    auto single = Start({});
    const auto one = single->Step(samples.rows(r, 1), std::span(samples.labels).subspan(r, 1), 1.0);
    ASSERT_TRUE(one.ok());
    loss += *one / 5;
    std::vector<double> gradient = Trained(*single);
    double square = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] = before[i] - gradient[i];
      square += gradient[i] * gradient[i];
    }
    gradients.push_back(std::move(gradient));
    norms.push_back(std::sqrt(square));
  }
  auto sorted = norms;
  std::sort(sorted.begin(), sorted.end());
  step.clip = sorted[2];  // two are clipped, two are not
  const auto result = network->StepPrivately(samples.matrix(), samples.labels, 1.0, step);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_NEAR(*result, loss, 1e-5);
  const std::vector<double> after = Trained(*network);
  for (std::size_t i = 0; i < before.size(); ++i) {
    double sum = noise[i];
    for (std::size_t r = 0; r < 5; ++r) sum += gradients[r][i] * std::min(1.0, step.clip / norms[r]);
    ASSERT_NEAR(before[i] - after[i], sum / 7.5, 1e-5) << i;
  }

  // Nobody was drawn: noise alone.
  before = after;
  const auto empty = network->StepPrivately(samples.rows(0, 0), {}, 1.0, step);
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(*empty, 0.0F);
  const std::vector<double> moved = Trained(*network);
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(before[i] - moved[i], noise[i] / 7.5, 1e-6);
}

TEST_P(NetworksTest, PrivateStepsRefuseArgumentsThatDoNotFit) {
  auto network = Start({});
  if (GetParam().first == "vgg" || GetParam().first == "resnet") GTEST_SKIP() << "refused as a whole";
  const Samples samples = MakeSamples(architecture(), 2, 2);
  std::vector<float> noise(Trained(*network).size());
  const auto id = [&](double clip, double batch, std::size_t count) {
    PrivateStep step{clip, batch, std::span(noise).first(count)};
    return IdOf(network->StepPrivately(samples.matrix(), samples.labels, 1, step));
  };
  EXPECT_EQ(id(1, 1, noise.size()), "ok");
  EXPECT_EQ(id(1, 1, noise.size() - 1), "engine.arguments");
  EXPECT_EQ(id(0, 1, noise.size()), "engine.arguments");
  EXPECT_EQ(id(std::nan(""), 1, noise.size()), "engine.arguments");
  EXPECT_EQ(id(1, 0, noise.size()), "engine.arguments");
}

TEST_P(NetworksTest, InputGradientIsTheDerivative) {
  auto network = Start({});
  Samples samples = MakeSamples(architecture(), 2, 4);
  std::vector<float> gradient(samples.x.size());
  const auto status = network->InputGradient(samples.matrix(), samples.labels, gradient);
  if (architecture().tokens != 0) {
    EXPECT_EQ(IdOf(status), "engine.gradient");
    return;
  }
  ASSERT_TRUE(status.ok()) << status.error().message;
  const auto loss = [&] {
    std::vector<float> logits(6);
    EXPECT_TRUE(network->Predict(samples.matrix(), logits).ok());
    double sum = 0;
    for (std::size_t r = 0; r < 2; ++r) {
      double exps = 0;
      for (std::size_t c = 0; c < 3; ++c) exps += std::exp(static_cast<double>(logits[3 * r + c]));
      sum += std::log(exps) - logits[3 * r + static_cast<std::size_t>(samples.labels[r])];
    }
    return sum / 2;
  };
  // Along the gradient: the slope of the loss is its length.
  double square = 0;
  for (const float g : gradient) square += static_cast<double>(g) * g;
  const double length = std::sqrt(square);
  ASSERT_GT(length, 0);
  const std::vector<float> at = samples.x;
  const double h = 0.01;
  const auto move = [&](double by) {
    for (std::size_t i = 0; i < at.size(); ++i) samples.x[i] = static_cast<float>(at[i] + by * gradient[i] / length);
    return loss();
  };
  EXPECT_NEAR((move(h) - move(-h)) / (2 * h), length, 0.02 * length);
}

TEST_P(NetworksTest, ModelFilesRoundTrip) {
  if (architecture().image.empty() && architecture().tokens == 0) {
    model::Model model{architecture(), EncodingFor(architecture()), model::InitialWeights(architecture(), 1)};
    const Bytes bytes = model.Serialize();
    const auto back = model::Model::Parse(artifact::MeasuredFile::FromBytes(bytes, "m"));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->Serialize(), bytes);
  }
  const auto back = model::ParseArchitecture(model::ArchitectureToJson(architecture()));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, architecture());
}

TEST_P(NetworksTest, Bfloat16IsCloseOrRefused) {
  auto exact = Start({});
  auto network = Start({});
  OptimizerConfig config;
  config.precision = Precision::kBfloat16;
  const auto configured = network->Configure(config, {});
  if (!configured.ok()) {
    EXPECT_EQ(configured.error().id, "engine.precision");
    EXPECT_EQ(configured.error().kind, ErrorKind::kUnsupported);
    return;
  }
  const Samples samples = MakeSamples(architecture(), 8, 2);
  for (int step = 0; step < 2; ++step) {
    const auto a = exact->Step(samples.matrix(), samples.labels, 0.001);
    const auto b = network->Step(samples.matrix(), samples.labels, 0.001);
    ASSERT_TRUE(a.ok() && b.ok()) << (b.ok() ? "" : b.error().message);
    EXPECT_NEAR(*a, *b, 0.03);
    EXPECT_NE(*a, *b);
  }
}

TEST(Networks, TokensThatAreNoneAreRefused) {
  Engine* engine = TestEngine("torch");
  if (engine == nullptr) GTEST_SKIP() << "engine torch was not built";
  const Architecture architecture = TextArchitecture(model::Kind::kLstm);
  auto network = std::move(*engine->Build(architecture));
  std::vector<float> logits(3);
  for (const float bad : {-1.0F, 20.0F, 0.5F, std::nanf(""), 1e30F}) {
    Samples samples = MakeSamples(architecture, 1, 1);
    samples.x[3] = bad;
    EXPECT_EQ(IdOf(network->Predict(samples.matrix(), logits)), "engine.arguments") << bad;
  }
}

// Every text in a batch gives what it gives alone, whatever its padding; the embedding of padding never moves.
TEST(Networks, PaddingIsNotSeen) {
  Engine* engine = TestEngine("torch");
  if (engine == nullptr) GTEST_SKIP() << "engine torch was not built";
  for (const auto kind : {model::Kind::kLstm, model::Kind::kTransformer}) {
    Architecture architecture = TextArchitecture(kind);
    auto network = std::move(*engine->Build(architecture));
    auto weights = model::InitialWeights(architecture, 5);
    // An embedding that is not zero shows whether padding is looked at.
    for (std::size_t i = 0; i < 8; ++i) weights[0].values[i] = 3.0F;
    ASSERT_TRUE(network->Load(weights).ok());
    architecture.inputs = 4;
    auto shorter = std::move(*engine->Build(architecture));
    if (kind == model::Kind::kTransformer) {
      weights[1].shape = {4, 8};
      weights[1].values.resize(32);
    }
    ASSERT_TRUE(shorter->Load(weights).ok());
    const std::vector<float> x = {7, 3, 9, 0, 0, 0, 0, 0, 0};
    std::vector<float> a(3);
    std::vector<float> b(3);
    ASSERT_TRUE(network->Predict({x.data(), 1, 9}, a).ok());
    ASSERT_TRUE(shorter->Predict({x.data(), 1, 4}, b).ok());
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(a[c], b[c], 1e-6);

    ASSERT_TRUE(network->Configure({}, {}).ok());
    const std::vector<std::int32_t> labels = {1};
    ASSERT_TRUE(network->Step({x.data(), 1, 9}, labels, 1.0).ok());
    const auto after = network->Export();
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(after[0].values[i], 3.0F);
  }
}

}  // namespace
}  // namespace attestml::engine
