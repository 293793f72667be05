// Randomised smoothing: the class that a model gives most often under Gaussian noise, and a radius in which no change
// of the record alters it. J. Cohen, E. Rosenfeld, Z. Kolter, arXiv:1902.02918, "Certify". spec/properties.md,
// "robustness".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "properties/attacks.h"

namespace attestml::properties {

struct SmoothingSettings {
  double sigma = 0.25;  // of the noise, in units
  std::uint64_t selection_samples = 100;
  std::uint64_t samples = 1000;
  double alpha = 0.001;  // the chance that a radius is wrong
};

struct Certificate {
  std::int32_t predicted = -1;  // -1: the smoothed model abstains
  double radius = 0;            // L2, in units
};

// What `successes` of the samples prove: sigma × the normal quantile of their Clopper-Pearson bound, 0 (abstain) where
// the bound is not above one half.
double CertifiedRadius(const SmoothingSettings& settings, std::uint64_t successes);

Result<std::vector<Certificate>> Certify(const Prober& prober, const SmoothingSettings& settings,
                                         const crypto::Digest256& seed, std::span<const std::uint32_t> rows);

}  // namespace attestml::properties
