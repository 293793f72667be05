#include "properties/reliability.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "properties/summation.h"

namespace attestml::properties {
namespace {

// Which bin of each record → the bins that have any.
template <typename BinOfRecord>
std::vector<ReliabilityBin> Collect(std::span<const double> forecasts, std::span<const std::uint8_t> events,
                                    std::size_t bins, BinOfRecord bin_of) {
  std::vector<ReliabilityBin> all(bins);
  std::vector<Sum> sums(bins);
  for (std::size_t i = 0; i < forecasts.size(); ++i) {
    const std::size_t bin = bin_of(i);
    all[bin].count += 1;
    all[bin].events += events[i];
    sums[bin].Add(forecasts[i]);
  }
  std::vector<ReliabilityBin> present;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (all[bin].count == 0) continue;
    all[bin].forecasts = sums[bin].Total();
    present.push_back(all[bin]);
  }
  return present;
}

std::uint64_t Records(const std::vector<ReliabilityBin>& bins) {
  std::uint64_t records = 0;
  for (const ReliabilityBin& bin : bins) records += bin.count;
  return records;
}

double Square(double x) { return x * x; }

}  // namespace

std::vector<ReliabilityBin> EqualWidthBins(std::span<const double> forecasts, std::span<const std::uint8_t> events,
                                           std::size_t bins) {
  const auto m = static_cast<double>(bins);
  return Collect(forecasts, events, bins, [&](std::size_t i) {
    return static_cast<std::size_t>(std::clamp(std::ceil(forecasts[i] * m), 1.0, m)) - 1;
  });
}

std::vector<ReliabilityBin> EqualMassBins(std::span<const double> forecasts, std::span<const std::uint8_t> events,
                                          std::size_t bins) {
  const std::size_t n = forecasts.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return forecasts[a] < forecasts[b]; });
  std::vector<std::size_t> bin_of(n);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    for (std::size_t place = bin * n / bins; place < (bin + 1) * n / bins; ++place) bin_of[order[place]] = bin;
  }
  return Collect(forecasts, events, bins, [&](std::size_t i) { return bin_of[i]; });
}

Value MeanGap(const std::vector<ReliabilityBin>& bins) {
  Sum sum;
  for (const ReliabilityBin& bin : bins) sum.Add(std::fabs(static_cast<double>(bin.events) - bin.forecasts));
  return Ratio(sum.Total(), static_cast<double>(Records(bins)), reason::kNoRecords);
}

Value LargestGap(const std::vector<ReliabilityBin>& bins) {
  if (bins.empty()) return Value::Undefined(reason::kNoRecords);
  double largest = 0;
  for (const ReliabilityBin& bin : bins) largest = std::max(largest, std::fabs(bin.Frequency() - bin.MeanForecast()));
  return largest;
}

BrierParts Decompose(std::span<const double> forecasts, std::span<const std::uint8_t> events,
                     const std::vector<ReliabilityBin>& bins) {
  Sum score, reliability, resolution;
  std::uint64_t happened = 0;
  for (std::size_t i = 0; i < forecasts.size(); ++i) {
    score.Add(Square(forecasts[i] - events[i]));
    happened += events[i];
  }
  const auto n = static_cast<double>(forecasts.size());
  const double base = static_cast<double>(happened) / n;
  for (const ReliabilityBin& bin : bins) {
    const auto count = static_cast<double>(bin.count);
    reliability.Add(count * Square(bin.MeanForecast() - bin.Frequency()));
    resolution.Add(count * Square(bin.Frequency() - base));
  }
  BrierParts parts{score.Total() / n, reliability.Total() / n, resolution.Total() / n, base * (1 - base), 0};
  parts.within = parts.score - (parts.reliability - parts.resolution + parts.uncertainty);
  return parts;
}

}  // namespace attestml::properties
