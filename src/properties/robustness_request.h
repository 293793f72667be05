// What a job asks of the property robustness.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "properties/attacks.h"
#include "properties/corruptions.h"
#include "properties/parameters.h"
#include "properties/smoothing.h"

namespace attestml::properties {

struct RobustnessRequest {
  std::vector<AttackSettings> attacks;  // by kind, strengths ascending
  std::vector<Corruption> corruptions;
  std::vector<SmoothingSettings> smoothings;
  std::vector<double> radii;             // ascending, 0 first unless the job says otherwise
  std::optional<std::uint64_t> records;  // at most as many, drawn; all when absent

  bool DrawsAtRandom() const;
};

// Error property.parameter.
Result<RobustnessRequest> ReadRobustness(const Parameters& parameters);

}  // namespace attestml::properties
