#include "policy/sentence.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "policy/comparison.h"
#include "policy/describe.h"
#include "statement/vocabulary.h"

namespace attestml::policy {
namespace {

using Answers = std::vector<std::pair<const Requirement*, const Outcome*>>;

std::string Number(const statement::MetricResult& result) {
  std::string text = result.value;
  if (result.interval) {
    text +=
        " (" + result.interval->level + " interval " + result.interval->lower + " to " + result.interval->upper + ")";
  }
  return text;
}

// Numbers about one selection of a file that requirements rest on: "P(sex=Female) = 0.33, …".
std::string NumbersAbout(const Answers& answers, const statement::DatasetUse& use, std::set<const void*>* told) {
  std::vector<std::string> parts;
  for (const auto& [requirement, outcome] : answers) {
    if (requirement->claim != "property" || requirement->predictions == "model" || IsTrainingOverlap(*requirement))
      continue;
    for (const Match& match : outcome->matches) {
      const auto& data = *match.claim->dataset;
      if (data.file.sha256 != use.file.sha256 || data.selection_digest != use.selection_digest) continue;
      if (!told->insert(match.result).second) continue;
      std::string text = ResultText(*match.result);
      if (!match.claim->references.empty()) text += " against " + DatasetText(match.claim->references.front());
      parts.push_back(text + " = " + Number(*match.result));
    }
  }
  return Join(parts, ", ");
}

std::string TrainingText(const Answers& answers, const statement::TrainingClaim& claim, std::set<const void*>* told) {
  std::vector<std::string> uses;
  for (const auto& use : claim.datasets) {
    std::string text = DatasetText(use) + " (role " + Printable(use.role);
    const std::string numbers = NumbersAbout(answers, use, told);
    if (!numbers.empty()) text += "; " + numbers;
    uses.push_back(text + ")");
  }
  std::string text = "was trained on " + Join(uses, " and ") + " with recipe " +
                     ShortDigest(statement::JobDigest(claim.run.job)) + " (" + std::to_string(claim.epochs) +
                     " epochs, " + std::to_string(claim.steps) + " steps)";
  if (claim.initial_model) text += ", starting from " + ArtifactText(*claim.initial_model);
  return text;
}

std::string NameOf(const Context& context, const crypto::Digest256& model) {
  const ModelNode* node = context.graph->FindModel(model);
  return ArtifactText({node == nullptr ? "model" : node->name, model});
}

// The subject and each of its ancestors, nearest first.
void TellLineage(const Context& context, const Answers& answers, std::set<const void*>* told,
                 std::vector<std::string>* parts) {
  for (const auto& model : context.lineage.models) {
    const ModelNode* node = context.graph->FindModel(model);
    const std::string name = NameOf(context, model);
    if (node == nullptr || node->trainings.empty()) {
      parts->push_back("how " + name + " was trained is not claimed");
      continue;
    }
    const auto& claim = context.graph->Get<statement::TrainingClaim>(node->trainings.front());
    parts->push_back(name + " " + TrainingText(answers, claim, told));
  }
}

void TellMeasured(const Context& context, const Answers& answers, std::set<const void*>* told,
                  std::vector<std::string>* parts) {
  for (const auto& [requirement, outcome] : answers) {
    for (const Match& match : outcome->matches) {
      const auto& claim = *match.claim;
      if (!told->insert(match.result).second) continue;
      std::string subject;
      if (claim.model) {
        subject = NameOf(context, claim.model->sha256) + " has " + ResultText(*match.result) + " = " +
                  Number(*match.result) + " on " + DatasetText(*claim.dataset);
      } else {
        subject =
            DatasetText(*claim.dataset) + (claim.predictions.empty() ? "" : ", " + Printable(claim.predictions) + ",");
        subject +=
            " has " + Printable(claim.property) + " " + ResultText(*match.result) + " = " + Number(*match.result);
        std::vector<std::string> references;
        for (const auto& reference : claim.references) references.push_back(DatasetText(reference));
        if (!references.empty()) subject += " against " + Join(references, " and ");
      }
      parts->push_back(subject);
    }
  }
}

void TellCertified(const Context& context, const Answers& answers, std::vector<std::string>* parts) {
  for (const auto& [requirement, outcome] : answers) {
    if (requirement->claim != "certification") continue;
    for (const StatementId id : outcome->statements) {
      const auto& claim = context.graph->Get<statement::CertificationClaim>(id);
      parts->push_back(Printable(requirement->certifier) + " certifies " + claim.kind + " " +
                       ArtifactText(claim.subject) + " as \"" + Printable(claim.name) + "\"");
    }
  }
}

std::string ComputedBy(const std::vector<Attester>& attesters) {
  std::vector<std::string> programs;
  std::set<std::string> seen;
  bool simulated = false;
  for (const Attester& attester : attesters) {
    simulated |= attester.simulated;
    std::string text = Printable(attester.program) + " (" + attester.measurement.substr(0, 16) + "…) in TEE " +
                       (attester.simulated ? "simulated SGX" : attester.tee);
    if (!attester.tcb_status.empty()) text += ", TCB " + attester.tcb_status;
    if (attester.debug) text += ", debug enclave";
    if (seen.insert(text).second) programs.push_back(text);
  }
  if (programs.empty()) return "";
  return "all of it was computed by program " + Join(programs, " and ") +
         (simulated ? " (SIMULATED: no hardware protection)" : "");
}

}  // namespace

std::string WriteSentence(const Context& context, const Answers& answers, const std::vector<Attester>& attesters) {
  std::vector<std::string> parts;
  std::set<const void*> told;
  if (context.inference) {
    const auto& claim = context.graph->Get<statement::InferenceClaim>(*context.inference);
    parts.push_back("this output " + ArtifactText(claim.output) + " is the result of applying model " +
                    ArtifactText(claim.model) + " to input " + ArtifactText(claim.input) +
                    (claim.run.nonce.empty() ? "" : " for nonce " + claim.run.nonce));
  }
  if (context.subject) TellLineage(context, answers, &told, &parts);
  TellMeasured(context, answers, &told, &parts);
  TellCertified(context, answers, &parts);
  const std::string computed = ComputedBy(attesters);
  if (!computed.empty()) parts.push_back(computed);
  std::string text = Join(parts, "; ") + ".";
  if (text[0] >= 'a' && text[0] <= 'z' && context.inference) text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace attestml::policy
