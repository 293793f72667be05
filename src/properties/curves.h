// ROC and precision-recall curves and their areas; calibration. They see scores and truths, nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "properties/value.h"

namespace attestml::properties {

// What happens at one threshold: the records with a score of at least `score` are called positive.
struct CurvePoint {
  double score = 0;
  std::uint64_t true_positives = 0;
  std::uint64_t false_positives = 0;
};

// Curve of a binary score: one point per distinct score, from the highest threshold to the lowest, so that tied records
// pass together. Both curves and both areas are read off it.
class Curve {
 public:
  // `scores` and `truths` (1 positive, 0 negative) run in parallel; scores are not NaN.
  Curve(std::span<const double> scores, std::span<const std::uint8_t> truths);

  const std::vector<CurvePoint>& points() const { return points_; }
  std::uint64_t positives() const { return positives_; }
  std::uint64_t negatives() const { return negatives_; }

  // P(score of a positive > score of a negative) + half of P(they are equal), counted in whole numbers.
  Value RocArea() const;
  // Average precision: the sum of (recall - recall before) × precision, from the highest threshold down.
  Value AveragePrecision() const;

 private:
  std::vector<CurvePoint> points_;
  std::uint64_t positives_ = 0;
  std::uint64_t negatives_ = 0;
};

// Equal-width bins over confidence: bin i of 15 holds (i/15, (i+1)/15], the first also 0.
inline constexpr std::size_t kCalibrationBins = 15;
std::size_t CalibrationBin(double confidence);

struct CalibrationBins {
  std::uint64_t count[kCalibrationBins] = {};
  std::uint64_t correct[kCalibrationBins] = {};
  double confidence[kCalibrationBins] = {};  // sums, in file order
};
CalibrationBins Calibrate(std::span<const double> confidences, std::span<const std::uint8_t> correct);

// The sum over bins of |correct - sum of confidences| / n. Undefined without records.
Value ExpectedCalibrationError(const CalibrationBins& bins);

// Which of `size` points stay when at most 101 may: all of them, or those at floor(i (size - 1) / 100), i = 0 … 100.
std::vector<std::size_t> ThinnedIndices(std::size_t size);

}  // namespace attestml::properties
