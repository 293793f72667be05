// Softmax, cross entropy and squared error of float32 outputs, in double, in the order of spec/training.md section 5.
#pragma once

#include <cstdint>
#include <span>

namespace attestml::tasks {

// probabilities[c] = exp(logits[c] - max) / sum, summed from class 0 on.
void Softmax(std::span<const float> logits, std::span<double> probabilities);

// Mean over rows of log(sum exp(z - max)) + (max - z[label]); with weights, each row counts as its class's weight.
double MeanCrossEntropy(std::span<const float> logits, std::span<const std::int32_t> labels,
                        std::span<const float> weights, std::size_t classes);

// Mean over rows of (output - number)², of a model with one output.
double MeanSquaredError(std::span<const float> outputs, std::span<const float> numbers);

}  // namespace attestml::tasks
