// urn:attestml:property:v1 (spec/predicates.md 5).
#include <algorithm>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

#include "base/decimal.h"
#include "base/hex.h"
#include "statement/fields.h"
#include "statement/predicates.h"

namespace attestml::statement {
namespace {

constexpr std::string_view kId = "claim.property";
constexpr std::string_view kColumnPrefix = "column:";
constexpr std::string_view kCustomPrefix = "custom:";

// Lower-case words joined by hyphens: "accuracy", "demographic-parity".
bool IsPlainName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() < 'a' || name.front() > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// A built-in name, or "custom:" and the SHA-256 of the code, so that no code of others can pass for a built-in.
bool IsPropertyName(std::string_view name) {
  if (!name.starts_with(kCustomPrefix)) return IsPlainName(name);
  name.remove_prefix(kCustomPrefix.size());
  return name.size() > 65 && name[64] == '/' && ParseDigest(name.substr(0, 64), kId, "code").ok() &&
         IsPlainName(name.substr(65));
}

// "accuracy/1": the property's own name (after its digest, when custom) and a version.
bool IsImplementationOf(std::string_view implementation, std::string_view property) {
  if (property.starts_with(kCustomPrefix)) property.remove_prefix(kCustomPrefix.size() + 65);
  if (!implementation.starts_with(property)) return false;
  implementation.remove_prefix(property.size());
  if (implementation.size() < 2 || implementation.size() > 10 || implementation[0] != '/' || implementation[1] == '0') {
    return false;
  }
  return std::all_of(implementation.begin() + 1, implementation.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Json PredictionsToJson(const std::string& predictions) {
  Json out = Json::object();
  if (predictions.starts_with(kColumnPrefix)) {
    out["from"] = "column";
    out["column"] = predictions.substr(kColumnPrefix.size());
  } else {
    out["from"] = predictions;
  }
  return out;
}

Result<std::string> ParsePredictions(JsonView value) {
  JsonFields object(value, "claim.property.predictions", "predictions");
  ATTESTML_TRY(const std::string_view from, object.String("from"));
  if (from == "model") {
    ATTESTML_CHECK(object.Finish());
    return std::string(from);
  }
  if (from != "column") {
    return Malformed("claim.property.predictions", "predictions are from \"" + Cut(from) + "\", want model or column");
  }
  ATTESTML_TRY(const std::string_view column, object.String("column"));
  ATTESTML_CHECK(object.Finish());
  if (column.empty()) return Malformed("claim.property.predictions", "the column of predictions has no name");
  return std::string(kColumnPrefix) + std::string(column);
}

Result<Series> ParseSeries(JsonView value) {
  JsonFields object(value, "claim.property.series", "series");
  Series out;
  ATTESTML_TRY(out.name, object.String("name"));
  ATTESTML_TRY(const JsonView x, object.Array("x"));
  ATTESTML_TRY(const JsonView y, object.Array("y"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_TRY(out.x, TextArray(x, kMaxResults, "claim.property.series", "x"));
  ATTESTML_TRY(out.y, TextArray(y, kMaxResults, "claim.property.series", "y"));
  if (out.name.empty() || out.x.size() != out.y.size()) {
    return Malformed("claim.property.series", "series \"" + out.name.substr(0, 64) + "\" has " +
                                                  std::to_string(out.x.size()) + " x and " +
                                                  std::to_string(out.y.size()) + " y, want a name and as many of both");
  }
  for (const auto* axis : {&out.x, &out.y}) {
    for (const std::string& number : *axis) {
      if (!IsShortestDecimal(number)) {
        return Malformed("claim.property.number",
                         "\"" + number.substr(0, 64) + "\" in a series is not a number in shortest decimal form");
      }
    }
  }
  return out;
}

// What tells one result from another: everything but the number itself.
auto Question(const MetricResult& result) {
  return std::tie(result.metric, result.column, result.label, result.at, result.slice, result.where, result.given,
                  result.across);
}

// A hash of the question, to compare most pairs of results at once. Equal hashes say nothing.
std::size_t QuestionHash(const MetricResult& result) {
  std::size_t hash = result.slice.size() + 8 * result.where.size() + 64 * result.given.size();
  const auto put = [&hash](std::string_view text) {
    hash = (hash ^ std::hash<std::string_view>{}(text)) * std::size_t{0x9e3779b97f4a7c15};
  };
  for (const std::string* text : {&result.metric, &result.column, &result.label, &result.at}) put(*text);
  for (const auto* map : {&result.slice, &result.where, &result.given}) {
    for (const auto& [name, value] : *map) {
      put(name);
      put(value);
    }
  }
  for (const std::string& column : result.across) put(column);
  return hash;
}

// Sorted by hash and then by the questions themselves: a prover that makes hashes collide gains nothing but time that
// grows as it does for any sort.
Status CheckDistinct(const std::vector<MetricResult>& results) {
  std::vector<std::pair<std::size_t, const MetricResult*>> order;
  order.reserve(results.size());
  for (const MetricResult& result : results) order.emplace_back(QuestionHash(result), &result);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : Question(*a.second) < Question(*b.second);
  });
  const auto twice = std::adjacent_find(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first == b.first && Question(*a.second) == Question(*b.second);
  });
  if (twice == order.end()) return {};
  return Malformed("claim.property.duplicate",
                   "two results of metric \"" + Cut(twice->second->metric) + "\" answer the same question");
}

Status ParseResults(JsonView results, PropertyClaim* out) {
  if (results.empty() || results.size() > kMaxResults) {
    return Malformed("claim.property.results",
                     std::to_string(results.size()) + " results, want 1 to " + std::to_string(kMaxResults));
  }
  out->results.reserve(results.size());
  for (const JsonView entry : results) {
    if (Status status = ParseMetricResult(entry, &out->results.emplace_back()); !status.ok()) {
      // Of two faults the first is told.
      out->results.pop_back();
      ATTESTML_CHECK(CheckDistinct(out->results));
      return status;
    }
  }
  return CheckDistinct(out->results);
}

}  // namespace

StatementParts WriteProperty(const PropertyClaim& claim) {
  Json predicate = Json::object();
  predicate["property"] = claim.property;
  predicate["parameters"] = claim.parameters.is_object() ? claim.parameters : Json::object();
  predicate["run"] = RunToJson(claim.run);
  if (claim.model) predicate["model"] = ArtifactToJson(*claim.model);
  if (claim.dataset) predicate["dataset"] = DatasetToJson(*claim.dataset, false);
  if (!claim.references.empty()) {
    Json references = Json::array();
    for (const DatasetUse& reference : claim.references) references.push_back(DatasetToJson(reference, false));
    predicate["references"] = std::move(references);
  }
  if (!claim.predictions.empty()) predicate["predictions"] = PredictionsToJson(claim.predictions);
  Json results = Json::array();
  for (const MetricResult& result : claim.results) results.push_back(MetricResultToJson(result));
  predicate["results"] = std::move(results);
  if (!claim.series.empty()) {
    Json all = Json::array();
    for (const Series& series : claim.series) {
      Json one = Json::object();
      one["name"] = series.name;
      one["x"] = series.x;
      one["y"] = series.y;
      all.push_back(std::move(one));
    }
    predicate["series"] = std::move(all);
  }
  Json implementation = Json::object();
  implementation["builtin"] = claim.implementation;
  predicate["implementation"] = std::move(implementation);
  Json subject = claim.model     ? ArtifactToJson(*claim.model)
                 : claim.dataset ? DataToJson(claim.dataset->file)
                                 : Json::object();
  return {std::move(subject), std::move(predicate)};
}

Result<PropertyClaim> ParseProperty(JsonView subject, JsonView predicate) {
  PropertyClaim out;
  ATTESTML_TRY(const DataRef named, ParseData(subject, "subject"));

  JsonFields object(predicate, kId, "predicate");
  ATTESTML_TRY(out.property, object.String("property"));
  ATTESTML_TRY(out.parameters, BoundedObject(object, "parameters", "claim.property.parameters"));
  ATTESTML_TRY(const JsonView run, object.Object("run"));
  const JsonView model = object.Optional("model");
  const JsonView dataset = object.Optional("dataset");
  const JsonView references = object.Optional("references");
  const JsonView predictions = object.Optional("predictions");
  ATTESTML_TRY(const JsonView results, object.Array("results"));
  const JsonView series = object.Optional("series");
  ATTESTML_TRY(const JsonView implementation, object.Object("implementation"));
  ATTESTML_CHECK(object.Finish());

  if (!IsPropertyName(out.property)) {
    return Malformed("claim.property.name", "property is \"" + out.property.substr(0, 128) +
                                                "\", want a lower-case name, or custom:SHA-256/name");
  }
  ATTESTML_TRY(out.run, ParseRun(run));
  if (model) {
    ATTESTML_TRY(out.model, ParseArtifact(model, "model"));
  }
  if (dataset) {
    ATTESTML_TRY(out.dataset, ParseDataset(dataset, "dataset", false));
  }
  if (references) {
    if (!references.is_array() || references.empty() || references.size() > kMaxDatasets) {
      return Malformed("claim.property.references", "references is not an array of 1 to 64 datasets");
    }
    for (const JsonView entry : references) {
      ATTESTML_TRY(DatasetUse reference, ParseDataset(entry, "reference", false));
      out.references.push_back(std::move(reference));
    }
  }
  if (predictions) {
    ATTESTML_TRY(out.predictions, ParsePredictions(predictions));
  }
  ATTESTML_CHECK(ParseResults(results, &out));
  if (series) {
    if (!series.is_array() || series.empty() || series.size() > kMaxSeries) {
      return Malformed("claim.property.series", "series is not an array of 1 to 256 series");
    }
    std::set<std::string> names;
    for (const JsonView entry : series) {
      ATTESTML_TRY(Series one, ParseSeries(entry));
      if (!names.insert(one.name).second) {
        return Malformed("claim.property.series", "two series are called \"" + one.name.substr(0, 64) + "\"");
      }
      out.series.push_back(std::move(one));
    }
  }
  JsonFields implementation_object(implementation, "claim.property.implementation", "implementation");
  ATTESTML_TRY(out.implementation, implementation_object.String("builtin"));
  ATTESTML_CHECK(implementation_object.Finish());
  if (!IsImplementationOf(out.implementation, out.property)) {
    return Malformed("claim.property.implementation", "implementation is \"" + out.implementation.substr(0, 128) +
                                                          "\", want the name of the property and a version");
  }

  // Who it is about. Scores that stand in a dataset are that dataset's, whoever's model made them.
  if (out.predictions == "model" ? !out.model : !out.predictions.empty() && (out.model || !out.dataset)) {
    return Malformed("claim.property.predictions",
                     "predictions from the model need a model; those from a column need a dataset and no model");
  }
  if (!out.model && !out.dataset) return Malformed("claim.property.subject", "neither a model nor a dataset is named");
  const DataRef about = out.model ? DataRef{out.model->name, {out.model->sha256, false}} : out.dataset->file;
  if (named.id != about.id || named.name != about.name) {
    return Malformed("claim.property.subject", "subject is " + HexEncode(named.id.digest) +
                                                   ", the predicate is about " + HexEncode(about.id.digest));
  }
  return out;
}

}  // namespace attestml::statement
