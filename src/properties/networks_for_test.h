// A multi-layer perceptron in double precision behind the engine's interface, so that what a property does with a
// network can be tested without a module of tensors.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "model/model.h"

namespace attestml::properties::test {

class DoubleMlp final : public engine::Network {
 public:
  explicit DoubleMlp(const model::Model& model) : model_(model) {}

  Status Load(std::span<const model::NamedTensor>) override { return {}; }
  std::vector<model::NamedTensor> Export() override { return model_.parameters; }
  Status Configure(const engine::OptimizerConfig&, std::span<const float>) override { return {}; }
  Result<float> Step(engine::Matrix, engine::Targets, double) override { return 0.0F; }

  Status Predict(engine::Matrix x, std::span<float> logits) override {
    for (std::size_t row = 0; row < x.rows; ++row) {
      const auto values = Forward(x.data + row * x.columns).back();
      for (std::size_t i = 0; i < values.size(); ++i) {
        logits[row * values.size() + i] = static_cast<float>(values[i]);
      }
    }
    rows_seen_ += x.rows;
    return {};
  }

  Status InputGradient(engine::Matrix x, engine::Targets targets, std::span<float> gradient) override {
    const auto labels = targets.labels();
    for (std::size_t row = 0; row < x.rows; ++row) {
      const auto layers = Forward(x.data + row * x.columns);
      std::vector<double> delta = layers.back();
      const double largest = *std::max_element(delta.begin(), delta.end());
      double sum = 0;
      for (double& z : delta) sum += z = std::exp(z - largest);
      for (double& z : delta) z /= sum * static_cast<double>(x.rows);
      delta[static_cast<std::size_t>(labels[row])] -= 1 / static_cast<double>(x.rows);
      for (std::size_t layer = layers.size() - 1; layer-- > 0;) {
        const auto& weight = model_.parameters[2 * layer].values;
        const std::size_t in = layers[layer].size();
        std::vector<double> below(in);
        for (std::size_t o = 0; o < delta.size(); ++o) {
          for (std::size_t i = 0; i < in; ++i) below[i] += delta[o] * static_cast<double>(weight[o * in + i]);
        }
        for (std::size_t i = 0; i < in && layer > 0; ++i) below[i] *= Slope(layers[layer][i]);
        delta = std::move(below);
      }
      for (std::size_t i = 0; i < x.columns; ++i) gradient[row * x.columns + i] = static_cast<float>(delta[i]);
    }
    return {};
  }

  std::size_t rows_seen() const { return rows_seen_; }

 private:
  bool relu() const { return model_.architecture.activation == model::Activation::kRelu; }
  double Slope(double after) const { return relu() ? (after > 0 ? 1 : 0) : 1 - after * after; }

  // The input, then what comes out of each layer.
  std::vector<std::vector<double>> Forward(const float* x) const {
    std::vector<std::vector<double>> layers = {{x, x + model_.architecture.inputs}};
    for (std::size_t p = 0; p < model_.parameters.size(); p += 2) {
      const auto& weight = model_.parameters[p].values;
      const auto& bias = model_.parameters[p + 1].values;
      const std::vector<double>& in = layers.back();
      std::vector<double> out(bias.size());
      for (std::size_t o = 0; o < out.size(); ++o) {
        out[o] = static_cast<double>(bias[o]);
        for (std::size_t i = 0; i < in.size(); ++i) out[o] += static_cast<double>(weight[o * in.size() + i]) * in[i];
        if (p + 2 < model_.parameters.size()) out[o] = relu() ? std::max(0.0, out[o]) : std::tanh(out[o]);
      }
      layers.push_back(std::move(out));
    }
    return layers;
  }

  const model::Model& model_;
  std::size_t rows_seen_ = 0;
};

}  // namespace attestml::properties::test
