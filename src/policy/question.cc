#include "policy/question.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "policy/describe.h"
#include "policy/rows.h"

namespace attestml::policy {
namespace {

using statement::InferenceClaim;

// Compared as bytes: an empty nonce is never one.
bool SameNonce(const std::string& stated, const Bytes& asked) {
  const auto bytes = HexDecode(stated);
  return bytes.ok() && !asked.empty() && *bytes == asked;
}

std::string NonceText(const Bytes& nonce) { return nonce.empty() ? "an empty nonce" : "nonce " + HexEncode(nonce); }

const statement::Run* RunOf(const statement::Claim& claim) {
  if (const auto* training = std::get_if<statement::TrainingClaim>(&claim)) return &training->run;
  if (const auto* property = std::get_if<statement::PropertyClaim>(&claim)) return &property->run;
  if (const auto* inference = std::get_if<InferenceClaim>(&claim)) return &inference->run;
  return nullptr;
}

// Keeps the statements for which `keep` holds.
template <typename Keep>
std::vector<StatementId> Narrow(const Context& context, const std::vector<StatementId>& from, Keep keep) {
  std::vector<StatementId> kept;
  for (const StatementId id : from) {
    if (keep(context.graph->Get<InferenceClaim>(id))) kept.push_back(id);
  }
  return kept;
}

std::string Texts(const std::set<crypto::Digest256>& models) {
  std::vector<std::string> parts;
  for (const auto& model : models) parts.push_back(DigestText(model));
  return parts.empty() ? "none" : Join(parts, ", ");
}

// The heads whose lineage holds every model that a requirement names.
std::set<crypto::Digest256> Candidates(const Context& context) {
  std::set<crypto::Digest256> candidates;
  for (const auto& head : context.graph->Heads()) {
    const Lineage lineage = context.graph->Walk(head);
    const auto& requirements = context.policy->requirements;
    const bool all = std::all_of(requirements.begin(), requirements.end(), [&](const Requirement& requirement) {
      return !requirement.model || lineage.Contains(*requirement.model);
    });
    if (all) candidates.insert(head);
  }
  return candidates;
}

void WalkLineage(bool training_needed, Context* context, CheckList* checks, std::vector<std::string>* notes) {
  context->lineage = context->graph->Walk(*context->subject);
  const Lineage& lineage = context->lineage;
  if (lineage.missing.empty()) {
    checks->Add(
        "policy.missing_edge", true,
        std::to_string(lineage.models.size()) + (lineage.models.size() == 1 ? " model" : " models") + " down to data",
        "the training of every model of the lineage");
    return;
  }
  for (const auto& model : lineage.missing) {
    const bool ancestor = model != *context->subject;
    const std::string seen =
        "no training is stated for " + std::string(ancestor ? "initial model " : "model ") + DigestText(model);
    const std::string wanted = "the training of every model of the lineage";
    // A model whose own training is not claimed is a lesser claim; one that hides where it started from is a false one.
    if (ancestor || training_needed) {
      checks->Add("policy.missing_edge", false, seen, wanted);
    } else {
      checks->NotChecked("policy.missing_edge", seen, wanted + ", when a requirement needs it");
      notes->push_back(seen);
    }
  }
}

}  // namespace

void FindInference(const Question& question, Context* context, CheckList* checks) {
  if (!question.input && !question.output) return;
  if (!question.output) {
    checks->Add("policy.output", false, "no output given", "the output that answers this input");
    return;
  }
  if (!question.input) {
    checks->Add("policy.input", false, "no input given", "the input that this output answers");
    return;
  }
  const auto all = context->graph->inferences();
  auto found = Narrow(*context, {all.begin(), all.end()},
                      [&](const InferenceClaim& claim) { return claim.output.sha256 == *question.output; });
  if (!checks->Add("policy.output", !found.empty(), DigestText(*question.output), "the output of a stated inference")) {
    return;
  }
  found = Narrow(*context, found, [&](const InferenceClaim& claim) { return claim.input.sha256 == *question.input; });
  if (!checks->Add("policy.input", !found.empty(), DigestText(*question.input),
                   "the input of the inference with this output")) {
    return;
  }
  if (question.nonce) {
    found = Narrow(*context, found,
                   [&](const InferenceClaim& claim) { return SameNonce(claim.run.nonce, *question.nonce); });
    if (!checks->Add("policy.nonce", !found.empty(), NonceText(*question.nonce),
                     "the nonce that the inference states")) {
      return;
    }
  }
  std::set<crypto::Digest256> models;
  for (const StatementId id : found) models.insert(context->graph->Get<InferenceClaim>(id).model.sha256);
  if (question.model) {
    found = Narrow(*context, found, [&](const InferenceClaim& claim) { return claim.model.sha256 == *question.model; });
    if (!checks->Add("policy.model", !found.empty(), DigestText(*question.model),
                     "the model of this inference, " + Texts(models))) {
      return;
    }
  } else if (models.size() > 1) {
    checks->Add("policy.model", false, "this output is stated for models " + Texts(models), "one model");
    return;
  }
  // Equal answers under several readings: one that is shown to be the model's is as true as if it stood alone.
  const auto shown = std::find_if(found.begin(), found.end(), [&](StatementId id) {
    const auto& claim = context->graph->Get<InferenceClaim>(id);
    return NamesRows(*context->policy, claim) || RowsObjection(*context->graph, claim).empty();
  });
  context->inference = shown == found.end() ? found.front() : *shown;
  CheckRows(*context, checks);
}

void FindSubject(const Question& question, Context* context, CheckList* checks, std::vector<std::string>* notes) {
  const auto& requirements = context->policy->requirements;
  const bool needed = question.model || std::any_of(requirements.begin(), requirements.end(), NeedsModel);
  const bool training_needed = std::any_of(requirements.begin(), requirements.end(), NeedsTraining);
  const std::string wanted = "one model that verified statements are about";
  if (question.model) {
    const bool known = context->graph->FindModel(*question.model) != nullptr;
    if (!checks->Add("policy.model", known, DigestText(*question.model), wanted)) return;
    context->subject = question.model;
  } else if (context->inference) {
    context->subject = context->graph->Get<InferenceClaim>(*context->inference).model.sha256;
    checks->Add("policy.model", true, DigestText(*context->subject), "the model of the inference in question");
  } else {
    const auto candidates = Candidates(*context);
    if (candidates.size() == 1) {
      context->subject = *candidates.begin();
      checks->Add("policy.model", true, DigestText(*context->subject), wanted);
    } else if (needed) {
      checks->Add("policy.model", false,
                  candidates.empty() ? "no such model" : "which of several? " + Texts(candidates), wanted);
    } else if (!candidates.empty()) {
      checks->NotChecked("policy.model", "which of several? " + Texts(candidates), "no requirement is about a model");
    }
  }
  if (context->subject) WalkLineage(training_needed, context, checks, notes);
}

void CheckDatasets(const Question& question, const Context& context, const std::vector<Outcome>& outcomes,
                   CheckList* checks) {
  if (question.datasets.empty()) return;
  std::set<statement::DataId> known;
  const auto add = [&](const statement::PropertyClaim& claim) {
    if (claim.dataset) known.insert(claim.dataset->file.id);
    for (const auto& reference : claim.references) known.insert(reference.file.id);
  };
  for (const TrainedUse& trained : context.lineage.uses) known.insert(trained.use->file.id);
  for (const auto& model : context.lineage.models) {
    const ModelNode* node = context.graph->FindModel(model);
    if (node == nullptr) continue;
    for (const StatementId id : node->properties) add(context.graph->Get<statement::PropertyClaim>(id));
  }
  for (const Outcome& outcome : outcomes) {
    if (!outcome.pass) continue;
    for (const Match& match : outcome.matches) add(*match.claim);
    for (const StatementId id : outcome.statements) {
      const auto* claim = std::get_if<statement::CertificationClaim>(&context.graph->statement(id).claim);
      if (claim != nullptr && claim->kind == "dataset") known.insert({claim->subject.sha256, false});
    }
  }
  for (const auto& dataset : question.datasets) {
    const bool some = std::any_of(known.begin(), known.end(), [](const auto& id) { return id.concealed; });
    const bool found = known.contains({dataset, false});
    checks->Add("policy.dataset", found,
                DigestText(dataset) + (some && !found ? "; others are concealed: want an opening" : ""),
                "a dataset that the model in question, or an answered requirement, rests on");
  }
}

void CheckNonce(const Question& question, const Context& context, const std::vector<Outcome>& outcomes,
                CheckList* checks) {
  if (!question.nonce || question.input || question.output) return;
  std::set<StatementId> used;
  for (const Outcome& outcome : outcomes) used.insert(outcome.statements.begin(), outcome.statements.end());
  std::size_t attested = 0;
  std::vector<std::string> stale;
  for (const StatementId id : used) {
    const statement::Run* run = RunOf(context.graph->statement(id).claim);
    if (run == nullptr) continue;
    ++attested;
    if (!SameNonce(run->nonce, *question.nonce)) stale.push_back(LineText(context, id));
  }
  const bool pass = attested > 0 && stale.empty();
  checks->Add(
      "policy.nonce", pass,
      stale.empty() ? std::to_string(attested) + " statements made for it" : "not stated by " + Join(stale, ", "),
      NonceText(*question.nonce) + " in every statement that a requirement rests on");
}

}  // namespace attestml::policy
