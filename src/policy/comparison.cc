#include "policy/comparison.h"

#include <algorithm>
#include <array>
#include <span>

#include "policy/named_property.h"
#include "policy/reading.h"

namespace attestml::policy {
namespace {

constexpr std::array<std::string_view, 6> kComparisons = {
    "total-variation", "jensen-shannon",     "population-stability-index",
    "chi-square",      "chi-square-degrees", "chi-square-p-value"};

// Parameters that only choose which results there are: each result says by its qualifiers what it is about (bins and
// privileged groups included), so that no other can be taken for it.
struct Listing {
  std::string_view property, parameter;
};
constexpr Listing kListings[] = {
    {"distribution", "columns"},       {"distribution", "joint"},     {"distribution", "conditional"},
    {"distribution", "quantiles"},     {"accuracy", "slices"},        {"accuracy", "bins"},
    {"fairness", "attributes"},        {"fairness", "intersections"}, {"fairness", "bins"},
    {"fairness", "privileged"},        {"regression", "slices"},      {"regression", "bins"},
    {"regression", "quantiles"},       {"calibration", "slices"},     {"calibration", "bins"},
    {"calibration", "bin-counts"},     {"privacy", "delta"},          {"privacy", "epsilon"},
    {"membership-inference", "rates"},
};
constexpr std::string_view kRobustness = "robustness";  // every parameter of it stands in the qualifiers

// Metrics of predictions in which all classes stand alike.
constexpr std::array<std::string_view, 13> kWithoutPositive = {"accuracy",
                                                               "balanced-accuracy",
                                                               "log-loss",
                                                               "support",
                                                               "confusion",
                                                               "count",
                                                               "precision-macro",
                                                               "recall-macro",
                                                               "f1-macro",
                                                               "precision-weighted",
                                                               "recall-weighted",
                                                               "f1-weighted",
                                                               "accuracy-parity-difference"};

// Parameters that change some metrics of a property, and no others.
struct Narrow {
  std::string_view property, parameter;
  std::span<const std::string_view> metrics;
};
constexpr std::string_view kStability[] = {"population-stability-index"};
constexpr Narrow kNarrow[] = {
    {"distribution", "bins", kComparisons},
    {"distribution", "psi-floor", kStability},
};

bool CanChange(std::string_view property, std::string_view parameter, std::string_view metric) {
  if (property == kRobustness) return false;
  for (const Listing& listing : kListings) {
    if (listing.property == property && listing.parameter == parameter) return false;
  }
  for (const Narrow& narrow : kNarrow) {
    if (narrow.property != property || narrow.parameter != parameter) continue;
    return std::find(narrow.metrics.begin(), narrow.metrics.end(), metric) != narrow.metrics.end();
  }
  return true;
}

std::string Scalar(const Json& value) {
  if (!value.is_string()) return DumpJson(value);
  const std::string& text = value.get_ref<const std::string&>();
  // Quoted where it could pass for a list, an object or a quoted text.
  const bool plain = text.empty() || std::string_view("[{\"").find(text.front()) == std::string_view::npos;
  return plain ? text : DumpJson(value);
}

Json Normalise(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& element : value) out.push_back(Normalise(element));
    return out;
  }
  if (value.is_object()) {
    Json out = Json::object();
    for (const auto& member : value.items()) out[member.key()] = Normalise(member.value());
    return out;
  }
  return Scalar(value);
}

}  // namespace

std::string CanonicalValue(const Json& value) {
  return value.is_structured() ? DumpJson(Normalise(value)) : Scalar(value);
}

bool ComparesWithReference(std::string_view property, std::string_view metric) {
  if (property == "membership-inference") return true;  // with whom the members are told apart from
  return property == "distribution" &&
         std::find(kComparisons.begin(), kComparisons.end(), metric) != kComparisons.end();
}

std::string DifferingParameter(const Requirement& requirement, const statement::PropertyClaim& claim) {
  for (const auto& [name, wanted] : requirement.parameters) {
    const auto it = claim.parameters.is_object() ? claim.parameters.find(name) : claim.parameters.end();
    if (it == claim.parameters.end() || CanonicalValue(*it) != wanted) return name;
  }
  if (!claim.parameters.is_object()) return claim.parameters.is_null() ? "" : "parameters";
  for (const auto& member : claim.parameters.items()) {
    if (requirement.parameters.contains(member.key())) continue;
    if (CanChange(claim.property, member.key(), requirement.metric)) return member.key();
  }
  return "";
}

std::optional<std::map<std::string, std::string>> PositivesInJob(const statement::PropertyClaim& claim) {
  constexpr std::string_view kColumn = "column:";
  const Json& job = claim.run.job;
  if (!claim.predictions.starts_with(kColumn) || !job.is_object()) return std::nullopt;
  const auto list = job.find("property");
  if (list == job.end() || !list->is_array()) return std::nullopt;
  const Json column = claim.predictions.substr(kColumn.size());
  std::optional<std::map<std::string, std::string>> found;
  for (const Json& entry : *list) {
    if (!entry.is_object()) return std::nullopt;
    const auto name = entry.find("name");
    const auto predictions = entry.find("predictions");
    if (name == entry.end() || *name != Json(claim.property) || predictions == entry.end()) continue;
    if (!predictions->is_object()) return std::nullopt;
    const auto of = predictions->find("column");
    if (of == predictions->end() || *of != column) continue;
    std::map<std::string, std::string> seen;
    for (const auto& member : predictions->items()) {
      if (member.key() != "column") seen[member.key()] = CanonicalValue(member.value());
    }
    if (found && *found != seen) return std::nullopt;
    found = std::move(seen);
  }
  return found;
}

std::vector<std::string> ParametersToName(const statement::PropertyClaim& claim, std::string_view metric) {
  std::vector<std::string> names;
  if (!claim.parameters.is_object()) return names;
  for (const auto& member : claim.parameters.items()) {
    if (CanChange(claim.property, member.key(), metric)) names.push_back(member.key());
  }
  return names;
}

bool SameQuestion(const Requirement& requirement, const statement::MetricResult& result) {
  std::vector<std::string> wanted = requirement.across;
  std::vector<std::string> seen = result.across;
  std::sort(wanted.begin(), wanted.end());
  std::sort(seen.begin(), seen.end());
  return result.metric == requirement.metric && result.slice == requirement.slice &&
         result.where == requirement.where && result.given == requirement.given && seen == wanted &&
         result.column == requirement.column && result.label == requirement.label && result.at == requirement.at;
}

namespace {

// Every record of the file, read as the requirement says or as it stands.
bool WholeFile(const Requirement& requirement, const statement::DatasetUse& use) {
  return use.selection && WholeFileObjection(requirement.reading.value_or(Reading{}), *use.selection).empty();
}

}  // namespace

bool ReadAlike(const statement::Selection& a, const statement::Selection& b) {
  const std::string a_suffix = a.target ? a.target->strip_suffix : "";
  const std::string b_suffix = b.target ? b.target->strip_suffix : "";
  return statement::LeafSchemaDigest(a) == statement::LeafSchemaDigest(b) && a.format.trim == b.format.trim &&
         a.format.quote == b.format.quote && a.format.missing == b.format.missing && a_suffix == b_suffix;
}

bool ReadAlike(const statement::DatasetUse& a, const statement::DatasetUse& b) {
  if (a.selection && b.selection) return ReadAlike(*a.selection, *b.selection);
  return a.concealed && b.concealed && a.concealed->reading == b.concealed->reading;
}

bool DependsOnPositive(const Requirement& requirement) {
  const auto* property = FindNamedProperty(requirement.property);
  if (property == nullptr || !property->of_model || property->class_neutral || !requirement.label.empty()) return false;
  return std::find(kWithoutPositive.begin(), kWithoutPositive.end(), requirement.metric) == kWithoutPositive.end();
}

DataMatch MatchData(const Requirement& requirement, const statement::DatasetUse& use) {
  if (!requirement.dataset || !use.file.Is(*requirement.dataset)) return DataMatch::kOtherFile;
  if (!use.selection) {
    const bool pinned = requirement.selection && use.selection_id == *requirement.selection;
    return pinned && requirement.target.empty() && requirement.positive.empty() ? DataMatch::kSame
                                                                                : DataMatch::kConcealed;
  }
  if (requirement.selection ? !use.SelectionIs(*requirement.selection) : !WholeFile(requirement, use)) {
    return DataMatch::kOtherSelection;
  }
  const auto& target = use.selection->target;
  if (!requirement.target.empty() && (!target || target->column != requirement.target)) return DataMatch::kOtherTarget;
  if (!requirement.positive.empty() && target->positive != requirement.positive) return DataMatch::kOtherTarget;
  return DataMatch::kSame;
}

bool MatchReference(const Requirement& requirement, const statement::DatasetUse& use) {
  if (!requirement.reference || !use.file.Is(*requirement.reference)) return false;
  return requirement.reference_selection ? use.SelectionIs(*requirement.reference_selection)
                                         : WholeFile(requirement, use);
}

}  // namespace attestml::policy
