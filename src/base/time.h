// Time as a value: seconds since 1970-01-01T00:00:00Z. Nothing here reads a clock.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attestml {

struct Time {
  std::int64_t unix_seconds = 0;
  auto operator<=>(const Time&) const = default;
};

// ParseTime reads "2025-07-04T10:28:44Z" (RFC 3339, UTC, whole seconds) or a date "2025-07-04" (its first second).
// Years 1970 to 9999. Error id "time".
Result<Time> ParseTime(std::string_view text);

// FormatTime writes "2025-07-04T10:28:44Z"; outside the years 0 to 9999, which nothing that is read here can say, only
// the year.
std::string FormatTime(Time time);

// MakeTime gives the time of a UTC calendar date, proleptic Gregorian. Error id "time" when a field is out of range.
Result<Time> MakeTime(int year, int month, int day, int hour, int minute, int second);

}  // namespace attestml
