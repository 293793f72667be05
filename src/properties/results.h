// Making MetricResults: the only place where numbers of properties become text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "properties/value.h"
#include "statement/claims.h"

namespace attestml::properties {

// A result without qualifiers. An undefined value is "undefined" with its reason.
statement::MetricResult MakeResult(std::string_view metric, const Value& value, std::uint64_t count);

// A whole number of records. Up to 2^53, beyond which no table goes.
statement::MetricResult MakeCount(std::string_view metric, std::uint64_t value, std::uint64_t count);

// numerator / denominator over `denominator` records, with Wilson's interval; undefined for `when_zero` when there are
// none.
statement::MetricResult MakeProportion(std::string_view metric, std::uint64_t numerator, std::uint64_t denominator,
                                       std::string_view when_zero);

}  // namespace attestml::properties
