// One number of a property with its qualifiers (spec/predicates.md 5.2).
#include <array>
#include <set>

#include "base/decimal.h"
#include "statement/fields.h"
#include "statement/predicates.h"

namespace attestml::statement {
namespace {

constexpr std::string_view kResult = "claim.property.result";
constexpr std::string_view kNumber = "claim.property.number";

Result<Interval> ParseInterval(JsonView value) {
  JsonFields object(value, "claim.property.interval", "interval");
  Interval out;
  ATTESTML_TRY(out.level, object.String("level"));
  ATTESTML_TRY(out.lower, object.String("lower"));
  ATTESTML_TRY(out.method, object.String("method"));
  ATTESTML_TRY(out.upper, object.String("upper"));
  ATTESTML_CHECK(object.Finish());
  if (out.method.empty()) return Malformed("claim.property.interval", "interval does not say its method");
  std::array<double, 3> values{};
  auto* value_of = values.data();
  for (const std::string* number : {&out.level, &out.lower, &out.upper}) {
    const auto read = ParseShortestDecimal(*number);
    if (!read) return Malformed(kNumber, "\"" + Cut(*number) + "\" is not a number in shortest decimal form");
    *value_of++ = *read;
  }
  const auto [level, lower, upper] = values;
  if (!(level > 0 && level < 1)) {
    return Malformed("claim.property.interval",
                     "level is " + out.level.substr(0, 64) + ", want more than 0 and less than 1");
  }
  if (!(lower <= upper)) {
    return Malformed("claim.property.interval",
                     "lower end " + out.lower.substr(0, 64) + " is above the upper end " + out.upper.substr(0, 64));
  }
  return out;
}

// What is stated in place of a number that stays hidden.
Status ReadBound(const JsonFields& object, JsonView bound, JsonView bound_on, MetricResult* out) {
  if (!bound || !bound.is_string()) return object.NotA("bound", "a string");
  const std::string_view text = bound.String();
  if (!(text.starts_with(">= ") || text.starts_with("<= ")) || !IsShortestDecimal(text.substr(3))) {
    return Malformed("claim.property.bound",
                     "bound is \"" + Cut(text) + "\", want \">= \" or \"<= \" and a number in shortest decimal form");
  }
  out->bound = text;
  out->bound_on = "value";
  if (bound_on) {
    if (!bound_on.is_string()) return object.NotA("boundOn", "a string");
    out->bound_on = bound_on.String();
    if (out->bound_on != "interval.lower" && out->bound_on != "interval.upper") {
      return Malformed("claim.property.bound",
                       "boundOn is \"" + Cut(out->bound_on) + "\", want interval.lower, interval.upper, or none of it");
    }
  }
  if (out->interval || !out->reason.empty()) {
    return Malformed("claim.property.bound", "a bound stands beside an interval or a reason, which would tell more");
  }
  return {};
}

Json TextMap(const std::map<std::string, std::string>& map) {
  Json out = Json::object();
  for (const auto& [name, value] : map) out[name] = value;
  return out;
}

}  // namespace

Json MetricResultToJson(const MetricResult& result) {
  Json out = Json::object();
  out["metric"] = result.metric;
  if (result.bound.empty()) {
    out["value"] = result.value;
  } else {
    out["bound"] = result.bound;
    if (result.bound_on != "value") out["boundOn"] = result.bound_on;
  }
  if (!result.reason.empty()) out["reason"] = result.reason;
  if (result.count) out["count"] = *result.count;
  if (result.interval) {
    Json interval = Json::object();
    interval["method"] = result.interval->method;
    interval["level"] = result.interval->level;
    interval["lower"] = result.interval->lower;
    interval["upper"] = result.interval->upper;
    out["interval"] = std::move(interval);
  }
  if (!result.slice.empty()) out["slice"] = TextMap(result.slice);
  if (!result.where.empty()) out["where"] = TextMap(result.where);
  if (!result.given.empty()) out["given"] = TextMap(result.given);
  if (!result.across.empty()) out["across"] = result.across;
  if (!result.column.empty()) out["column"] = result.column;
  if (!result.label.empty()) out["label"] = result.label;
  if (!result.at.empty()) out["at"] = result.at;
  return out;
}

Status ParseMetricResult(JsonView value, MetricResult* out) {
  JsonFields object(value, kResult, "result");
  // Asked for in order of the names, which is fastest; a bundle has hundreds of these.
  const JsonView across = object.Optional("across");
  const JsonView at = object.Optional("at");
  const JsonView bound = object.Optional("bound");
  const JsonView bound_on = object.Optional("boundOn");
  const JsonView column = object.Optional("column");
  const JsonView count = object.Optional("count");
  const JsonView given = object.Optional("given");
  const JsonView interval = object.Optional("interval");
  const JsonView label = object.Optional("label");
  const auto metric = object.String("metric");
  const JsonView reason = object.Optional("reason");
  const JsonView slice = object.Optional("slice");
  const auto number = bound ? Result<std::string_view>(std::string_view()) : object.String("value");
  const JsonView where = object.Optional("where");

  if (!metric.ok()) return metric.error();
  if (!number.ok()) return number.error();
  out->metric = *metric;
  out->value = *number;
  ATTESTML_CHECK(OptionalText(object, reason, "reason", kResult, &out->reason));
  if (count) {
    if (count.kind() != JsonKind::kUnsigned) return object.NotA("count", "an unsigned integer");
    out->count = count.Unsigned();
  }
  if (interval) {
    ATTESTML_TRY(out->interval, ParseInterval(interval));
  }
  ATTESTML_CHECK(OptionalTextMap(object, slice, "slice", kResult, &out->slice));
  ATTESTML_CHECK(OptionalTextMap(object, where, "where", kResult, &out->where));
  ATTESTML_CHECK(OptionalTextMap(object, given, "given", kResult, &out->given));
  if (across) {
    ATTESTML_TRY(out->across, TextArray(across, kMaxQualifiers, kResult, "across"));
    const std::set<std::string_view> distinct(out->across.begin(), out->across.end());
    if (out->across.empty() || distinct.size() != out->across.size() || distinct.contains("")) {
      return Malformed(kResult, "across is empty or names a column twice, want it absent or distinct columns");
    }
  }
  ATTESTML_CHECK(OptionalText(object, column, "column", kResult, &out->column));
  ATTESTML_CHECK(OptionalText(object, label, "label", kResult, &out->label));
  ATTESTML_CHECK(OptionalText(object, at, "at", kResult, &out->at));
  ATTESTML_CHECK(object.Finish());

  if (out->metric.empty()) return Malformed(kResult, "a result does not name its metric");
  if (bound || bound_on) return ReadBound(object, bound, bound_on, out);
  if (out->value == "undefined") {
    if (out->reason.empty()) return Malformed(kNumber, "value is undefined without a reason");
    if (out->interval) return Malformed("claim.property.interval", "an undefined value has an interval");
    return {};
  }
  if (!IsShortestDecimal(out->value)) {
    return Malformed(kNumber, "value \"" + out->value.substr(0, 64) +
                                  "\" is neither a number in shortest decimal form nor \"undefined\"");
  }
  if (!out->reason.empty()) return Malformed(kNumber, "a defined value has a reason, want one only when undefined");
  return {};
}

}  // namespace attestml::statement
