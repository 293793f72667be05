#include "policy/requirements.h"

#include <algorithm>
#include <set>

#include "policy/comparison.h"
#include "policy/describe.h"
#include "policy/programs.h"
#include "policy/reading.h"

namespace attestml::policy {
namespace {

std::string PairsText(std::string_view word, const std::map<std::string, std::string>& pairs) {
  std::vector<std::string> parts;
  for (const auto& [column, value] : pairs) parts.push_back(Printable(column) + "=" + Printable(value));
  return parts.empty() ? "" : " " + std::string(word) + " " + Join(parts, ", ");
}

std::string PropertyText(const Requirement& r) {
  std::string text = r.property + " " + r.metric;
  text += PairsText("of", r.where) + PairsText("given", r.given) + PairsText("where", r.slice);
  if (!r.column.empty()) text += " of column " + Printable(r.column);
  if (!r.label.empty()) text += " of class " + Printable(r.label);
  if (!r.at.empty()) text += " at " + Printable(r.at);
  if (!r.across.empty()) text += " across " + Printable(Join(r.across, " and "));
  if (r.predictions.starts_with("column:")) text += " of " + Printable(r.predictions);
  if (r.of_training_data) {
    text += " of the training data" + (r.roles.empty() ? "" : " (role " + Join(r.roles, ", ") + ")");
  } else if (IsTrainingOverlap(r)) {
    text += " with the training data";
  }
  if (r.dataset) {
    text += " on " + DigestText(*r.dataset) +
            (r.selection ? ", selection " + DigestText(*r.selection) : ", the whole file");
  }
  if (r.reading) {
    const std::string reading = ReadingToml(*r.reading);
    text += ", read " + (reading.empty() ? "as it stands" : "with " + Printable(reading));
  }
  if (!r.target.empty()) text += ", target " + Printable(r.target);
  if (r.reference) text += ", against " + DigestText(*r.reference);
  if (r.value) text += ": " + (r.on == "value" ? "" : r.on + " ") + r.value->text;
  if (r.min_count) text += ", over at least " + std::to_string(*r.min_count);
  return text;
}

// Every value that stands under the dotted key; keys may themselves hold dots. Numbers name the elements of an array.
void FindInJob(const Json& value, std::string_view key, std::set<std::string>* found) {
  if (value.is_array()) {
    const std::string_view index = key.substr(0, key.find('.'));
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (index != std::to_string(i)) continue;
      if (index.size() == key.size()) {
        found->insert(CanonicalValue(value[i]));
      } else {
        FindInJob(value[i], key.substr(index.size() + 1), found);
      }
    }
    return;
  }
  if (!value.is_object()) return;
  for (const auto& member : value.items()) {
    const std::string& name = member.key();
    if (key == name) {
      found->insert(CanonicalValue(member.value()));
    } else if (key.size() > name.size() + 1 && key.starts_with(name) && key[name.size()] == '.') {
      FindInJob(member.value(), key.substr(name.size() + 1), found);
    }
  }
}

// The first key whose value in the job is not the one wanted, with what stands there; "" when all agree.
std::string JobObjection(const Requirement& requirement, const statement::Run& run) {
  if (run.concealed_job && !requirement.job.empty()) {
    return "its job is concealed, so what it says is unknown: want an opening";
  }
  const Json& job = run.job;
  for (const auto& [key, wanted] : requirement.job) {
    std::set<std::string> found;
    FindInJob(job, key, &found);
    if (found.size() == 1 && *found.begin() == wanted) continue;
    return "job " + Printable(key) + " is " +
           (found.empty() ? "not there" : Printable(Join({found.begin(), found.end()}, " and "))) + ", want " +
           Printable(wanted);
  }
  return "";
}

Outcome EvaluateInference(const Requirement& requirement, const Context& context) {
  Outcome outcome;
  if (!context.inference) {
    outcome.seen = "no inference is named by an input and an output together";
    return outcome;
  }
  const auto model = TargetModel(requirement, context, &outcome.seen);
  if (!model) return outcome;
  const auto& claim = context.graph->Get<statement::InferenceClaim>(*context.inference);
  outcome.statements.push_back(*context.inference);
  outcome.pass = claim.model.sha256 == *model;
  outcome.seen = ClaimText(claim) + ", " + LineText(context, *context.inference);
  if (requirement.selection && !claim.rows.SelectionIs(*requirement.selection)) {
    outcome.pass = false;
    outcome.seen += ": its rows are read as selection " + DigestText(claim.rows.selection_id);
  }
  return outcome;
}

}  // namespace

bool IsTrainingOverlap(const Requirement& requirement) {
  return requirement.claim == "property" && requirement.property == kOverlap && !requirement.reference;
}

bool NeedsTraining(const Requirement& requirement) {
  return requirement.claim == "training" || requirement.of_training_data || IsTrainingOverlap(requirement);
}

bool NeedsModel(const Requirement& requirement) {
  if (NeedsTraining(requirement) || requirement.claim == "inference") return true;
  if (requirement.claim == "property") return requirement.predictions == "model";
  return requirement.claim == "certification" && !requirement.dataset;
}

std::string LineText(const Context& context, StatementId id) {
  return "line " + std::to_string(context.graph->statement(id).index + 1);
}

std::string WantedText(const Requirement& requirement) {
  std::string text;
  if (requirement.claim == "property") text = PropertyText(requirement);
  if (requirement.claim == "inference") {
    text = "an inference with this input and output";
    if (requirement.selection) text += ", its rows read as selection " + DigestText(*requirement.selection);
  }
  if (requirement.claim == "training") {
    text = "training";
    for (const auto& [key, value] : requirement.job) text += ", " + Printable(key) + " = " + Printable(value);
    if (requirement.datasets) text += ", only on " + std::to_string(requirement.datasets->size()) + " named datasets";
  }
  if (requirement.claim == "certification") {
    text = "certification by " + Printable(requirement.certifier);
    if (requirement.dataset) text += " of dataset " + DigestText(*requirement.dataset);
    if (requirement.of_training_data) text += " of the training data";
    if (!requirement.certified_name.empty()) text += " as \"" + Printable(requirement.certified_name) + "\"";
  }
  if (requirement.model) text += ", model " + DigestText(*requirement.model);
  return text;
}

std::optional<crypto::Digest256> TargetModel(const Requirement& requirement, const Context& context, std::string* why) {
  if (!context.subject) {
    *why = "which model is in question is not known";
    return std::nullopt;
  }
  if (!requirement.model) return context.subject;
  if (context.lineage.Contains(*requirement.model)) return requirement.model;
  *why = "the model in question is " + DigestText(*context.subject) + ", and it does not come from the one named";
  return std::nullopt;
}

namespace {

// Who names the program has looked at the weights that it brings.
bool NamesProgram(const Policy& policy, const Json& job) {
  const auto model = job.find("model");
  const auto program = model->find("program-sha256");
  if (program == model->end()) return false;
  return std::any_of(policy.requirements.begin(), policy.requirements.end(), [&](const Requirement& requirement) {
    const auto it = requirement.job.find("model.program-sha256");
    return it != requirement.job.end() && it->second == CanonicalValue(*program);
  });
}

}  // namespace

std::string LineageObjection(const Context& context, const Lineage& lineage) {
  if (!lineage.missing.empty()) {
    std::vector<std::string> models;
    for (const auto& model : lineage.missing) models.push_back(ShortDigest(model));
    return "no training is stated for " + Join(models, ", ");
  }
  for (const StatementId id : lineage.with_weights) {
    if (NamesProgram(*context.policy, context.graph->Get<statement::TrainingClaim>(id).run.job)) continue;
    return LineText(context, id) +
           " began with the weights in a TorchScript file, whose training nothing states: want a requirement on the "
           "training with job = { \"model.program-sha256\" = … }";
  }
  return "";
}

Outcome EvaluateTraining(const Requirement& requirement, const Context& context) {
  Outcome outcome;
  const auto model = TargetModel(requirement, context, &outcome.seen);
  if (!model) return outcome;
  const ModelNode* node = context.graph->FindModel(*model);
  if (node == nullptr || node->trainings.empty()) {
    outcome.seen = "no training is stated for " + DigestText(*model);
    return outcome;
  }
  outcome.pass = true;
  std::vector<std::string> seen;
  for (const StatementId id : node->trainings) {
    const auto& claim = context.graph->Get<statement::TrainingClaim>(id);
    outcome.statements.push_back(id);
    const std::string objection = JobObjection(requirement, claim.run);
    outcome.pass &= objection.empty();
    seen.push_back(LineText(context, id) + (objection.empty() ? "" : ": " + objection));
  }
  if (requirement.datasets) {
    const Lineage lineage = context.graph->Walk(*model);
    if (const std::string why = LineageObjection(context, lineage); !why.empty()) {
      outcome.pass = false;
      seen.push_back(why);
    }
    for (const TrainedUse& trained : lineage.uses) {
      const auto& allowed = *requirement.datasets;
      if (std::any_of(allowed.begin(), allowed.end(), [&](const auto& id) { return trained.use->file.Is(id); }))
        continue;
      outcome.pass = false;
      seen.push_back("role " + Printable(trained.use->role) + " is " + Printable(trained.use->file.name) + " " +
                     DigestText(trained.use->file.id) + ", not among those named");
    }
  }
  outcome.seen = Join(seen, "; ");
  return outcome;
}

Outcome EvaluateCertification(const Requirement& requirement, const Context& context) {
  Outcome outcome;
  std::vector<statement::DataId> subjects;
  const std::string_view kind = requirement.dataset || requirement.of_training_data ? "dataset" : "model";
  if (requirement.dataset) {
    subjects.push_back(*requirement.dataset);
  } else {
    const auto model = TargetModel(requirement, context, &outcome.seen);
    if (!model) return outcome;
    if (!requirement.of_training_data) subjects.push_back({*model, false});
    if (requirement.of_training_data) {
      const Lineage lineage = context.graph->Walk(*model);
      if (const std::string why = LineageObjection(context, lineage); !why.empty()) {
        outcome.seen = why;
        return outcome;
      }
      for (const TrainedUse& trained : lineage.uses) {
        const auto& roles = requirement.roles;
        if (!roles.empty() && std::find(roles.begin(), roles.end(), trained.use->role) == roles.end()) continue;
        subjects.push_back(trained.use->file.id);
      }
    }
  }
  const auto& certifiers = context.policy->certifiers;
  const auto certifier = std::find_if(certifiers.begin(), certifiers.end(),
                                      [&](const Certifier& each) { return each.name == requirement.certifier; });
  outcome.pass = certifier != certifiers.end() && !subjects.empty();
  if (!outcome.pass) {
    outcome.seen = subjects.empty() ? "no training data in these roles" : "no such certifier";
    return outcome;
  }
  std::vector<std::string> seen;
  for (const auto& subject : subjects) {
    bool certified = false;
    for (const StatementId id : context.graph->certifications()) {
      const auto& claim = context.graph->Get<statement::CertificationClaim>(id);
      if (statement::DataId{claim.subject.sha256, false} != subject || claim.kind != kind) continue;
      std::string why;
      if (!SpeaksFor(*certifier, context.graph->statement(id), context.time, &why)) {
        seen.push_back(LineText(context, id) + ": " + why);
        continue;
      }
      const bool named = requirement.certified_name.empty() || claim.name == requirement.certified_name;
      outcome.statements.push_back(id);
      seen.push_back("\"" + Printable(claim.name) + "\", " + LineText(context, id));
      // One certifier that gives an artifact two names has not given it the one asked for.
      outcome.pass &= named;
      certified |= named;
    }
    if (!certified) {
      outcome.pass = false;
      seen.push_back("nothing that certifies " + DigestText(subject) +
                     (subject.concealed ? ", which is concealed: want an opening" : ""));
    }
  }
  outcome.seen = Join(seen, "; ");
  return outcome;
}

Outcome Evaluate(const Requirement& requirement, const Context& context) {
  Outcome outcome;
  if (requirement.claim == "training") outcome = EvaluateTraining(requirement, context);
  if (requirement.claim == "property") outcome = EvaluateProperty(requirement, context);
  if (requirement.claim == "inference") outcome = EvaluateInference(requirement, context);
  if (requirement.claim == "certification") outcome = EvaluateCertification(requirement, context);
  outcome.wanted = WantedText(requirement);
  return outcome;
}

}  // namespace attestml::policy
