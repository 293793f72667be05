// What a person looks for first among the results of a run.
#pragma once

#include <optional>

#include "prove/prover.h"
#include "statement/claims.h"
#include "tasks/job.h"

namespace attestml::prove {

// The line for one result of this property; nothing for most of them.
std::optional<Headline> HeadlineOf(const tasks::PropertyJob& wanted, const statement::MetricResult& result);

}  // namespace attestml::prove
