#include "base/time.h"

#include <chrono>
#include <string>

namespace attestml {
namespace {

// Reads `count` digits at `*at`; false on anything else.
bool Digits(std::string_view text, std::size_t* at, int count, int* out) {
  int value = 0;
  for (int i = 0; i < count; ++i, ++*at) {
    if (*at >= text.size() || text[*at] < '0' || text[*at] > '9') return false;
    value = value * 10 + (text[*at] - '0');
  }
  *out = value;
  return true;
}

bool Literal(std::string_view text, std::size_t* at, char c) {
  if (*at >= text.size() || text[*at] != c) return false;
  ++*at;
  return true;
}

}  // namespace

Result<Time> MakeTime(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1970 || year > 9999 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59) {
    return Malformed("time", "date or time of day is out of range");
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return Time{static_cast<std::int64_t>(days) * 86400 + hour * 3600 + minute * 60 + second};
}

Result<Time> ParseTime(std::string_view text) {
  const Error bad =
      Malformed("time", "\"" + std::string(text.substr(0, 40)) + "\" is not a time like 2025-07-04T10:28:44Z");
  std::size_t at = 0;
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!Digits(text, &at, 4, &year) || !Literal(text, &at, '-') || !Digits(text, &at, 2, &month) ||
      !Literal(text, &at, '-') || !Digits(text, &at, 2, &day)) {
    return bad;
  }
  if (at != text.size() && (!Literal(text, &at, 'T') || !Digits(text, &at, 2, &hour) || !Literal(text, &at, ':') ||
                            !Digits(text, &at, 2, &minute) || !Literal(text, &at, ':') ||
                            !Digits(text, &at, 2, &second) || !Literal(text, &at, 'Z') || at != text.size())) {
    return bad;
  }
  auto time = MakeTime(year, month, day, hour, minute, second);
  if (!time.ok()) return bad;
  return time;
}

std::string FormatTime(Time time) {
  const std::chrono::sys_seconds point{std::chrono::seconds(time.unix_seconds)};
  const auto day_point = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day_point};
  const auto rest = (point - day_point).count();
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) return "the year " + std::to_string(year);
  std::string out = "0000-00-00T00:00:00Z";
  // Digits from the right, ending before `end`.
  const auto put = [&](std::size_t end, unsigned value) {
    for (; value != 0; value /= 10) out[--end] = static_cast<char>('0' + value % 10);
  };
  put(4, static_cast<unsigned>(year));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, static_cast<unsigned>(rest / 3600));
  put(16, static_cast<unsigned>(rest / 60 % 60));
  put(19, static_cast<unsigned>(rest % 60));
  return out;
}

}  // namespace attestml
