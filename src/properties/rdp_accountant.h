// How private a run of noisy steps was: Rényi differential privacy of the subsampled Gaussian mechanism, added up and
// turned into (epsilon, delta). spec/properties.md, "privacy".
//
// I. Mironov, K. Talwar, L. Zhang, "Rényi Differential Privacy of the Sampled Gaussian Mechanism", arXiv:1908.10530;
// the conversion is theorem 21 of B. Balle et al., "Hypothesis Testing Interpretations and Rényi Differential Privacy",
// arXiv:1905.09982, as Opacus from 1.0 and TensorFlow Privacy from 0.7 have it. Neighbours differ by one record.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace attestml::properties {

// The mechanism of one step: every record takes part with chance `sample_rate`, independently (Poisson sampling); the
// noise has a standard deviation of `noise_multiplier` × the clip.
struct PrivateMechanism {
  double sample_rate = 0;
  double noise_multiplier = 0;
  std::uint64_t steps = 0;
};

struct PrivacySpent {
  double epsilon = 0;
  double order = 0;  // the one that gave it
};

struct PrivacyFailure {
  double delta = 0;
  double order = 0;
};

// Orders at which the divergence is bounded: 1.1, 1.2, …, 10.9, 11, 12, …, 64, 80, 96, 128, 192, 256, 512, 1024.
std::span<const double> DefaultOrders();

// Rényi divergence of one order (above 1) of all the steps. The mechanism is valid, see CheckMechanism. Infinite when
// it is above 1e300.
double RenyiDivergence(const PrivateMechanism& mechanism, double order);

// Error property.privacy.mechanism (usage): a sample rate outside 0 … 1 or 0, a noise multiplier below 0.05 or above
// 1e6 (less noise than 0.05 hides nothing), no steps or more than 2^40.
Status CheckMechanism(const PrivateMechanism& mechanism);

// The smallest epsilon that some order gives for `delta`, at least 0. Error property.privacy.delta (usage) unless
// 0 < delta < 1.
Result<PrivacySpent> EpsilonFor(const PrivateMechanism& mechanism, double delta,
                                std::span<const double> orders = DefaultOrders());
// The smallest delta that some order gives for `epsilon`, at most 1. Error property.privacy.epsilon unless epsilon is
// at least 0.
Result<PrivacyFailure> DeltaFor(const PrivateMechanism& mechanism, double epsilon,
                                std::span<const double> orders = DefaultOrders());

// The least noise, to four digits and never too little, with which EpsilonFor gives at most `epsilon`. Error
// property.privacy.epsilon (usage) when no noise up to 1e6 does.
Result<double> NoiseMultiplierFor(double epsilon, double delta, double sample_rate, std::uint64_t steps);

}  // namespace attestml::properties
