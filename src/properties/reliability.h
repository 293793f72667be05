// Forecasts of an event in bins, and what the bins say about them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "properties/value.h"

namespace attestml::properties {

struct ReliabilityBin {
  std::uint64_t count = 0;
  std::uint64_t events = 0;
  double forecasts = 0;  // their sum

  double MeanForecast() const { return forecasts / static_cast<double>(count); }
  double Frequency() const { return static_cast<double>(events) / static_cast<double>(count); }
};

// Bins with records, in ascending order. `forecasts` lie within 0 and 1, `events` are 0 or 1; both in file order.
// Equal width: bin i of m holds i/m < f <= (i+1)/m, the first also 0.
std::vector<ReliabilityBin> EqualWidthBins(std::span<const double> forecasts, std::span<const std::uint8_t> events,
                                           std::size_t bins);
// Equal mass: records in order of forecast, ties in file order; bin i holds those at places floor(i n / m) up to but
// not floor((i+1) n / m).
std::vector<ReliabilityBin> EqualMassBins(std::span<const double> forecasts, std::span<const std::uint8_t> events,
                                          std::size_t bins);

// The sum over bins of |events - forecasts| / n, and the largest |frequency - mean forecast| of a bin.
Value MeanGap(const std::vector<ReliabilityBin>& bins);
Value LargestGap(const std::vector<ReliabilityBin>& bins);

// A. H. Murphy's decomposition (1973) over bins: score = reliability - resolution + uncertainty + within, the last
// being what forecasts that differ within one bin add (D. B. Stephenson et al., 2008).
struct BrierParts {
  double score = 0;
  double reliability = 0;
  double resolution = 0;
  double uncertainty = 0;
  double within = 0;
};
// At least one record.
BrierParts Decompose(std::span<const double> forecasts, std::span<const std::uint8_t> events,
                     const std::vector<ReliabilityBin>& bins);

}  // namespace attestml::properties
