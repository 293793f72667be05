#include "tasks/loss.h"

#include <algorithm>
#include <cmath>

namespace attestml::tasks {

void Softmax(std::span<const float> logits, std::span<double> probabilities) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    probabilities[c] = std::exp(logits[c] - largest);
    sum += probabilities[c];
  }
  for (double& probability : probabilities) probability /= sum;
}

double MeanCrossEntropy(std::span<const float> logits, std::span<const std::int32_t> labels,
                        std::span<const float> weights, std::size_t classes) {
  double loss = 0;
  double total = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const auto z = logits.subspan(row * classes, classes);
    const double largest = *std::max_element(z.begin(), z.end());
    double sum = 0;
    for (const float value : z) sum += std::exp(value - largest);
    const auto label = static_cast<std::size_t>(labels[row]);
    const double weight = weights.empty() ? 1.0 : weights[label];
    loss += weight * (std::log(sum) + (largest - z[label]));  // the difference is exact
    total += weight;
  }
  return loss / total;
}

double MeanSquaredError(std::span<const float> outputs, std::span<const float> numbers) {
  double loss = 0;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const double residual = static_cast<double>(outputs[row]) - static_cast<double>(numbers[row]);
    loss += residual * residual;
  }
  return loss / static_cast<double>(numbers.size());
}

}  // namespace attestml::tasks
