// Requirements on properties: of the subject model on a dataset, of a dataset, of the training data, of their overlap.
#include <algorithm>
#include <set>

#include "base/decimal.h"
#include "base/hex.h"
#include "policy/comparison.h"
#include "policy/describe.h"
#include "policy/named_property.h"
#include "policy/reading.h"
#include "policy/requirements.h"

namespace attestml::policy {
namespace {

using DataKey = std::pair<statement::DataId, statement::DataId>;
DataKey KeyOf(const statement::DatasetUse& use) { return {use.file.id, use.selection_id}; }

// Collects answers, and the first reason why what looks like an answer is none.
struct Search {
  std::vector<Match> matches;
  std::string near_miss;
  void Miss(const std::string& line, const std::string& why) {
    if (near_miss.empty()) near_miss = line + " " + why;
  }
};

// Whether a statement is about what the requirement is about, but for the data.
bool SameSubject(const Requirement& requirement, const statement::PropertyClaim& claim,
                 const std::optional<crypto::Digest256>& model, const std::string& line, Search* search) {
  if (claim.property != requirement.property) return false;
  const auto miss = [&](const std::string& why) {
    search->Miss(line, why);
    return false;
  };
  if (claim.predictions != requirement.predictions) return miss("judges other predictions");
  if (requirement.predictions == "model" ? !claim.model || !model || claim.model->sha256 != *model
                                         : claim.model.has_value()) {
    return miss("is about another model" + (claim.model ? ", " + ArtifactText(*claim.model) : ""));
  }
  if (!claim.dataset) return miss("names no dataset");
  if (claim.implementation != requirement.implementation) return miss("is by " + Printable(claim.implementation));
  if (!requirement.counts_as_positive.empty() && PositivesInJob(claim) != requirement.counts_as_positive) {
    return miss("counts other predictions as positive");
  }
  const std::string parameter = DifferingParameter(requirement, claim);
  if (!parameter.empty()) return miss("has another parameter " + Printable(parameter));
  return true;
}

void TakeResults(const Requirement& requirement, StatementId id, const statement::PropertyClaim& claim,
                 const std::string& line, Search* search) {
  bool any = false;
  for (const auto& result : claim.results) {
    if (!SameQuestion(requirement, result)) continue;
    search->matches.push_back({id, &claim, &result});
    any = true;
  }
  if (!any) search->Miss(line, "has no such result for the whole selection or the slice asked for");
}

// A comparison is with the reference named and nothing else; an overlap with several has a number for each, whose `at`
// is the root of the reference's records.
void TakeCompared(const Requirement& requirement, StatementId id, const statement::PropertyClaim& claim,
                  const std::string& line, Search* search) {
  if (!requirement.reference) return TakeResults(requirement, id, claim, line, search);
  const auto& all = claim.references;
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const auto& use) { return MatchReference(requirement, use); });
  if (it == all.end() || (all.size() > 1 && requirement.property != kOverlap)) {
    return search->Miss(line, "compares with something else");
  }
  // Two selections that the policy names are its own choice.
  const bool pinned = requirement.selection && requirement.reference_selection;
  if (requirement.property == kOverlap && !pinned && !ReadAlike(*claim.dataset, *it)) {
    return search->Miss(line, "reads the two files in different ways, so that equal records need not look equal");
  }
  Requirement one = requirement;
  if (one.property == kOverlap && one.at.empty()) one.at = HexEncode(it->records.root);
  TakeResults(one, id, claim, line, search);
}

std::string DataMiss(const Requirement& requirement, DataMatch match, const statement::DatasetUse& use) {
  const std::string text = DatasetText(use);
  switch (match) {
    case DataMatch::kOtherFile:
      return "is about another dataset, " + text;
    case DataMatch::kOtherSelection:
      if (!use.selection || requirement.selection) return "is about another selection, " + text;
      return WholeFileObjection(requirement.reading.value_or(Reading{}), *use.selection) + ", " + text;
    case DataMatch::kOtherTarget:
      return "has another target column or positive value";
    case DataMatch::kConcealed:
      return "conceals its selection, so that which records, and which target, is unknown: want selection = "
             "\"commitment:…\" without target, or an opening; " +
             text;
    case DataMatch::kSame:
      break;
  }
  return "";
}

// Which records were trained on is the training's to say, but not what their values are. Of what is concealed nothing
// is known, and a policy that asks for nothing takes it so.
std::string ReadingMiss(const Requirement& requirement, const statement::DatasetUse& use) {
  if (use.selection) return ReadingObjection(requirement.reading.value_or(Reading{}), *use.selection);
  return requirement.reading ? "conceals how its file is read: want no reading, or an opening" : "";
}

// Every match must satisfy, and the seen text shows each.
bool Judge(const Requirement& requirement, const Context& context, const std::vector<Match>& matches,
           Outcome* outcome) {
  bool good = true;
  std::vector<std::string> seen;
  for (const Match& match : matches) {
    std::string text = ValueText(*match.result);
    if (requirement.on != "value" && match.result->interval) {
      text += " (" + match.result->interval->lower + ".." + match.result->interval->upper + ")";
    }
    if (match.result->count) text += " over " + std::to_string(*match.result->count);
    text += ", " + LineText(context, match.statement);
    const std::string objection = Objection(requirement, *match.result);
    if (!objection.empty()) text += ": " + objection;
    good &= objection.empty();
    if (seen.size() < 8) seen.push_back(text);
    outcome->matches.push_back(match);
    outcome->statements.push_back(match.statement);
  }
  if (matches.size() > seen.size()) seen.push_back(std::to_string(matches.size() - seen.size()) + " more");
  if (!outcome->seen.empty()) outcome->seen += "; ";
  outcome->seen += Join(seen, "; ");
  return good && !matches.empty();
}

// What every selection of every training of the model says its target is; nothing when none or several.
std::optional<statement::Target> TrainedTarget(const Context& context, const std::optional<crypto::Digest256>& model) {
  const ModelNode* node = model ? context.graph->FindModel(*model) : nullptr;
  if (node == nullptr) return std::nullopt;
  std::optional<statement::Target> found;
  for (const StatementId id : node->trainings) {
    for (const auto& use : context.graph->Get<statement::TrainingClaim>(id).datasets) {
      if (!use.selection) return std::nullopt;
      const auto& target = use.selection->target;
      if (!target || (found && *found != *target)) return std::nullopt;
      found = target;
    }
  }
  return found;
}

// Why the statement's target is the prover's choice: a requirement on predictions that names neither a selection nor a
// target means what the model was trained for, and likewise for the positive class. "" when it is pinned.
std::string TargetObjection(const Requirement& requirement, const Context& context,
                            const std::optional<crypto::Digest256>& model, const statement::PropertyClaim& claim) {
  const auto* property = FindNamedProperty(requirement.property);
  if (property == nullptr || !property->of_model || requirement.selection) return "";
  if (!claim.dataset->selection) return "conceals its target: want selection, or an opening";
  const auto& target = claim.dataset->selection->target;
  if (!target) return "has no target column";
  const auto trained = TrainedTarget(context, model);
  if (requirement.target.empty()) {
    if (!trained) return "is about predictions of a column that nothing pins: want target, or selection";
    return *trained == *target ? ""
                               : "is about predictions of a column that the model was not trained for: want target";
  }
  if (!requirement.positive.empty() || target->positive.empty() || !DependsOnPositive(requirement)) return "";
  if (trained && trained->column == target->column && trained->positive == target->positive) return "";
  return "counts " + Printable(target->positive) + " as positive, which nothing pins: want positive, or selection";
}

// Why a bound on what the weights tell of the records is none of the data asked about: the noise of a training covers
// its own records alone, and nothing that an earlier training of the same model saw. "" when it is one.
std::string PrivacyObjection(const Context& context, const crypto::Digest256& model,
                             const statement::PropertyClaim& claim) {
  const Lineage lineage = context.graph->Walk(model);
  if (!lineage.missing.empty()) return "is about a model of which, or of an ancestor of which, no training is stated";
  if (const std::string why = LineageObjection(context, lineage); !why.empty()) return "does not count: " + why;
  bool trained = false;
  for (const TrainedUse& use : lineage.uses) {
    if (use.model == model && use.use->role == "train") {
      trained |= KeyOf(*use.use) == KeyOf(*claim.dataset);
    } else if (use.model != model && use.use->file.id != claim.dataset->file.id &&
               (use.use->file.id.concealed || claim.dataset->file.id.concealed)) {
      return "may not cover what the model that it started from was trained on: whether that is the same file is "
             "concealed";
    } else if (use.model != model && use.use->file.id == claim.dataset->file.id) {
      return "does not cover what the model that it started from was trained on, the same file";
    }
  }
  return trained ? "" : "is about other data than the model was trained on";
}

// Members are the records that the model was trained on: of others, or of a part of them among others, the numbers say
// less than they seem to. "" when the statement is about them.
std::string MembersObjection(const Context& context, const crypto::Digest256& model,
                             const statement::PropertyClaim& claim) {
  const Lineage lineage = context.graph->Walk(model);
  const bool members = std::any_of(lineage.uses.begin(), lineage.uses.end(), [&](const TrainedUse& use) {
    return use.model == model && use.use->role == "train" && KeyOf(*use.use) == KeyOf(*claim.dataset);
  });
  return members ? "" : "is about other records than the model was trained on, so they are no members";
}

Outcome OfNamedDataset(const Requirement& requirement, const Context& context,
                       const std::optional<crypto::Digest256>& model) {
  Outcome outcome;
  Search search;
  for (const StatementId id : context.graph->properties()) {
    const auto& claim = context.graph->Get<statement::PropertyClaim>(id);
    const std::string line = LineText(context, id);
    if (!SameSubject(requirement, claim, model, line, &search)) continue;
    const DataMatch match = MatchData(requirement, *claim.dataset);
    if (match != DataMatch::kSame) {
      search.Miss(line, DataMiss(requirement, match, *claim.dataset));
      continue;
    }
    std::string objection = TargetObjection(requirement, context, model, claim);
    if (objection.empty() && claim.property == "privacy" && model) {
      objection = PrivacyObjection(context, *model, claim);
    }
    if (objection.empty() && claim.property == "membership-inference" && model) {
      objection = MembersObjection(context, *model, claim);
    }
    if (!objection.empty()) {
      search.Miss(line, objection);
    } else {
      TakeCompared(requirement, id, claim, line, &search);
    }
  }
  outcome.pass = Judge(requirement, context, search.matches, &outcome);
  if (search.matches.empty()) outcome.seen = search.near_miss.empty() ? "no such statement" : search.near_miss;
  return outcome;
}

// The uses of a lineage that the requirement asks about, each selection once.
std::vector<TrainedUse> UsesOf(const Requirement& requirement, const Lineage& lineage) {
  std::vector<TrainedUse> uses;
  std::set<DataKey> seen;
  for (const TrainedUse& use : lineage.uses) {
    const auto& roles = requirement.roles;
    if (!roles.empty() && std::find(roles.begin(), roles.end(), use.use->role) == roles.end()) continue;
    if (seen.insert(KeyOf(*use.use)).second) uses.push_back(use);
  }
  return uses;
}

Outcome OfTrainingData(const Requirement& requirement, const Context& context, const crypto::Digest256& model) {
  Outcome outcome;
  const Lineage lineage = context.graph->Walk(model);
  if (std::string why = LineageObjection(context, lineage); !why.empty()) {
    outcome.seen = std::move(why);
    return outcome;
  }
  const auto uses = UsesOf(requirement, lineage);
  outcome.pass = !uses.empty();
  if (uses.empty()) outcome.seen = "no training data in these roles";
  for (const TrainedUse& trained : uses) {
    outcome.statements.push_back(trained.training);
    Search search;
    for (const StatementId id : context.graph->properties()) {
      const auto& claim = context.graph->Get<statement::PropertyClaim>(id);
      const std::string line = LineText(context, id);
      if (!SameSubject(requirement, claim, std::nullopt, line, &search)) continue;
      // A distribution counts only when it was measured on the very selection that was trained on.
      if (KeyOf(*claim.dataset) != KeyOf(*trained.use)) {
        search.Miss(line, "was measured on " + DatasetText(*claim.dataset));
        continue;
      }
      if (const std::string why = ReadingMiss(requirement, *claim.dataset); !why.empty()) {
        search.Miss(line, why);
        continue;
      }
      const auto target = claim.dataset->selection ? claim.dataset->selection->target : std::nullopt;
      const bool same_target =
          requirement.target.empty() || (target && target->column == requirement.target &&
                                         (requirement.positive.empty() || target->positive == requirement.positive));
      if (!same_target) {
        search.Miss(line, DataMiss(requirement, DataMatch::kOtherTarget, *claim.dataset));
      } else {
        TakeCompared(requirement, id, claim, line, &search);
      }
    }
    if (!Judge(requirement, context, search.matches, &outcome)) outcome.pass = false;
    if (search.matches.empty()) {
      outcome.seen += "nothing about " + DatasetText(*trained.use) + " in role " + Printable(trained.use->role);
      if (!search.near_miss.empty()) outcome.seen += " (" + search.near_miss + ")";
    }
  }
  return outcome;
}

// About the training itself: what these say of its data does not grow weaker for being its data.
bool OfTraining(std::string_view property) {
  return property == "privacy" || property == "membership-inference" || property == "compute";
}

// The selections whose independence from the training data matters.
std::vector<const statement::DatasetUse*> TestSelections(const Requirement& requirement, const Context& context,
                                                         const std::vector<Match>& matches) {
  std::vector<const statement::DatasetUse*> tests;
  std::set<DataKey> seen;
  const auto add = [&](const statement::DatasetUse& use) {
    if (seen.insert(KeyOf(use)).second) tests.push_back(&use);
  };
  if (requirement.dataset) {
    for (const StatementId id : context.graph->properties()) {
      const auto& claim = context.graph->Get<statement::PropertyClaim>(id);
      if (claim.dataset && MatchData(requirement, *claim.dataset) == DataMatch::kSame) add(*claim.dataset);
    }
    return tests;
  }
  for (const Match& match : matches) {
    if (match.claim->model && match.claim->dataset && !OfTraining(match.claim->property)) add(*match.claim->dataset);
  }
  return tests;
}

// Statements that compare `test` with `trained`, perhaps among others. The number for that very reference (its `at` is
// the root of the reference's records) must be there and satisfy, and so must the number for all references together.
Outcome ComparePair(const Requirement& requirement, const Context& context, const statement::DatasetUse& test,
                    const statement::DatasetUse& trained) {
  Search exact, together;
  Requirement one = requirement;
  one.at = HexEncode(trained.records.root);
  for (const StatementId id : context.graph->properties()) {
    const auto& claim = context.graph->Get<statement::PropertyClaim>(id);
    const std::string line = LineText(context, id);
    if (!SameSubject(requirement, claim, std::nullopt, line, &exact)) continue;
    if (KeyOf(*claim.dataset) != KeyOf(test)) continue;
    const bool named = std::any_of(claim.references.begin(), claim.references.end(), [&](const auto& reference) {
      return KeyOf(reference) == KeyOf(trained) && reference.records.root == trained.records.root;
    });
    if (!named) continue;
    if (!ReadAlike(test, trained)) {
      exact.Miss(line, "reads the two files in different ways, so that equal records need not look equal");
      continue;
    }
    TakeResults(one, id, claim, line, &exact);
    TakeResults(requirement, id, claim, line, &together);
  }
  Outcome outcome;
  outcome.pass = Judge(one, context, exact.matches, &outcome);
  Outcome all;
  if (!Judge(requirement, context, together.matches, &all)) {
    outcome.pass = false;
    outcome.seen += "; over all its references: " + (together.matches.empty() ? "nothing" : all.seen);
  }
  if (exact.matches.empty()) outcome.seen = exact.near_miss.empty() ? "not compared" : exact.near_miss;
  return outcome;
}

}  // namespace

namespace {

// Only a bound is stated: whatever the number is within it, it must satisfy.
std::string BoundObjection(const Requirement& requirement, const statement::MetricResult& result) {
  if (requirement.min_count) {
    if (!result.count) return "says no count";
    if (*result.count < *requirement.min_count) return "over too few records";
  }
  if (!requirement.value) return "";
  if (result.bound_on != requirement.on) return "is a bound on the " + result.bound_on + ", want " + requirement.on;
  const auto limit = ParseDecimal(std::string_view(result.bound).substr(3));
  if (!limit) return "has a bound that is no number";
  const Range& range = *requirement.value;
  const bool within =
      result.bound.starts_with(">=") ? !range.upper && range.Contains(*limit) : !range.lower && range.Contains(*limit);
  return within ? "" : "within its bound it could be outside " + range.text;
}

}  // namespace

std::string Objection(const Requirement& requirement, const statement::MetricResult& result) {
  if (!result.bound.empty()) return BoundObjection(requirement, result);
  const auto value = ParseDecimal(result.value);
  if (!value) return "undefined" + (result.reason.empty() ? "" : ", " + Printable(result.reason));
  if (requirement.min_count) {
    if (!result.count) return "says no count";
    if (*result.count < *requirement.min_count) return "over too few records";
  }
  if (!requirement.value) return "";
  auto judged = value;
  if (requirement.on != "value") {
    if (!result.interval) return "has no interval";
    judged = ParseDecimal(requirement.on == "interval.lower" ? result.interval->lower : result.interval->upper);
    if (!judged) return "its interval has no such end";
  }
  return requirement.value->Contains(*judged) ? "" : "outside " + requirement.value->text;
}

Outcome EvaluateProperty(const Requirement& requirement, const Context& context) {
  std::optional<crypto::Digest256> model;
  if (NeedsModel(requirement)) {
    Outcome outcome;
    model = TargetModel(requirement, context, &outcome.seen);
    if (!model) return outcome;
  }
  if (requirement.of_training_data) return OfTrainingData(requirement, context, *model);
  return OfNamedDataset(requirement, context, model);
}

Outcome EvaluateOverlap(const Requirement& requirement, const Context& context, const std::vector<Match>& matches) {
  Outcome outcome;
  outcome.wanted = WantedText(requirement);
  const auto model = TargetModel(requirement, context, &outcome.seen);
  if (!model) return outcome;
  const Lineage lineage = context.graph->Walk(*model);
  if (std::string why = LineageObjection(context, lineage); !why.empty()) {
    outcome.seen = std::move(why);
    return outcome;
  }
  const auto tests = TestSelections(requirement, context, matches);
  const auto uses = UsesOf(requirement, lineage);
  outcome.pass = !tests.empty() && !uses.empty();
  if (tests.empty()) outcome.seen = "no test selection: no requirement on the model is answered, and none is named";
  std::vector<std::string> parts;
  for (const auto* test : tests) {
    for (const TrainedUse& trained : uses) {
      const Outcome pair = ComparePair(requirement, context, *test, *trained.use);
      outcome.pass &= pair.pass;
      outcome.matches.insert(outcome.matches.end(), pair.matches.begin(), pair.matches.end());
      outcome.statements.insert(outcome.statements.end(), pair.statements.begin(), pair.statements.end());
      outcome.statements.push_back(trained.training);
      parts.push_back(ArtifactText(test->file) + " with role " + Printable(trained.use->role) + ", " +
                      ArtifactText(trained.use->file) + ": " + pair.seen);
    }
  }
  if (!parts.empty()) outcome.seen = Join(parts, "; ");
  return outcome;
}

}  // namespace attestml::policy
