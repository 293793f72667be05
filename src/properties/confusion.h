// Confusion: how many records of each class were predicted as each class.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "properties/property.h"

namespace attestml::properties {

class Confusion {
 public:
  // Counts the given rows of `predictions`, which must have passed CheckPredictions.
  Confusion(const Predictions& predictions, std::span<const std::uint32_t> rows);

  std::size_t classes() const { return classes_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t correct() const;
  std::uint64_t At(std::size_t actual, std::size_t predicted) const { return counts_[actual * classes_ + predicted]; }
  std::uint64_t Actual(std::size_t code) const;     // records of the class
  std::uint64_t Predicted(std::size_t code) const;  // records predicted as it

 private:
  std::size_t classes_;
  std::uint64_t records_;
  std::vector<std::uint64_t> counts_;
};

// The same with one class called positive and all others negative.
struct BinaryCounts {
  std::uint64_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;
};
BinaryCounts CountBinary(const Predictions& predictions, std::span<const std::uint32_t> rows);

}  // namespace attestml::properties
