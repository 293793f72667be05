// Values that a job wants stated as a bound only (spec/concealment.md section 7).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "properties/property.h"
#include "tasks/job.h"

namespace attestml::prove {

// ApplyBounds leaves of a measurement what its job wants told: where it names bounds, those in place of their numbers,
// and nothing else. Error id prove.bound, kind rejected, when a number is not within its bound or is not there.
Status ApplyBounds(const std::vector<tasks::BoundJob>& bounds, properties::Measurement* measurement);

}  // namespace attestml::prove
