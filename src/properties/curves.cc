#include "properties/curves.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "properties/summation.h"

namespace attestml::properties {

Curve::Curve(std::span<const double> scores, std::span<const std::uint8_t> truths) {
  std::vector<std::pair<double, std::uint8_t>> order(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) order[i] = {scores[i], truths[i]};
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    (order[i].second != 0 ? positives_ : negatives_) += 1;
    if (i + 1 == order.size() || order[i + 1].first != order[i].first) {
      points_.push_back({order[i].first, positives_, negatives_});
    }
  }
}

Value Curve::RocArea() const {
  if (positives_ == 0) return Value::Undefined(reason::kNoPositives);
  if (negatives_ == 0) return Value::Undefined(reason::kNoNegatives);
  // Twice the trapezes, in whole numbers: exact while 2 × positives × negatives < 2^64.
  std::uint64_t twice_area = 0;
  CurvePoint before;
  for (const CurvePoint& point : points_) {
    twice_area += (point.false_positives - before.false_positives) * (point.true_positives + before.true_positives);
    before = point;
  }
  return static_cast<double>(twice_area) / (2 * static_cast<double>(positives_) * static_cast<double>(negatives_));
}

Value Curve::AveragePrecision() const {
  if (positives_ == 0) return Value::Undefined(reason::kNoPositives);
  Sum sum;
  std::uint64_t before = 0;
  for (const CurvePoint& point : points_) {
    const double gained = static_cast<double>(point.true_positives - before) / static_cast<double>(positives_);
    const double precision =
        static_cast<double>(point.true_positives) / static_cast<double>(point.true_positives + point.false_positives);
    sum.Add(gained * precision);
    before = point.true_positives;
  }
  return std::min(1.0, sum.Total());  // the last bit of a perfect ranking
}

std::size_t CalibrationBin(double confidence) {
  const double upper = std::ceil(confidence * static_cast<double>(kCalibrationBins));
  return static_cast<std::size_t>(std::clamp(upper, 1.0, static_cast<double>(kCalibrationBins))) - 1;
}

CalibrationBins Calibrate(std::span<const double> confidences, std::span<const std::uint8_t> correct) {
  CalibrationBins bins;
  Sum sums[kCalibrationBins];
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    const std::size_t bin = CalibrationBin(confidences[i]);
    bins.count[bin] += 1;
    bins.correct[bin] += correct[i];
    sums[bin].Add(confidences[i]);
  }
  for (std::size_t bin = 0; bin < kCalibrationBins; ++bin) bins.confidence[bin] = sums[bin].Total();
  return bins;
}

Value ExpectedCalibrationError(const CalibrationBins& bins) {
  Sum sum;
  std::uint64_t records = 0;
  for (std::size_t bin = 0; bin < kCalibrationBins; ++bin) {
    sum.Add(std::fabs(static_cast<double>(bins.correct[bin]) - bins.confidence[bin]));
    records += bins.count[bin];
  }
  return Ratio(sum.Total(), static_cast<double>(records), reason::kNoRecords);
}

std::vector<std::size_t> ThinnedIndices(std::size_t size) {
  constexpr std::size_t kSteps = 100;
  std::vector<std::size_t> indices(std::min(size, kSteps + 1));
  if (size <= kSteps + 1) {
    std::iota(indices.begin(), indices.end(), std::size_t{0});
  } else {
    for (std::size_t i = 0; i <= kSteps; ++i) indices[i] = i * (size - 1) / kSteps;
  }
  return indices;
}

}  // namespace attestml::properties
