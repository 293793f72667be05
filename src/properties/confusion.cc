#include "properties/confusion.h"

namespace attestml::properties {

Confusion::Confusion(const Predictions& predictions, std::span<const std::uint32_t> rows)
    : classes_(predictions.classes.size()), records_(rows.size()), counts_(classes_ * classes_) {
  for (const std::uint32_t row : rows) {
    const auto actual = static_cast<std::size_t>(predictions.labels[row]);
    const auto predicted = static_cast<std::size_t>(predictions.predicted[row]);
    counts_[actual * classes_ + predicted] += 1;
  }
}

std::uint64_t Confusion::correct() const {
  std::uint64_t sum = 0;
  for (std::size_t code = 0; code < classes_; ++code) sum += At(code, code);
  return sum;
}

std::uint64_t Confusion::Actual(std::size_t code) const {
  std::uint64_t sum = 0;
  for (std::size_t predicted = 0; predicted < classes_; ++predicted) sum += At(code, predicted);
  return sum;
}

std::uint64_t Confusion::Predicted(std::size_t code) const {
  std::uint64_t sum = 0;
  for (std::size_t actual = 0; actual < classes_; ++actual) sum += At(actual, code);
  return sum;
}

BinaryCounts CountBinary(const Predictions& predictions, std::span<const std::uint32_t> rows) {
  BinaryCounts counts;
  for (const std::uint32_t row : rows) {
    const bool actual = predictions.labels[row] == predictions.positive;
    const bool predicted = predictions.predicted[row] == predictions.positive;
    if (actual) {
      (predicted ? counts.true_positives : counts.false_negatives) += 1;
    } else {
      (predicted ? counts.false_positives : counts.true_negatives) += 1;
    }
  }
  return counts;
}

}  // namespace attestml::properties
