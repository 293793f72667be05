#include "policy/requirement_parser.h"

#include <algorithm>
#include <array>

#include "base/decimal.h"
#include "base/hex.h"
#include "base/nearest_name.h"
#include "policy/comparison.h"
#include "policy/named_property.h"
#include "policy/requirements.h"
#include "statement/vocabulary.h"

namespace attestml::policy {
namespace {

// "sha256:" and 64 hex digits; of what is concealed, "commitment:".
std::optional<statement::DataId> DataIdOf(std::string_view text) {
  statement::DataId id;
  id.concealed = text.starts_with("commitment:");
  if (!id.concealed && !text.starts_with("sha256:")) return std::nullopt;
  if (!HexDecodeInto(text.substr(id.concealed ? 11 : 7), id.digest)) return std::nullopt;
  return id;
}

Result<std::optional<statement::DataId>> ReadDataId(TomlTable& table, std::string_view key) {
  ATTESTML_TRY(const auto text, table.String(key));
  if (!text) return std::optional<statement::DataId>();
  const auto id = DataIdOf(*text);
  if (!id) {
    return table.At(key, "policy.value",
                    "is \"" + text->substr(0, 80) + "\", want \"sha256:\" or \"commitment:\" and 64 hex digits");
  }
  return id;
}

using Pairs = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 4> kClaims = {"training", "property", "inference", "certification"};
constexpr std::array<std::string_view, 3> kRoles = {"train", "validation", "fit"};
constexpr std::array<std::string_view, 3> kEnds = {"value", "interval.lower", "interval.upper"};

constexpr std::string_view kCommonKeys[] = {"id", "claim", "model"};
constexpr std::string_view kTrainingKeys[] = {"job", "datasets"};
constexpr std::string_view kInferenceKeys[] = {"selection"};
constexpr std::string_view kCertificationKeys[] = {"certifier", "as", "dataset", "of", "roles"};
constexpr std::string_view kPropertyKeys[] = {
    "property",        "metric",  "implementation", "predictions", "threshold",
    "positive-values", "dataset", "selection",      "reference",   "reference-selection",
    "reading",         "of",      "roles",          "target",      "positive",
    "slice",           "where",   "given",          "across",      "column",
    "label",           "at",      "value",          "on",          "min-count",
    "parameters"};

std::span<const std::string_view> KeysOf(std::string_view claim) {
  if (claim == "training") return kTrainingKeys;
  if (claim == "property") return kPropertyKeys;
  if (claim == "inference") return kInferenceKeys;
  if (claim == "certification") return kCertificationKeys;
  return {};
}

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A key that another kind of claim has says so, instead of being merely unknown.
Status CheckKeys(TomlTable& table, std::string_view claim) {
  const auto own = KeysOf(claim);
  for (const std::string_view key : kCommonKeys) table.Allow(key);
  for (const std::string_view key : own) table.Allow(key);
  for (const std::string_view other : kClaims) {
    for (const std::string_view key : KeysOf(other)) {
      if (Contains(own, key) || !table.Has(key)) continue;
      return table.At(
          key, "policy.unknown_key",
          "does not apply to claim = \"" + std::string(claim) + "\", only to \"" + std::string(other) + "\"");
    }
  }
  return table.Finish();
}

bool IsScalar(const Json& value) {
  return value.is_string() || value.is_boolean() || value.is_number_integer() || value.is_number_unsigned();
}

// { column = "sex", value = "Female" }, a list of such, or { sex = "Female" }. The first form is taken when either of
// its words is there, so that a misspelt one is an error and never a column of that name.
Result<Pairs> ReadPairs(TomlTable& table, std::string_view key) {
  Pairs pairs;
  ATTESTML_TRY(const auto value, table.Value(key));
  if (!value) return pairs;
  const auto bad = [&](std::string_view why) { return table.At(key, "policy.value", why); };
  const auto add = [&](const std::string& column, const Json& text) {
    return IsScalar(text) && pairs.emplace(column, CanonicalValue(text)).second;
  };
  const auto add_named = [&](const Json& entry) -> Status {
    if (!entry.is_object() || entry.size() != 2 || !entry.contains("column") || !entry.contains("value") ||
        !entry.find("column")->is_string()) {
      return bad("want { column = \"…\", value = \"…\" }");
    }
    if (!add(entry.find("column")->get_ref<const std::string&>(), *entry.find("value"))) {
      return bad("a column stands twice, or its value is not a plain one");
    }
    return {};
  };
  if (value->is_array()) {
    for (const Json& entry : *value) ATTESTML_CHECK(add_named(entry));
  } else if (!value->is_object()) {
    return bad("want { column = \"…\", value = \"…\" }, a list of them, or { COLUMN = \"VALUE\" }");
  } else if (value->contains("column") || value->contains("value")) {
    ATTESTML_CHECK(add_named(*value));
  } else {
    for (const auto& member : value->items()) {
      if (!add(member.key(), member.value())) return bad("want plain values");
    }
  }
  if (pairs.empty()) return bad("is empty; leave it out when there is none");
  return pairs;
}

// Nested tables are dotted keys, as everywhere in TOML.
void Flatten(const Json& value, const std::string& prefix, Pairs* out) {
  if (value.is_object() && !value.empty()) {
    for (const auto& member : value.items()) {
      Flatten(member.value(), prefix.empty() ? member.key() : prefix + "." + member.key(), out);
    }
    return;
  }
  (*out)[prefix] = CanonicalValue(value);
}

Result<Pairs> ReadValues(TomlTable& table, std::string_view key, bool flatten) {
  Pairs values;
  ATTESTML_TRY(const auto value, table.Value(key));
  if (!value) return values;
  if (!value->is_object()) return table.At(key, "policy.type", "want a table");
  if (value->empty()) return table.At(key, "policy.value", "is empty; leave it out when there is none");
  if (flatten) {
    Flatten(*value, "", &values);
  } else {
    for (const auto& member : value->items()) values[member.key()] = CanonicalValue(member.value());
  }
  return values;
}

Result<std::string> ReadPlain(TomlTable& table, std::string_view key) {
  ATTESTML_TRY(const auto value, table.Value(key));
  if (!value) return std::string();
  if (!IsScalar(*value)) return table.At(key, "policy.type", "want a string or a number");
  std::string text = CanonicalValue(*value);
  if (text.empty()) return table.At(key, "policy.value", "is empty; leave it out when there is none");
  return text;
}

Status ReadOf(TomlTable& table, Requirement* requirement) {
  ATTESTML_TRY(const auto of, table.String("of"));
  if (of && *of != "training-data") {
    return table.At("of", "policy.value", "is \"" + *of + "\", want \"training-data\"");
  }
  requirement->of_training_data = of.has_value();
  ATTESTML_TRY(requirement->roles, table.Strings("roles"));
  for (const std::string& role : requirement->roles) ATTESTML_CHECK(CheckName(table, "roles", role, kRoles));
  if (table.Has("roles")) {
    if (!of) return table.At("roles", "policy.value", "needs of = \"training-data\"");
    if (requirement->roles.empty()) return table.At("roles", "policy.value", "is empty, want at least one role");
  }
  return {};
}

Status ReadNames(TomlTable& table, Requirement* requirement, const statement::PropertyName** property) {
  ATTESTML_TRY(requirement->property, table.RequiredString("property"));
  std::vector<std::string_view> names;
  for (const auto& known : statement::Vocabulary()) names.push_back(known.name);
  const bool custom = IsCustomProperty(requirement->property);
  if (!custom && requirement->property.starts_with("custom:")) {
    return table.At("property", "policy.value",
                    "is \"" + requirement->property.substr(0, 160) +
                        "\", want \"custom:\", the program's SHA-256 in 64 lower-case hex digits, \"/\" and a name");
  }
  if (!custom) ATTESTML_CHECK(CheckName(table, "property", requirement->property, names));
  *property = FindNamedProperty(requirement->property);
  ATTESTML_TRY(requirement->metric, table.RequiredString("metric"));
  names.clear();
  for (const auto& known : (*property)->metrics) names.push_back(known.name);
  if (!custom) ATTESTML_CHECK(CheckName(table, "metric", requirement->metric, names));
  if (custom && !IsPlainName(requirement->metric)) {
    return table.At("metric", "policy.value", "want lower-case words joined by hyphens, at most 64 characters");
  }
  ATTESTML_TRY(requirement->parameters, ReadValues(table, "parameters", false));
  for (const auto& [name, value] : requirement->parameters) {
    ATTESTML_CHECK(CheckName(table, "parameters", name, (*property)->parameters));
  }
  const std::string implementation = ImplementationName(requirement->property);
  ATTESTML_TRY(requirement->implementation, table.String("implementation", implementation + "/1"));
  if (!requirement->implementation.starts_with(implementation + "/")) {
    return table.At("implementation", "policy.value", "want \"" + implementation + "/VERSION\"");
  }
  return {};
}

// A column's predictions say nothing until it is said which of them count as positive; the prover's job does not
// decide.
Status ReadPositives(TomlTable& table, bool column, Requirement* requirement) {
  ATTESTML_TRY(const auto threshold, table.Number("threshold"));
  ATTESTML_TRY(const auto values, table.Strings("positive-values"));
  if (threshold) requirement->counts_as_positive["threshold"] = FormatDecimal(*threshold);
  if (table.Has("positive-values")) requirement->counts_as_positive["positive"] = CanonicalValue(Json(values));
  if (requirement->counts_as_positive.size() != (column ? 1U : 0U)) {
    return table.At("predictions", "policy.value",
                    "either threshold or positive-values goes with \"column:NAME\", neither with \"model\"");
  }
  return {};
}

// Words of the job file, each as it must be; what is not there is as a file stands.
Status ReadReading(TomlTable& table, Requirement* requirement) {
  ATTESTML_TRY(auto words, table.Table("reading"));
  if (!words) return {};
  const bool named = requirement->selection && (!requirement->reference || requirement->reference_selection);
  if (named) return table.At("reading", "policy.value", "does not go with selection, which says how the file is read");
  if (!requirement->dataset && !requirement->of_training_data) {
    return table.At("reading", "policy.value", "needs dataset or of = \"training-data\"");
  }
  Reading& reading = requirement->reading.emplace();
  ATTESTML_TRY(reading.strip_suffix, words->String("strip-suffix", ""));
  ATTESTML_TRY(reading.missing_mark, words->String("missing-mark", ""));
  ATTESTML_TRY(reading.trim, words->Bool("trim", false));
  ATTESTML_TRY(reading.quote, words->Bool("quote", true));
  return words->Finish();
}

// What the numbers must be about. A property of a model says on which dataset, one of a dataset says of which.
Status ReadAbout(TomlTable& table, const statement::PropertyName& property, Requirement* requirement) {
  ATTESTML_TRY(requirement->dataset, ReadDataId(table, "dataset"));
  ATTESTML_TRY(requirement->selection, ReadDataId(table, "selection"));
  ATTESTML_TRY(requirement->reference, ReadDataId(table, "reference"));
  ATTESTML_TRY(requirement->reference_selection, ReadDataId(table, "reference-selection"));
  ATTESTML_CHECK(ReadOf(table, requirement));
  ATTESTML_CHECK(ReadReading(table, requirement));
  const auto bad = [&](std::string_view key, std::string_view why) { return table.At(key, "policy.value", why); };
  if (requirement->selection && !requirement->dataset) return bad("selection", "needs dataset");
  if (requirement->reference_selection && !requirement->reference) return bad("reference-selection", "needs reference");

  const bool overlap = requirement->property == kOverlap;
  const bool compares = overlap || ComparesWithReference(requirement->property, requirement->metric);
  if (compares && !overlap && !requirement->reference) {
    return bad("metric", "\"" + requirement->metric + "\" compares two datasets, want reference = \"sha256:…\"");
  }
  if (!compares && requirement->reference)
    return bad("reference", "\"" + requirement->metric + "\" compares with nothing");

  if (property.of_model) {
    ATTESTML_TRY(requirement->predictions, table.String("predictions", "model"));
    const bool column = requirement->predictions.starts_with("column:") && requirement->predictions.size() > 7;
    if (!column && requirement->predictions != "model") {
      return bad("predictions", "is \"" + requirement->predictions + "\", want \"model\" or \"column:NAME\"");
    }
    if (column && property.model_alone) {
      return bad("predictions", "\"" + requirement->property + "\" is about a model, want \"model\"");
    }
    if (requirement->of_training_data) return bad("of", "\"" + requirement->property + "\" is a property of a model");
    if (!requirement->dataset) return bad("property", "on which data? want dataset = \"sha256:…\"");
    // A program is given every group attribute, and what it makes of them no qualifier says.
    if (IsCustomProperty(requirement->property) && !requirement->selection &&
        !requirement->parameters.contains("groups")) {
      return bad("property", "of which groups? want selection = \"sha256:…\" or parameters = { groups = […] }");
    }
    if (column && requirement->model) return bad("model", "predictions of a column have no model");
    return ReadPositives(table, column && !property.of_numbers, requirement);
  }
  if (table.Has("predictions"))
    return bad("predictions", "\"" + requirement->property + "\" is a property of a dataset");
  if (overlap) {
    if (requirement->of_training_data) return bad("of", "an overlap is always with the training data, leave it out");
    if (requirement->reference && !requirement->dataset) return bad("reference", "needs dataset");
    if (requirement->reference && requirement->model) return bad("model", "does not go with reference");
    return {};
  }
  if (requirement->dataset.has_value() == requirement->of_training_data) {
    return bad("property", "of which data? want dataset = \"sha256:…\" or of = \"training-data\"");
  }
  if (requirement->model && !requirement->of_training_data) return bad("model", "a property of a dataset has no model");
  return {};
}

Status ReadProperty(TomlTable& table, Requirement* requirement) {
  const statement::PropertyName* property = nullptr;
  ATTESTML_CHECK(ReadNames(table, requirement, &property));
  ATTESTML_CHECK(ReadAbout(table, *property, requirement));
  ATTESTML_TRY(requirement->target, table.String("target", ""));
  ATTESTML_TRY(requirement->positive, ReadPlain(table, "positive"));
  // What is counted depends on which column is the label, and then the prover must not choose it.
  const bool of_labels = requirement->metric == "class-balance" || requirement->metric.starts_with("label-conflicts") ||
                         requirement->metric.starts_with("without-label");
  if (of_labels && requirement->predictions.empty() && requirement->dataset && !requirement->selection &&
      requirement->target.empty()) {
    return table.At("metric", "policy.value",
                    "\"" + requirement->metric + "\" depends on the target: want target, or selection");
  }
  if (table.Has("positive") && requirement->target.empty()) return table.At("positive", "policy.value", "needs target");
  ATTESTML_TRY(requirement->slice, ReadPairs(table, "slice"));
  ATTESTML_TRY(requirement->where, ReadPairs(table, "where"));
  ATTESTML_TRY(requirement->given, ReadPairs(table, "given"));
  ATTESTML_TRY(requirement->across, table.Strings("across"));
  if (table.Has("across") && requirement->across.empty()) {
    return table.At("across", "policy.value", "is empty; leave it out when there is none");
  }
  ATTESTML_TRY(requirement->column, table.String("column", ""));
  ATTESTML_TRY(requirement->label, ReadPlain(table, "label"));
  ATTESTML_TRY(requirement->at, ReadPlain(table, "at"));
  if (IsTrainingOverlap(*requirement) && !requirement->at.empty()) {
    return table.At("at", "policy.value", "an overlap with the training data is held against each of its parts");
  }
  ATTESTML_TRY(const auto value, table.String("value"));
  if (value) {
    requirement->value = ParseRange(*value);
    if (!requirement->value) {
      return table.At("value", "policy.value",
                      "is \"" + *value + "\", want one of \">= X\", \"<= X\", \"> X\", \"< X\", \"= X\", \"LO..HI\"");
    }
  }
  ATTESTML_TRY(requirement->on, table.String("on", "value"));
  ATTESTML_CHECK(CheckName(table, "on", requirement->on, kEnds));
  if (table.Has("on") && !value) return table.At("on", "policy.value", "needs value");
  if (table.Has("min-count")) {
    ATTESTML_TRY(const auto count, table.Integer("min-count", 0, 0, std::int64_t{1} << 53));
    requirement->min_count = static_cast<std::uint64_t>(count);
  }
  return {};
}

Status ReadTraining(TomlTable& table, Requirement* requirement) {
  ATTESTML_TRY(requirement->job, ReadValues(table, "job", true));
  if (!table.Has("datasets")) return {};
  ATTESTML_TRY(const auto texts, table.Strings("datasets"));
  requirement->datasets.emplace();
  for (const std::string& text : texts) {
    const auto id = DataIdOf(text);
    if (!id) {
      return table.At("datasets", "policy.value",
                      "\"" + text.substr(0, 80) + "\" is not \"sha256:\" or \"commitment:\" and 64 hex digits");
    }
    requirement->datasets->push_back(*id);
  }
  return {};
}

Status ReadCertification(TomlTable& table, std::span<const Certifier> certifiers, Requirement* requirement) {
  ATTESTML_TRY(requirement->certifier, table.RequiredString("certifier"));
  std::vector<std::string_view> names;
  for (const Certifier& certifier : certifiers) names.push_back(certifier.name);
  ATTESTML_CHECK(CheckName(table, "certifier", requirement->certifier, names));
  ATTESTML_TRY(requirement->certified_name, table.String("as", ""));
  if (table.Has("as") && requirement->certified_name.empty()) return table.At("as", "policy.value", "is empty");
  ATTESTML_TRY(requirement->dataset, ReadDataId(table, "dataset"));
  ATTESTML_CHECK(ReadOf(table, requirement));
  if (requirement->dataset && requirement->of_training_data) {
    return table.At("of", "policy.value", "does not go with dataset");
  }
  if (requirement->dataset && requirement->model) return table.At("model", "policy.value", "does not go with dataset");
  const std::string_view kind = requirement->dataset || requirement->of_training_data ? "dataset" : "model";
  const auto certifier = std::find_if(certifiers.begin(), certifiers.end(),
                                      [&](const Certifier& each) { return each.name == requirement->certifier; });
  if (std::find(certifier->may_certify.begin(), certifier->may_certify.end(), kind) == certifier->may_certify.end()) {
    return table.At("certifier", "policy.value",
                    "\"" + requirement->certifier + "\" may not certify a " + std::string(kind));
  }
  return {};
}

}  // namespace

Result<std::optional<crypto::Digest256>> ReadDigest(TomlTable& table, std::string_view key) {
  ATTESTML_TRY(const auto text, table.String(key));
  if (!text) return std::optional<crypto::Digest256>();
  crypto::Digest256 digest{};
  if (!text->starts_with("sha256:") || !HexDecodeInto(std::string_view(*text).substr(7), digest)) {
    return table.At(key, "policy.value", "is \"" + text->substr(0, 80) + "\", want \"sha256:\" and 64 hex digits");
  }
  return std::optional(digest);
}

Status CheckName(const TomlTable& table, std::string_view key, std::string_view name,
                 std::span<const std::string_view> names) {
  if (Contains(names, name)) return {};
  const std::string nearest = NearestName(name, names);
  std::string message = "\"" + std::string(name.substr(0, 80)) + "\" is not known here";
  if (!nearest.empty()) {
    message += ", did you mean \"" + nearest + "\"?";
  } else if (!names.empty()) {
    message += ", want one of";
    for (const std::string_view each : names) message += " \"" + std::string(each) + "\"";
  }
  return table.At(key, "policy.unknown_name", message);
}

Result<Requirement> ReadRequirement(TomlTable& table, std::size_t number, std::span<const Certifier> certifiers) {
  Requirement requirement;
  ATTESTML_TRY(requirement.claim, table.RequiredString("claim"));
  ATTESTML_CHECK(CheckName(table, "claim", requirement.claim, kClaims));
  ATTESTML_CHECK(CheckKeys(table, requirement.claim));
  ATTESTML_TRY(requirement.id, table.String("id", std::to_string(number)));
  const bool plain = std::all_of(requirement.id.begin(), requirement.id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (requirement.id.empty() || requirement.id.size() > 64 || !plain) {
    return table.At("id", "policy.value", "want 1 to 64 of a-z, A-Z, 0-9, - and _");
  }
  ATTESTML_TRY(requirement.model, ReadDigest(table, "model"));
  if (requirement.claim == "training") {
    ATTESTML_CHECK(ReadTraining(table, &requirement));
  } else if (requirement.claim == "property") {
    ATTESTML_CHECK(ReadProperty(table, &requirement));
  } else if (requirement.claim == "inference") {
    ATTESTML_TRY(requirement.selection, ReadDataId(table, "selection"));
  } else if (requirement.claim == "certification") {
    ATTESTML_CHECK(ReadCertification(table, certifiers, &requirement));
  }
  return requirement;
}

}  // namespace attestml::policy
