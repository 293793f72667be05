#include "engine/torch/loss.h"

namespace attestml::engine {
namespace {

// `divide`: by the sum of the weights, else by nothing. Returns the sum of the losses by that sum of weights, or by
// rows.
float CrossEntropy(const at::Tensor& logits, std::span<const std::int32_t> labels, std::span<const float> weights,
                   double smoothing, bool divide, at::Tensor* slope) {
  const at::Tensor log_probabilities = at::log_softmax(logits, 1);
  const float* log_p = log_probabilities.data_ptr<float>();
  const std::int64_t classes = logits.size(1);
  const auto weight = [&](std::int64_t label) {
    return weights.empty() ? 1.0F : weights[static_cast<std::size_t>(label)];
  };
  double total = 0;
  double loss = 0;
  const double share = smoothing / static_cast<double>(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const float* row = log_p + static_cast<std::int64_t>(i) * classes;
    total += weight(labels[i]);
    loss -= (1 - smoothing) * static_cast<double>(weight(labels[i])) * row[labels[i]];
    if (smoothing == 0) continue;
    for (std::int64_t c = 0; c < classes; ++c) loss -= share * static_cast<double>(weight(c)) * row[c];
  }
  const double divisor = divide ? total : 1.0;
  const double mean = loss / (divide ? total : static_cast<double>(labels.size()));
  if (slope == nullptr) return static_cast<float>(mean);

  *slope = log_probabilities.exp();
  float* g = slope->data_ptr<float>();
  double all_weights = 0;
  for (std::int64_t c = 0; c < classes; ++c) all_weights += weight(c);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    float* row = g + static_cast<std::int64_t>(i) * classes;
    if (smoothing == 0) {
      const auto scale = static_cast<float>(weight(labels[i]) / divisor);
      row[labels[i]] -= 1.0F;
      for (std::int64_t c = 0; c < classes; ++c) row[c] *= scale;
      continue;
    }
    // The targets of a row add up to `mass`.
    const double own = (1 - smoothing) * weight(labels[i]);
    const double mass = own + share * all_weights;
    for (std::int64_t c = 0; c < classes; ++c) {
      const double target = share * weight(c) + (c == labels[i] ? own : 0.0);
      row[c] = static_cast<float>((mass * row[c] - target) / divisor);
    }
  }
  return static_cast<float>(mean);
}

float SquaredError(const at::Tensor& outputs, std::span<const float> numbers, bool divide, at::Tensor* slope) {
  const float* z = outputs.data_ptr<float>();
  const auto rows = static_cast<double>(numbers.size());
  if (slope != nullptr) *slope = at::empty_like(outputs);
  float* g = slope != nullptr ? slope->data_ptr<float>() : nullptr;
  double loss = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double residual = static_cast<double>(z[i]) - static_cast<double>(numbers[i]);
    loss += residual * residual;
    if (g != nullptr) g[i] = static_cast<float>(2 * residual / (divide ? rows : 1.0));
  }
  return static_cast<float>(loss / rows);
}

float Loss(const at::Tensor& outputs, const Targets& targets, std::span<const float> weights, double smoothing,
           bool divide, at::Tensor* slope) {
  return targets.numeric() ? SquaredError(outputs, targets.numbers(), divide, slope)
                           : CrossEntropy(outputs, targets.labels(), weights, smoothing, divide, slope);
}

}  // namespace

float MeanLoss(const at::Tensor& outputs, const Targets& targets, std::span<const float> weights, double smoothing,
               at::Tensor* slope) {
  return Loss(outputs, targets, weights, smoothing, true, slope);
}

float RecordLoss(const at::Tensor& outputs, const Targets& targets, std::span<const float> weights, double smoothing,
                 at::Tensor* slope) {
  return Loss(outputs, targets, weights, smoothing, false, slope);
}

}  // namespace attestml::engine
