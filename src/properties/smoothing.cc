#include "properties/smoothing.h"

#include <algorithm>
#include <map>

#include "base/decimal.h"
#include "properties/binomial.h"
#include "properties/seeded.h"

namespace attestml::properties {
namespace {

// How often each class comes out of `samples` noisy copies of a record.
Result<std::map<std::int32_t, std::uint64_t>> Count(const Prober& prober, double sigma, std::uint64_t samples,
                                                    std::uint32_t row, std::span<const double> units,
                                                    NormalDraws* normal) {
  const InputSpace& space = prober.space();
  std::map<std::int32_t, std::uint64_t> counts;
  std::vector<double> noisy;
  for (std::uint64_t done = 0; done < samples;) {
    const std::size_t count = std::min<std::uint64_t>(prober.batch_rows(), samples - done);
    noisy.clear();
    for (std::size_t k = 0; k < count; ++k) {
      // Not clamped: the theorem is about Gaussian noise.
      for (std::size_t i = 0; i < units.size(); ++i) {
        noisy.push_back(space.Free(i, row) ? units[i] + sigma * normal->Next() : units[i]);
      }
    }
    ATTESTML_TRY(const std::vector<std::int32_t> predicted, prober.Classify(noisy, count));
    for (const std::int32_t code : predicted) counts[code] += 1;
    done += count;
  }
  return counts;
}

}  // namespace

double CertifiedRadius(const SmoothingSettings& settings, std::uint64_t successes) {
  const double lower = ClopperPearsonLower(successes, settings.samples, settings.alpha);
  return lower > 0.5 ? settings.sigma * NormalQuantile(lower) : 0;
}

Result<std::vector<Certificate>> Certify(const Prober& prober, const SmoothingSettings& settings,
                                         const crypto::Digest256& seed, std::span<const std::uint32_t> rows) {
  const std::string purpose = "smoothing/" + FormatDecimal(settings.sigma);
  std::vector<Certificate> certificates;
  for (const std::uint32_t row : rows) {
    ATTESTML_TRY(const std::vector<double> units, prober.Units(std::span<const std::uint32_t>(&row, 1)));
    Random random = RecordRandom(seed, purpose, row);
    NormalDraws normal(&random);
    ATTESTML_TRY(const auto selection, Count(prober, settings.sigma, settings.selection_samples, row, units, &normal));
    // The lowest code on ties: a map runs upwards and max_element keeps the first.
    const std::int32_t top = std::max_element(selection.begin(), selection.end(), [](const auto& a, const auto& b) {
                               return a.second < b.second;
                             })->first;
    ATTESTML_TRY(auto counts, Count(prober, settings.sigma, settings.samples, row, units, &normal));
    const double radius = CertifiedRadius(settings, counts[top]);
    certificates.push_back(radius > 0 ? Certificate{top, radius} : Certificate{});
  }
  return certificates;
}

}  // namespace attestml::properties
