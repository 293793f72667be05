// The hand-written loops: every instruction set that this processor has, against each other and against libm.
#include "engine/onednn/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace attestml::engine::onednn {
namespace {

std::vector<float> RandomFloats(std::size_t count, std::uint64_t seed, double scale = 1) {
  Random random(seed, "test-kernels");
  std::vector<float> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<float>(scale * (2 * random.Uniform() - 1)));
  return out;
}

bool Fused(const Kernels& kernels) { return std::string_view(kernels.isa) != "sse4"; }

bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), 4 * a.size()) == 0;
}

TEST(Kernels, ProductIsOneFusedChainPerOutput) {
  for (const std::size_t outputs : {1U, 2U, 8U, 9U, 31U, 32U, 33U, 72U, 128U}) {
    for (const std::size_t rows : {1U, 3U, 8U, 13U}) {
      const std::size_t inputs = 37;
      const auto x = RandomFloats(rows * inputs, outputs);
      const auto weight = RandomFloats(outputs * inputs, rows);
      std::vector<float> panels(PanelFloats(outputs, inputs));
      PackPanels(weight.data(), outputs, inputs, panels.data());
      for (const Kernels* kernels : UsableKernels()) {
        std::vector<float> y(rows * outputs + 1, 77.0F);
        kernels->product(x.data(), rows, inputs, panels.data(), outputs, y.data());
        EXPECT_EQ(y.back(), 77.0F) << "wrote past the end";
        for (std::size_t r = 0; r < rows; ++r) {
          for (std::size_t o = 0; o < outputs; ++o) {
            float sum = 0;
            for (std::size_t k = 0; k < inputs; ++k) {
              const float a = x[r * inputs + k];
              const float b = weight[o * inputs + k];
              if (Fused(*kernels)) {
                sum = std::fma(a, b, sum);
              } else {
                const volatile float product = a * b;  // volatile: the compiler of this test may not fuse
                sum = product + sum;
              }
            }
            ASSERT_EQ(y[r * outputs + o], sum) << kernels->isa << " row " << r << " output " << o;
          }
        }
      }
    }
  }
}

TEST(Kernels, TanhIsCloseToTheTrueOne) {
  for (const Kernels* kernels : UsableKernels()) {
    std::vector<float> z;
    for (float x = -12; x <= 12; x += 0x1p-8F) z.push_back(x);
    z.push_back(1e-30F);
    z.push_back(INFINITY);
    z.push_back(-INFINITY);
    const auto x = z;
    const std::vector<float> bias(z.size(), 0.0F);
    kernels->bias_activate(z.data(), bias.data(), 1, z.size(), Activate::kTanh);
    for (std::size_t i = 0; i < z.size(); ++i) {
      EXPECT_NEAR(z[i], std::tanh(static_cast<double>(x[i])), 5e-7) << x[i];
      EXPECT_LE(std::abs(z[i]), 1.0F + 1e-6F);
    }
    float nan[] = {NAN};
    kernels->bias_activate(nan, bias.data(), 1, 1, Activate::kTanh);
    EXPECT_TRUE(std::isnan(nan[0]));
    nan[0] = NAN;
    kernels->bias_activate(nan, bias.data(), 1, 1, Activate::kRelu);
    EXPECT_TRUE(std::isnan(nan[0])) << "a NaN must not turn into a zero";
  }
}

// All loops but the product agree in every instruction set; the product where there is fused multiply-add.
TEST(Kernels, InstructionSetsGiveTheSameBits) {
  const std::size_t rows = 19;
  const std::size_t columns = 45;
  const std::size_t n = rows * columns;
  std::vector<std::vector<float>> results;
  for (const Kernels* kernels : UsableKernels()) {
    std::vector<float> all;
    const auto add = [&all](const std::vector<float>& values) { all.insert(all.end(), values.begin(), values.end()); };
    const auto bias = RandomFloats(columns, 2);
    for (const Activate activate : {Activate::kNone, Activate::kRelu, Activate::kTanh}) {
      auto z = RandomFloats(n, 1, 3);
      kernels->bias_activate(z.data(), bias.data(), rows, columns, activate);
      add(z);
      auto slope = RandomFloats(n, 3);
      kernels->activation_slope(slope.data(), z.data(), n, activate);
      add(slope);
    }
    std::vector<float> sums(columns);
    kernels->column_sums(RandomFloats(n, 4).data(), rows, columns, sums.data());
    add(sums);
    auto p = RandomFloats(n, 5);
    auto m = RandomFloats(n, 6);
    std::vector<float> v(n, 0.25F);
    const auto g = RandomFloats(n, 7);
    kernels->adam(p.data(), g.data(), m.data(), v.data(), n,
                  {0.9F, 0.1F, 0.999F, 0.001F, 0.03F, 1e-8F, 0.01F, 0.99F, 0.1F});
    kernels->sgd(p.data(), g.data(), m.data(), n, 0.1F, 0.9F, 0.01F, false);
    kernels->sgd(p.data(), g.data(), m.data(), n, 0.1F, 0.9F, 0.01F, true);
    kernels->sgd(p.data(), g.data(), nullptr, n, 0.1F, 0.0F, 0.01F, false);
    add(p);
    add(m);
    add(v);
    results.push_back(all);
  }
  for (std::size_t i = 1; i < results.size(); ++i) {
    EXPECT_TRUE(SameBits(results[0], results[i])) << UsableKernels()[0]->isa << " and " << UsableKernels()[i]->isa;
  }
}

}  // namespace
}  // namespace attestml::engine::onednn
