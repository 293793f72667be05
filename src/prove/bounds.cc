#include "prove/bounds.h"

#include "base/decimal.h"

namespace attestml::prove {
namespace {

bool Overall(const statement::MetricResult& result) {
  return result.slice.empty() && result.where.empty() && result.given.empty() && result.across.empty() &&
         result.column.empty() && result.label.empty() && result.at.empty();
}

Result<statement::MetricResult> Bounded(const tasks::BoundJob& bound, const properties::Measurement& measurement) {
  for (const auto& result : measurement.results) {
    if (result.metric != bound.metric || !Overall(result)) continue;
    std::string text = result.value;
    if (bound.on != "value") {
      if (!result.interval) return Rejected("prove.bound", bound.metric + " has no interval to bound");
      text = bound.on == "interval.lower" ? result.interval->lower : result.interval->upper;
    }
    const auto seen = ParseDecimal(text);
    if (!seen || (bound.lower ? *seen < bound.limit : *seen > bound.limit)) {
      return Rejected("prove.bound", bound.metric + " (" + bound.on + ") is " + text + ", want " +
                                         (bound.lower ? ">= " : "<= ") + FormatDecimal(bound.limit) +
                                         "; nothing is stated");
    }
    statement::MetricResult out;
    out.metric = result.metric;
    out.count = result.count;
    out.bound = (bound.lower ? ">= " : "<= ") + FormatDecimal(bound.limit);
    out.bound_on = bound.on;
    return out;
  }
  return Rejected("prove.bound", "the property has no " + bound.metric + " over the whole selection to bound");
}

}  // namespace

Status ApplyBounds(const std::vector<tasks::BoundJob>& bounds, properties::Measurement* measurement) {
  if (bounds.empty()) return {};
  std::vector<statement::MetricResult> results;
  for (const auto& bound : bounds) {
    ATTESTML_TRY(auto result, Bounded(bound, *measurement));
    results.push_back(std::move(result));
  }
  measurement->results = std::move(results);
  measurement->series.clear();
  return {};
}

}  // namespace attestml::prove
