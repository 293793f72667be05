#include "policy/headlines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/decimal.h"
#include "policy/comparison.h"
#include "policy/describe.h"
#include "policy/named_property.h"
#include "policy/reading.h"
#include "policy/toml_text.h"
#include "policy/words.h"

namespace attestml::policy {
namespace {

using statement::MetricResult;
using statement::PropertyClaim;

constexpr std::size_t kMaxPerStatement = 12;
constexpr std::array<std::string_view, 2> kFairnessHeadlines = {"demographic-parity-difference",
                                                                "equalized-odds-difference"};

enum class Better { kHigher, kLower, kNeither };

// One number of each of these says what it is for. The strength, radius or delta that it holds for stands beside it.
struct Newer {
  std::string_view property, metric;
  Better better;
};
constexpr Newer kNewer[] = {
    {"robustness", "adversarial-accuracy", Better::kHigher},
    {"robustness", "certified-accuracy", Better::kHigher},
    {"privacy", "epsilon", Better::kLower},
    {"membership-inference", "advantage", Better::kLower},
    {"calibration", "expected-calibration-error", Better::kLower},
    {"regression", "root-mean-squared-error", Better::kLower},
    {"compute", "parameters", Better::kNeither},
    {"label-noise", "noise-rate", Better::kLower},
    {"duplicates", "with-label-repeated-proportion", Better::kLower},
};
// About what happened in training, and so about the training data, though their subject is a model.
constexpr std::array<std::string_view, 4> kOfTraining = {"privacy", "membership-inference", "label-noise", "compute"};

bool In(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Plain(const MetricResult& result) {
  return result.slice.empty() && result.where.empty() && result.given.empty() && result.across.empty() &&
         result.column.empty() && result.label.empty() && result.at.empty();
}

// A number, or a bound on one.
bool Judged(const MetricResult& result) { return !result.bound.empty() || ParseDecimal(result.value); }

// The share of a sensitive group.
bool TellingShare(const PropertyClaim& claim, const MetricResult& result) {
  if (result.metric != "proportion" || result.where.size() != 1 || !result.given.empty() || !result.slice.empty()) {
    return false;
  }
  if (!claim.dataset->selection) return false;
  const auto& sensitive = claim.dataset->selection->sensitive;
  return std::find(sensitive.begin(), sensitive.end(), result.where.begin()->first) != sensitive.end();
}

std::optional<Better> Headline(const PropertyClaim& claim, const MetricResult& result) {
  if (claim.property == "accuracy") {
    return Plain(result) && result.metric == "accuracy" ? std::optional(Better::kHigher) : std::nullopt;
  }
  if (claim.property == "fairness") {
    // One attribute at a time; intersections are for the user to add.
    const bool single = result.slice.empty() && result.given.empty() && result.at.empty() && result.across.size() == 1;
    return single && In(kFairnessHeadlines, result.metric) ? std::optional(Better::kLower) : std::nullopt;
  }
  // Whether more of it is better, only who wrote the program knows.
  if (IsCustomProperty(claim.property)) return Better::kNeither;
  for (const Newer& newer : kNewer) {
    if (claim.property != newer.property || result.metric != newer.metric) continue;
    return result.slice.empty() ? std::optional(newer.better) : std::nullopt;
  }
  if (claim.property == "distribution") {
    return TellingShare(claim, result) ? std::optional(Better::kNeither) : std::nullopt;
  }
  return std::nullopt;
}

// Rounded away from the value to two digits, so that the user sees a bound and not a copy of the number.
std::string Bound(double value, Better better) {
  const double low = std::floor(value * 100) / 100, high = std::ceil(value * 100) / 100;
  std::string text;
  switch (better) {
    case Better::kHigher:
      text = ">= " + FormatDecimal(low);
      break;
    case Better::kLower:
      text = "<= " + FormatDecimal(high);
      break;
    case Better::kNeither:
      text = FormatDecimal(low) + ".." + FormatDecimal(high);
      break;
  }
  const auto range = ParseRange(text);
  return range && range->Contains(value) ? text : "= " + FormatDecimal(value);
}

class Writer {
 public:
  Writer(const ClaimGraph& graph, const std::optional<crypto::Digest256>& subject) : graph_(graph), subject_(subject) {
    if (subject) lineage_ = graph.Walk(*subject);
  }

  std::vector<Proposal> Write() {
    if (subject_) WriteTraining();
    for (const StatementId id : graph_.properties()) {
      const auto& claim = graph_.Get<PropertyClaim>(id);
      const auto* known = FindNamedProperty(claim.property);
      const bool ours = !claim.model || (subject_ && lineage_.Contains(claim.model->sha256));
      if (known == nullptr || !claim.dataset || !ours ||
          claim.implementation != ImplementationName(claim.property) + "/1") {
        continue;
      }
      if (known->of_model && claim.predictions != "model" && !PositivesInJob(claim)) continue;
      if (claim.property == kOverlap) {
        WriteOverlap(claim);
      } else {
        WriteProperty(claim);
      }
    }
    return std::move(proposals_);
  }

 private:
  void Add(std::string id, const std::string& comment, const std::string& body, bool fallback = false) {
    // An id has at most 64 characters, and a program's names may be as long.
    id.resize(std::min<std::size_t>(id.size(), 56));
    std::string unique = id;
    for (int n = 2; !ids_.insert(unique).second; ++n) unique = id + "-" + std::to_string(n);
    proposals_.push_back(
        {"# " + comment + "\n[[require]]\nid = " + TomlString(unique) + "\n" + body + "\n", unique, fallback});
  }

  void WriteTraining() {
    const ModelNode* node = graph_.FindModel(*subject_);
    if (node == nullptr || node->trainings.empty()) return;
    std::vector<std::string> files;
    for (const TrainedUse& trained : lineage_.uses) {
      const std::string file = DigestText(trained.use->file.id);
      if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    }
    Add("training",
        "Trained on these files and no others, ancestors included; `job = { \"train.epochs\" = 5 }` pins the recipe.",
        "claim = \"training\"\nmodel = " + TomlString(DigestText(*subject_)) + "\ndatasets = " + TomlStrings(files) +
            "\n" + Programs());
  }

  // Weights that a program file brings count where the file is named.
  std::string Programs() const {
    for (const StatementId id : lineage_.with_weights) {
      const Json& model = graph_.Get<statement::TrainingClaim>(id).run.job["model"];
      const auto program = model.find("program-sha256");
      if (program != model.end() && program->is_string()) {
        return "job = { \"model.program-sha256\" = " + TomlString(program->get<std::string>()) + " }\n";
      }
    }
    return "";
  }

  static std::string ReadingLine(const PropertyClaim& claim) {
    if (!claim.dataset->selection) return "";
    const std::string reading = ReadingToml(ReadingOf(*claim.dataset->selection));
    return reading.empty() ? "" : "reading = " + reading + "\n";
  }

  // The selection as training data when that says it, else by its digests.
  std::string DataKeys(const PropertyClaim& claim) const {
    const auto same = [&](const TrainedUse& trained) {
      return trained.use->file.id == claim.dataset->file.id && trained.use->selection_id == claim.dataset->selection_id;
    };
    const auto& uses = lineage_.uses;
    if (!claim.model && claim.predictions.empty() && !uses.empty() && lineage_.missing.empty()) {
      if (std::all_of(uses.begin(), uses.end(), same)) return "of = \"training-data\"\n" + ReadingLine(claim);
      for (const std::string_view role : {"train", "validation", "fit"}) {
        const auto has_role = [&](const TrainedUse& trained) { return trained.use->role == role; };
        if (std::none_of(uses.begin(), uses.end(), has_role)) continue;
        if (std::all_of(uses.begin(), uses.end(), [&](const TrainedUse& t) { return !has_role(t) || same(t); })) {
          return "of = \"training-data\"\nroles = [" + TomlString(role) + "]\n" + ReadingLine(claim);
        }
      }
    }
    return "dataset = " + TomlString(DigestText(claim.dataset->file.id)) +
           "\nselection = " + TomlString(DigestText(claim.dataset->selection_id)) + "\n";
  }

  static std::string Qualifiers(const MetricResult& result) {
    std::string out;
    if (!result.slice.empty()) out += "slice = " + TomlPairs(result.slice) + "\n";
    if (!result.where.empty()) out += "where = " + TomlPairs(result.where) + "\n";
    if (!result.given.empty()) out += "given = " + TomlPairs(result.given) + "\n";
    if (!result.across.empty()) out += "across = " + TomlStrings(result.across) + "\n";
    if (!result.column.empty()) out += "column = " + TomlString(result.column) + "\n";
    if (!result.label.empty()) out += "label = " + TomlString(result.label) + "\n";
    if (!result.at.empty()) out += "at = " + TomlString(result.at) + "\n";
    return out;
  }

  static std::string Predictions(const PropertyClaim& claim) {
    if (!claim.predictions.starts_with("column:")) return "";
    std::string out = "predictions = " + TomlString(claim.predictions) + "\n";
    const auto positives = PositivesInJob(claim);
    if (!positives) return out;
    for (const auto& [key, value] : *positives) {
      out += (key == "threshold" ? "threshold = " : "positive-values = ") + value + "\n";
    }
    return out;
  }

  static std::string Parameters(const PropertyClaim& claim, const std::string& metric) {
    Json named = Json::object();
    for (const std::string& name : ParametersToName(claim, metric)) named[name] = *claim.parameters.find(name);
    return named.empty() ? "" : "parameters = " + TomlValue(named) + "\n";
  }

  bool OfTrainingData(const PropertyClaim& claim) const {
    return std::any_of(lineage_.uses.begin(), lineage_.uses.end(), [&](const TrainedUse& trained) {
      return trained.use->file.id == claim.dataset->file.id && trained.use->selection_id == claim.dataset->selection_id;
    });
  }

  void WriteProperty(const PropertyClaim& claim) {
    const bool of_data = !claim.model && claim.predictions.empty();
    // Of the training data its shares, of other data what the model does with it.
    if (!In(kOfTraining, claim.property) && !lineage_.uses.empty() && (of_data || claim.model) &&
        of_data != OfTrainingData(claim))
      return;
    std::size_t written = 0;
    for (const MetricResult& result : claim.results) {
      const auto better = Headline(claim, result);
      if (!better || !Judged(result) || written == kMaxPerStatement) continue;
      ++written;
      WriteResult(claim, result, *better);
    }
    if (written > 0 || !lineage_.uses.empty()) return;
    // Nothing telling in it, and no model to be about: its first number, so that there is something to ask.
    for (const MetricResult& result : claim.results) {
      if (!Judged(result) || ComparesWithReference(claim.property, result.metric)) continue;
      return WriteResult(claim, result, Better::kNeither);
    }
  }

  void WriteResult(const PropertyClaim& claim, const MetricResult& result, Better better) {
    std::string body = "claim = \"property\"\nproperty = " + TomlString(claim.property) +
                       "\nmetric = " + TomlString(result.metric) + "\n" + DataKeys(claim) + Predictions(claim);
    if (ComparesWithReference(claim.property, result.metric)) {
      if (claim.references.size() != 1) return;
      body += "reference = " + TomlString(DigestText(claim.references[0].file.id)) +
              "\nreference-selection = " + TomlString(DigestText(claim.references[0].selection_id)) + "\n";
    }
    if (claim.model) body += "model = " + TomlString(DigestText(claim.model->sha256)) + "\n";
    body += Qualifiers(result) + Parameters(claim, result.metric);
    if (!result.bound.empty()) {
      body += "value = " + TomlString(result.bound) + "\n" +
              (result.bound_on == "value" ? "" : "on = " + TomlString(result.bound_on) + "\n");
      if (claim.model && result.count) body += "min-count = " + std::to_string(*result.count) + "\n";
      return Add(ImplementationName(claim.property) + "-" + result.metric,
                 NumberText(claim, result) + " on " + DatasetText(*claim.dataset), body);
    }
    auto judged = ParseDecimal(result.value);
    // The conservative end, where there is one: what the numbers support and not what they happened to be.
    const auto lower =
        result.interval && better == Better::kHigher ? ParseDecimal(result.interval->lower) : std::nullopt;
    if (lower) judged = lower;
    body += "value = " + TomlString(Bound(*judged, better)) + "\n" + (lower ? "on = \"interval.lower\"\n" : "");
    if (claim.model && result.count) body += "min-count = " + std::to_string(*result.count) + "\n";
    Add(ImplementationName(claim.property) + "-" + result.metric,
        NumberText(claim, result) + " on " + DatasetText(*claim.dataset), body);
  }

  void WriteOverlap(const PropertyClaim& claim) {
    for (const MetricResult& result : claim.results) {
      if (result.metric != "with-label" || !Plain(result)) continue;
      const std::string head = "claim = \"property\"\nproperty = \"overlap\"\nmetric = \"with-label\"\n";
      const std::string data = "dataset = " + TomlString(DigestText(claim.dataset->file.id)) +
                               "\nselection = " + TomlString(DigestText(claim.dataset->selection_id)) + "\n";
      const std::string value = "value = " + TomlString("<= " + result.value) + "\n";
      Add("overlap", "How many records of " + DatasetText(*claim.dataset) + " any part of the training has seen.",
          head + data + value);
      for (const auto& reference : claim.references) {
        Add("overlap-with", "Against " + DatasetText(reference) + ".",
            head + data + "reference = " + TomlString(DigestText(reference.file.id)) +
                "\nreference-selection = " + TomlString(DigestText(reference.selection_id)) + "\n" + value,
            true);
      }
    }
  }

  const ClaimGraph& graph_;
  const std::optional<crypto::Digest256> subject_;
  Lineage lineage_;
  std::set<std::string> ids_;
  std::vector<Proposal> proposals_;
};

}  // namespace

std::vector<Proposal> ProposeRequirements(const ClaimGraph& graph, const std::optional<crypto::Digest256>& subject) {
  return Writer(graph, subject).Write();
}

}  // namespace attestml::policy
