// Common corruptions, defined by us to the bit: spec/properties.md, "robustness".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "properties/input_space.h"

namespace attestml::properties {

enum class CorruptionKind : std::uint8_t {
  kGaussianNoise,  // of every free input
  kBrightness,     // these and the following: of images only
  kContrast,
  kBoxBlur,
  kPixelate,
  kSaltAndPepper,
};

inline constexpr CorruptionKind kCorruptions[] = {CorruptionKind::kGaussianNoise, CorruptionKind::kBrightness,
                                                  CorruptionKind::kContrast,      CorruptionKind::kBoxBlur,
                                                  CorruptionKind::kPixelate,      CorruptionKind::kSaltAndPepper};

// "gaussian-noise", "brightness", "contrast", "box-blur", "pixelate", "salt-and-pepper": parameter and label.
std::string_view CorruptionName(CorruptionKind kind);
// What a strength must be, in words; empty when `strength` is that.
std::string_view StrengthObjection(CorruptionKind kind, double strength);
bool DrawsAtRandom(CorruptionKind kind);

struct Corruption {
  CorruptionKind kind = CorruptionKind::kGaussianNoise;
  double strength = 0;
};

// Changes the record of number `row`, which lies at `units`.
void Corrupt(const InputSpace& space, const Corruption& corruption, const crypto::Digest256& seed, std::uint32_t row,
             std::span<double> units);

}  // namespace attestml::properties
