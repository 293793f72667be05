// Both engines against closed forms, finite differences and each other.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/random.h"
#include "engine/processor.h"
#include "engine/test_engines.h"

namespace attestml::engine {
namespace {

using model::Activation;
using model::Architecture;
using model::NamedTensor;

struct Batch {
  std::vector<float> x;
  std::vector<std::int32_t> labels;
  std::size_t rows = 0;
  std::size_t columns = 0;
  Matrix matrix() const { return {x.data(), rows, columns}; }
};

Batch MakeBatch(std::size_t rows, std::size_t columns, std::int32_t classes, std::uint64_t seed) {
  Random random(seed, "test-batch");
  Batch batch{{}, {}, rows, columns};
  for (std::size_t i = 0; i < rows * columns; ++i) batch.x.push_back(static_cast<float>(2 * random.Uniform() - 1));
  for (std::size_t i = 0; i < rows; ++i) {
    batch.labels.push_back(static_cast<std::int32_t>(random.Below(static_cast<std::uint64_t>(classes))));
  }
  return batch;
}

// The same network in double, one sample at a time: mean (weighted) cross entropy.
double ReferenceLoss(const Architecture& architecture, const std::vector<NamedTensor>& parameters, const Batch& batch,
                     const std::vector<float>& weights) {
  double loss = 0;
  double total = 0;
  for (std::size_t r = 0; r < batch.rows; ++r) {
    std::vector<double> h(batch.x.begin() + static_cast<std::ptrdiff_t>(r * batch.columns),
                          batch.x.begin() + static_cast<std::ptrdiff_t>((r + 1) * batch.columns));
    for (std::size_t l = 0; l < parameters.size(); l += 2) {
      std::vector<double> z(static_cast<std::size_t>(parameters[l].shape[0]));
      for (std::size_t o = 0; o < z.size(); ++o) {
        z[o] = parameters[l + 1].values[o];
        for (std::size_t i = 0; i < h.size(); ++i) z[o] += h[i] * parameters[l].values[o * h.size() + i];
        if (l + 2 < parameters.size()) {
          z[o] = architecture.activation == Activation::kRelu ? std::max(0.0, z[o]) : std::tanh(z[o]);
        }
      }
      h = z;
    }
    double sum = 0;
    for (const double z : h) sum += std::exp(z);
    const auto label = static_cast<std::size_t>(batch.labels[r]);
    const double w = weights.empty() ? 1.0 : weights[label];
    loss += w * (std::log(sum) - h[label]);
    total += w;
  }
  return loss / total;
}

// The derivative of ReferenceLoss by every parameter, by central differences of the double network.
std::vector<NamedTensor> NumericGradient(const Architecture& architecture, std::vector<NamedTensor> parameters,
                                         const Batch& batch, const std::vector<float>& weights) {
  auto gradient = parameters;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    for (std::size_t i = 0; i < parameters[p].values.size(); ++i) {
      const float at = parameters[p].values[i];
      const float up = at + 0x1p-10F;
      const float down = at - 0x1p-10F;
      parameters[p].values[i] = up;
      const double high = ReferenceLoss(architecture, parameters, batch, weights);
      parameters[p].values[i] = down;
      const double low = ReferenceLoss(architecture, parameters, batch, weights);
      parameters[p].values[i] = at;
      gradient[p].values[i] = static_cast<float>((high - low) / (static_cast<double>(up) - down));
    }
  }
  return gradient;
}

bool SameBits(const std::vector<NamedTensor>& a, const std::vector<NamedTensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || a[i].values.size() != b[i].values.size()) return false;
    if (std::memcmp(a[i].values.data(), b[i].values.data(), 4 * a[i].values.size()) != 0) return false;
  }
  return true;
}

double LargestDifference(const std::vector<NamedTensor>& a, const std::vector<NamedTensor>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].values.size(); ++j) {
      largest = std::max(largest, std::abs(static_cast<double>(a[i].values[j]) - b[i].values[j]));
    }
  }
  return largest;
}

std::unique_ptr<Network> Start(Engine& engine, const Architecture& architecture, std::uint64_t seed,
                               const OptimizerConfig& config, const std::vector<float>& weights = {}) {
  auto network = engine.Build(architecture);
  EXPECT_TRUE(network.ok());
  EXPECT_TRUE((*network)->Load(model::InitialWeights(architecture, seed)).ok());
  EXPECT_TRUE((*network)->Configure(config, weights).ok());
  return std::move(*network);
}

class EngineTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    engine_ = TestEngine(GetParam());
    ASSERT_FALSE(HasFailure()) << "engine " << GetParam() << " did not load";
    if (engine_ == nullptr) GTEST_SKIP() << "engine " << GetParam() << " was not built";
  }
  Engine* engine_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Engines, EngineTest, ::testing::Values("onednn", "torch"),
                         [](const auto& test) { return test.param; });

TEST_P(EngineTest, NamesItselfAndWhatItRunsOn) {
  EXPECT_EQ(engine_->name(), GetParam());
  // Engine onednn knows its oneDNN once something is to be trained.
  const Architecture architecture{7, {5}, Activation::kTanh, 4};
  Start(*engine_, architecture, 9, {});
  const auto details = engine_->Details();
  EXPECT_FALSE(details.at("version").empty());
  EXPECT_EQ(details.at("threads"), "1");
  // What oneDNN computes with is in every statement, and is never AMX (spec/training.md section 9).
  EXPECT_FALSE(details.at("isa").empty());
  EXPECT_EQ(details.at("isa").find("amx"), std::string::npos) << details.at("isa");
  if (OnednnMaxIsa(DetectProcessor()) == "AVX512_CORE_BF16") {
    EXPECT_EQ(details.at("isa"), "avx512_core_bf16");
  }
}

TEST_P(EngineTest, ExportGivesBackWhatWasLoaded) {
  const Architecture architecture{7, {5, 3}, Activation::kTanh, 4};
  const auto weights = model::InitialWeights(architecture, 9);
  auto network = Start(*engine_, architecture, 9, {});
  EXPECT_TRUE(SameBits(network->Export(), weights));
}

// One step of plain SGD at rate 1 moves the parameters by exactly the gradient.
TEST_P(EngineTest, GradientsAreTheDerivatives) {
  for (const auto activation : {Activation::kTanh, Activation::kRelu}) {
    const Architecture architecture{6, {5, 4}, activation, 3};
    const std::vector<float> weights = {0.5F, 2.0F, 1.25F};
    const Batch batch = MakeBatch(11, 6, 3, 4);
    auto network = Start(*engine_, architecture, 3, {}, weights);
    const auto before = network->Export();
    const auto loss = network->Step(batch.matrix(), batch.labels, 1.0);
    ASSERT_TRUE(loss.ok());
    EXPECT_NEAR(*loss, ReferenceLoss(architecture, before, batch, weights), 1e-6);
    auto moved = network->Export();
    for (std::size_t i = 0; i < moved.size(); ++i) {
      for (std::size_t j = 0; j < moved[i].values.size(); ++j)
        moved[i].values[j] = before[i].values[j] - moved[i].values[j];
    }
    const double tolerance = activation == Activation::kTanh ? 1e-5 : 2e-4;  // a kink within the difference
    EXPECT_LT(LargestDifference(moved, NumericGradient(architecture, before, batch, weights)), tolerance);
  }
}

TEST_P(EngineTest, LogisticRegressionHasItsClosedForm) {
  const Architecture architecture{2, {}, Activation::kRelu, 2};
  auto network = Start(*engine_, architecture, 1, {});
  std::vector<NamedTensor> zero = model::ParameterShapes(architecture);
  zero[0].values.assign(4, 0.0F);
  zero[1].values.assign(2, 0.0F);
  ASSERT_TRUE(network->Load(zero).ok());
  const std::vector<float> x = {1, 2, 3, -1};
  const std::vector<std::int32_t> labels = {0, 1};
  const auto loss = network->Step({x.data(), 2, 2}, labels, 1.0);
  ASSERT_TRUE(loss.ok());
  EXPECT_FLOAT_EQ(*loss, std::log(2.0F));
  // At zero both probabilities are 1/2: dW = mean over rows of (p - y) xᵀ.
  const std::vector<float> want = {-(-0.25F * 1 + 0.25F * 3), -(-0.25F * 2 + 0.25F * -1), -(0.25F * 1 - 0.25F * 3),
                                   -(0.25F * 2 - 0.25F * -1)};
  const auto after = network->Export();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(after[0].values[i], want[i]);
  EXPECT_FLOAT_EQ(after[1].values[0], 0.0F);
}

// Three steps of each optimiser, by hand in double on gradients taken numerically.
TEST_P(EngineTest, OptimisersDoWhatTorchDefines) {
  const Architecture architecture{3, {4}, Activation::kTanh, 2};
  const Batch batch = MakeBatch(8, 3, 2, 12);
  std::vector<OptimizerConfig> configs(5);
  configs[1].weight_decay = 0.1;
  configs[1].momentum = 0.9;
  configs[2].kind = Optimizer::kAdam;
  configs[3].kind = Optimizer::kAdam;
  configs[3].weight_decay = 0.1;
  configs[4].kind = Optimizer::kAdamW;
  configs[4].weight_decay = 0.1;
  for (std::size_t n = 0; n < configs.size(); ++n) {
    const OptimizerConfig& c = configs[n];
    const double rate = 0.05;
    auto network = Start(*engine_, architecture, 5, c);
    auto p = network->Export();
    std::vector<std::vector<double>> m(p.size());
    std::vector<std::vector<double>> v(p.size());
    for (int t = 1; t <= 3; ++t) {
      const auto g = NumericGradient(architecture, p, batch, {});
      for (std::size_t i = 0; i < p.size(); ++i) {
        m[i].resize(p[i].values.size());
        v[i].resize(p[i].values.size());
        for (std::size_t j = 0; j < p[i].values.size(); ++j) {
          double w = p[i].values[j];
          double d = g[i].values[j];
          if (c.kind == Optimizer::kAdamW) {
            w -= rate * c.weight_decay * w;
          } else {
            d += c.weight_decay * w;
          }
          if (c.kind == Optimizer::kSgd) {
            m[i][j] = t == 1 ? d : c.momentum * m[i][j] + d;
            w -= rate * m[i][j];
          } else {
            m[i][j] = 0.9 * m[i][j] + 0.1 * d;
            v[i][j] = 0.999 * v[i][j] + 0.001 * d * d;
            w -= rate * (m[i][j] / (1 - std::pow(0.9, t))) / (std::sqrt(v[i][j] / (1 - std::pow(0.999, t))) + 1e-8);
          }
          p[i].values[j] = static_cast<float>(w);
        }
      }
      ASSERT_TRUE(network->Step(batch.matrix(), batch.labels, rate).ok());
    }
    // Adam divides by the gradient's size: errors of small gradients show, scaled by the rate.
    EXPECT_LT(LargestDifference(network->Export(), p), c.kind == Optimizer::kSgd ? 1e-5 : 2e-3) << "config " << n;
  }
}

TEST_P(EngineTest, InputGradientIsTheDerivative) {
  const Architecture architecture{5, {7, 6}, Activation::kTanh, 3};
  Batch batch = MakeBatch(4, 5, 3, 2);
  auto network = Start(*engine_, architecture, 8, {});
  std::vector<float> gradient(batch.x.size());
  ASSERT_TRUE(network->InputGradient(batch.matrix(), batch.labels, gradient).ok());
  const auto parameters = network->Export();
  for (std::size_t i = 0; i < batch.x.size(); ++i) {
    const float at = batch.x[i];
    batch.x[i] = at + 0x1p-10F;
    const double up = batch.x[i];
    const double high = ReferenceLoss(architecture, parameters, batch, {});
    batch.x[i] = at - 0x1p-10F;
    const double down = batch.x[i];
    const double low = ReferenceLoss(architecture, parameters, batch, {});
    batch.x[i] = at;
    EXPECT_NEAR(gradient[i], (high - low) / (up - down), 1e-5);
  }
  EXPECT_TRUE(SameBits(network->Export(), parameters)) << "asking for a gradient changed the parameters";
}

// Bit for bit: whatever rows come along, in whatever order, from whatever address.
TEST_P(EngineTest, PredictionsOfARowDoNotDependOnTheOthers) {
  for (const auto& hidden : {std::vector<std::int64_t>{}, {37}, {128, 70}}) {
    const Architecture architecture{104, hidden, Activation::kTanh, 2};
    const std::size_t rows = 300;
    const Batch batch = MakeBatch(rows, 104, 2, 6);
    auto network = Start(*engine_, architecture, 2, {});
    std::vector<float> whole(rows * 2);
    ASSERT_TRUE(network->Predict(batch.matrix(), whole).ok());
    for (const std::size_t piece : {1U, 2U, 7U, 64U, 100U, 299U}) {
      std::vector<float> parts(rows * 2);
      for (std::size_t begin = 0; begin < rows; begin += piece) {
        const std::size_t count = std::min<std::size_t>(piece, rows - begin);
        ASSERT_TRUE(
            network->Predict({batch.x.data() + begin * 104, count, 104}, std::span(parts).subspan(begin * 2, count * 2))
                .ok());
      }
      EXPECT_EQ(std::memcmp(whole.data(), parts.data(), 4 * whole.size()), 0) << piece << " rows at a time";
    }
  }
}

TEST_P(EngineTest, PredictionsAreTheNetworks) {
  const Architecture architecture{20, {33, 9}, Activation::kTanh, 3};
  const Batch batch = MakeBatch(70, 20, 3, 6);
  auto network = Start(*engine_, architecture, 2, {});
  const auto parameters = network->Export();
  std::vector<float> logits(70 * 3);
  ASSERT_TRUE(network->Predict(batch.matrix(), logits).ok());
  for (std::size_t r = 0; r < 70; ++r) {
    Batch one{{batch.x.begin() + static_cast<std::ptrdiff_t>(20 * r),
               batch.x.begin() + static_cast<std::ptrdiff_t>(20 * (r + 1))},
              {batch.labels[r]},
              1,
              20};
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::exp(logits[3 * r + c]);
    const double loss = std::log(sum) - logits[3 * r + static_cast<std::size_t>(batch.labels[r])];
    EXPECT_NEAR(loss, ReferenceLoss(architecture, parameters, one, {}), 1e-6);
  }
}

TEST_P(EngineTest, SameCallsSameBits) {
  const Architecture architecture{30, {40}, Activation::kRelu, 2};
  OptimizerConfig config;
  config.kind = Optimizer::kAdamW;
  config.weight_decay = 0.01;
  std::vector<std::vector<NamedTensor>> results;
  for (int run = 0; run < 2; ++run) {
    auto network = Start(*engine_, architecture, 5, config);
    for (std::uint64_t step = 0; step < 30; ++step) {
      const Batch batch = MakeBatch(step == 29 ? 17 : 64, 30, 2, step);
      ASSERT_TRUE(network->Step(batch.matrix(), batch.labels, 0.01).ok());
    }
    results.push_back(network->Export());
  }
  EXPECT_TRUE(SameBits(results[0], results[1]));
}

// Squared error of a linear model: d/dw = 2/n Σ (z - y) x, d/db = 2/n Σ (z - y), d/dx = 2/n (z - y) w.
TEST_P(EngineTest, LinearRegressionHasItsClosedForm) {
  const Architecture architecture{2, {}, Activation::kRelu, 1};
  auto network = Start(*engine_, architecture, 1, {});
  std::vector<NamedTensor> weights = model::ParameterShapes(architecture);
  weights[0].values = {0.5F, -1.0F};
  weights[1].values = {0.25F};
  ASSERT_TRUE(network->Load(weights).ok());
  const std::vector<float> x = {1, 2, 3, -1, 0, 4};
  const std::vector<float> y = {1.0F, -2.0F, 0.5F};
  const std::vector<float> z = {-1.25F, 2.75F, -3.75F};
  std::vector<float> outputs(3), slope(6);
  ASSERT_TRUE(network->Predict({x.data(), 3, 2}, outputs).ok());
  ASSERT_TRUE(network->InputGradient({x.data(), 3, 2}, y, slope).ok());
  double loss = 0, bias = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FLOAT_EQ(outputs[i], z[i]);
    const double residual = z[i] - y[i];
    loss += residual * residual / 3;
    bias += 2 * residual / 3;
    first += 2 * residual * x[2 * i] / 3;
    second += 2 * residual * x[2 * i + 1] / 3;
    EXPECT_NEAR(slope[2 * i], 2 * residual / 3 * 0.5, 1e-6);
    EXPECT_NEAR(slope[2 * i + 1], 2 * residual / 3 * -1.0, 1e-6);
  }
  const auto measured = network->Step({x.data(), 3, 2}, y, 0.125);
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  EXPECT_NEAR(*measured, loss, 1e-6);
  const auto after = network->Export();
  EXPECT_NEAR(after[0].values[0], 0.5 - 0.125 * first, 1e-6);
  EXPECT_NEAR(after[0].values[1], -1.0 - 0.125 * second, 1e-6);
  EXPECT_NEAR(after[1].values[0], 0.25 - 0.125 * bias, 1e-6);

  const auto id = [](const auto& result) { return result.ok() ? std::string("ok") : result.error().id; };
  const std::vector<std::int32_t> labels = {0, 0, 0};
  const std::vector<float> two = {1, 2}, nowhere = {1, 2, NAN};
  EXPECT_EQ(id(network->Step({x.data(), 3, 2}, labels, 0.1)), "engine.arguments");
  EXPECT_EQ(id(network->Step({x.data(), 3, 2}, two, 0.1)), "engine.arguments");
  EXPECT_EQ(id(network->Step({x.data(), 3, 2}, nowhere, 0.1)), "engine.arguments");
  EXPECT_EQ(id(network->Configure({}, std::vector<float>{1.0F})), "engine.arguments");
  OptimizerConfig smooth;
  smooth.label_smoothing = 0.1;
  EXPECT_EQ(id(network->Configure(smooth, {})), "engine.arguments");
  auto classes = Start(*engine_, {2, {}, Activation::kRelu, 3}, 1, {});
  EXPECT_EQ(id(classes->Step({x.data(), 3, 2}, y, 0.1)), "engine.arguments");
}

TEST_P(EngineTest, RefusesArgumentsThatDoNotFit) {
  const Architecture architecture{4, {3}, Activation::kRelu, 2};
  auto built = engine_->Build(architecture);
  ASSERT_TRUE(built.ok());
  Network& network = **built;
  const std::vector<float> x(8);
  std::vector<float> out(4);
  const std::vector<std::int32_t> labels = {0, 1};
  EXPECT_EQ(network.Step({x.data(), 2, 4}, labels, 0.1).error().id, "engine.step");
  ASSERT_TRUE(network.Configure({}, {}).ok());
  const auto id = [](const auto& result) { return result.ok() ? std::string("ok") : result.error().id; };
  const std::vector<std::int32_t> bad = {0, 2};
  const std::vector<float> three_weights(3, 1.0F);
  EXPECT_EQ(id(network.Step({x.data(), 2, 4}, bad, 0.1)), "engine.arguments");
  EXPECT_EQ(id(network.Step({x.data(), 4, 2}, labels, 0.1)), "engine.arguments");
  EXPECT_EQ(id(network.Step({x.data(), 1, 4}, labels, 0.1)), "engine.arguments");
  EXPECT_EQ(id(network.Step({x.data(), 0, 4}, {}, 0.1)), "engine.arguments");
  EXPECT_EQ(id(network.Predict({x.data(), 1, 4}, out)), "engine.arguments");
  EXPECT_EQ(id(network.InputGradient({x.data(), 2, 4}, labels, out)), "engine.arguments");
  EXPECT_EQ(id(network.Configure({}, three_weights)), "engine.arguments");
  EXPECT_EQ(id(network.Load(model::InitialWeights({4, {4}, Activation::kRelu, 2}, 1))), "engine.arguments");
  EXPECT_EQ(id(network.Step({x.data(), 2, 4}, labels, 0.1)), "ok");
}

TEST(Engines, AgreeAfterManySteps) {
  Engine* onednn = TestEngine("onednn");
  Engine* torch = TestEngine("torch");
  if (onednn == nullptr || torch == nullptr) GTEST_SKIP() << "both engines are needed";
  for (const auto activation : {Activation::kTanh, Activation::kRelu}) {
    for (const auto kind : {Optimizer::kSgd, Optimizer::kAdam, Optimizer::kAdamW}) {
      const Architecture architecture{20, {32, 16}, activation, 3};
      OptimizerConfig config;
      config.kind = kind;
      config.momentum = 0.9;
      config.weight_decay = 0.01;
      const std::vector<float> weights = {1.0F, 2.0F, 0.5F};
      auto a = Start(*onednn, architecture, 7, config, weights);
      auto b = Start(*torch, architecture, 7, config, weights);
      for (std::uint64_t step = 0; step < 50; ++step) {
        const Batch batch = MakeBatch(48, 20, 3, step);
        const auto loss_a = a->Step(batch.matrix(), batch.labels, 1e-3);
        const auto loss_b = b->Step(batch.matrix(), batch.labels, 1e-3);
        ASSERT_TRUE(loss_a.ok() && loss_b.ok());
        ASSERT_NEAR(*loss_a, *loss_b, 1e-5);
      }
      EXPECT_LT(LargestDifference(a->Export(), b->Export()), 1e-4);
    }
  }
}

}  // namespace
}  // namespace attestml::engine
