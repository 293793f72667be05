#include "properties/results.h"

#include "base/decimal.h"
#include "properties/intervals.h"

namespace attestml::properties {

statement::MetricResult MakeResult(std::string_view metric, const Value& value, std::uint64_t count) {
  statement::MetricResult result;
  result.metric = metric;
  result.value = value.defined() ? FormatDecimal(value.number()) : "undefined";
  result.reason = value.reason();
  result.count = count;
  return result;
}

statement::MetricResult MakeCount(std::string_view metric, std::uint64_t value, std::uint64_t count) {
  return MakeResult(metric, Value(static_cast<double>(value)), count);
}

statement::MetricResult MakeProportion(std::string_view metric, std::uint64_t numerator, std::uint64_t denominator,
                                       std::string_view when_zero) {
  const Value value = Ratio(static_cast<double>(numerator), static_cast<double>(denominator), when_zero);
  statement::MetricResult result = MakeResult(metric, value, denominator);
  if (value.defined()) result.interval = WilsonInterval(numerator, denominator);
  return result;
}

}  // namespace attestml::properties
