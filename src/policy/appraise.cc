#include <algorithm>
#include <set>

#include "base/hex.h"
#include "policy/as_of.h"
#include "policy/check_list.h"
#include "policy/contradictions.h"
#include "policy/describe.h"
#include "policy/programs.h"
#include "policy/question.h"
#include "policy/report.h"
#include "policy/requirements.h"
#include "policy/sentence.h"

namespace attestml::policy {
namespace {

std::vector<Attester> ListAttesters(const verify::VerifiedBundle& bundle, const Policy& policy) {
  std::vector<Attester> attesters;
  const std::vector<bool> used = EvidenceInUse(bundle);
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    const auto& evidence = bundle.evidence()[i].evidence;
    const Program* program = FindProgram(policy, evidence);
    Attester attester{evidence.tee(),
                      evidence.format(),
                      program == nullptr ? "" : program->name,
                      HexEncode(evidence.measurement()),
                      HexEncode(evidence.root()),
                      evidence.tcb_status(),
                      evidence.debug(),
                      evidence.simulated()};
    const bool known = std::any_of(attesters.begin(), attesters.end(), [&](const Attester& other) {
      return other.tee == attester.tee && other.measurement == attester.measurement && other.root == attester.root &&
             other.tcb_status == attester.tcb_status && other.debug == attester.debug;
    });
    if (!known) attesters.push_back(std::move(attester));
  }
  return attesters;
}

void CheckContradictions(const ClaimGraph& graph, CheckList* checks) {
  const auto found = FindContradictions(graph);
  for (const Contradiction& each : found) {
    checks->Add("policy.contradiction", false, each.about + ": " + each.seen, "one answer to one question");
  }
  if (found.empty()) checks->Add("policy.contradiction", true, "none", "one answer to one question");
}

// Overlap requirements come second: which selections are tests is known from the answers of the others.
std::vector<Outcome> EvaluateAll(const Policy& policy, const Context& context, CheckList* checks) {
  const auto& requirements = policy.requirements;
  if (requirements.empty()) checks->Add("policy.require", false, "no requirement", "at least one [[require]]");
  std::vector<Outcome> outcomes(requirements.size());
  std::vector<Match> tests;
  for (std::size_t i = 0; i < requirements.size(); ++i) {
    if (IsTrainingOverlap(requirements[i])) continue;
    outcomes[i] = Evaluate(requirements[i], context);
    if (requirements[i].predictions == "model") {
      tests.insert(tests.end(), outcomes[i].matches.begin(), outcomes[i].matches.end());
    }
  }
  for (std::size_t i = 0; i < requirements.size(); ++i) {
    if (IsTrainingOverlap(requirements[i])) outcomes[i] = EvaluateOverlap(requirements[i], context, tests);
    checks->Add("policy.require." + requirements[i].id, outcomes[i].pass, outcomes[i].seen, outcomes[i].wanted);
  }
  return outcomes;
}

std::set<StatementId> UsedStatements(const Context& context, const std::vector<Outcome>& outcomes) {
  std::set<StatementId> used(context.lineage.trainings.begin(), context.lineage.trainings.end());
  for (const Outcome& outcome : outcomes) used.insert(outcome.statements.begin(), outcome.statements.end());
  if (context.inference) used.insert(*context.inference);
  return used;
}

// What the policy left to the statements: the target, how training data is read, and column names that the file does
// not bear out.
void NoteWhatIsOpen(const Policy& policy, const std::vector<Outcome>& outcomes, Report* report) {
  std::set<statement::DataId> told;
  bool targets = false;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (policy.requirements[i].selection) continue;
    for (const Match& match : outcomes[i].matches) {
      const auto& use = *match.claim->dataset;
      const bool of_predictions = policy.requirements[i].predictions == "model";
      if (of_predictions && policy.requirements[i].target.empty() && !targets && use.selection &&
          use.selection->target) {
        targets = true;
        report->notes.push_back("the policy names no target: the numbers are about predictions of " +
                                Printable(use.selection->target->column) + ", which is what the model was trained for");
      }
      if (!use.selection || use.selection->format.header || !told.insert(use.file.id).second) continue;
      report->notes.push_back(ArtifactText(use.file) +
                              " has no header: its column names are those of the job, and no selection in the policy "
                              "pins them");
    }
  }
}

// Statements that nothing rests on are told, and refused when the policy wants none.
void ListClaims(const verify::VerifiedBundle& bundle, const Policy& policy, const std::set<StatementId>& used,
                CheckList* checks, Report* report) {
  for (StatementId id = 0; id < bundle.statements().size(); ++id) {
    const auto& statement = bundle.statements()[id];
    const std::string kind(statement::ClaimKind(statement.claim));
    const std::string summary = ClaimText(statement.claim);
    report->claims.push_back({statement.index, kind, summary, used.contains(id), &statement.claim});
    if (used.contains(id)) continue;
    const std::string line = "line " + std::to_string(statement.index + 1);
    if (kind == "unknown") {
      report->notes.push_back(line + ": " + summary + "; ignored");
      continue;
    }
    report->notes.push_back("nobody asked about " + line + ": " + kind + " " + summary);
    if (!policy.allow_unrequired) {
      checks->Add("policy.unrequired", false, line + ": " + kind, "only statements that a requirement rests on");
    }
  }
}

}  // namespace

Report Appraise(const verify::VerifiedBundle& bundle, const Policy& policy, const Question& question) {
  Report report;
  report.time = bundle.time();
  report.time_source = question.time_source;
  report.policy_digest = policy.digest;
  report.attesters = ListAttesters(bundle, policy);
  for (const Attester& attester : report.attesters) {
    report.simulated |= attester.simulated;
    if (std::find(report.tees.begin(), report.tees.end(), attester.tee) == report.tees.end()) {
      report.tees.push_back(attester.tee);
    }
  }

  CheckList checks;
  report.as_of = CheckTime(bundle, policy, question, &checks);
  const ClaimGraph graph(bundle, AppraisePrograms(bundle, policy, &checks));
  CheckContradictions(graph, &checks);

  Context context;
  context.policy = &policy;
  context.graph = &graph;
  context.time = bundle.time();
  FindInference(question, &context, &checks);
  FindSubject(question, &context, &checks, &report.notes);
  report.model = context.subject;

  const std::vector<Outcome> outcomes = EvaluateAll(policy, context, &checks);
  CheckDatasets(question, context, outcomes, &checks);
  CheckNonce(question, context, outcomes, &checks);
  ListClaims(bundle, policy, UsedStatements(context, outcomes), &checks, &report);

  NoteWhatIsOpen(policy, outcomes, &report);

  report.checks = checks.checks();
  // An empty policy has failed policy.require above; said again here because everything hangs on it.
  const bool accepted = !policy.requirements.empty() && !checks.AnyFailed();
  report.verdict = accepted ? Verdict::kAccepted : Verdict::kRejected;
  if (accepted) {
    std::vector<std::pair<const Requirement*, const Outcome*>> answers;
    for (std::size_t i = 0; i < outcomes.size(); ++i) answers.emplace_back(&policy.requirements[i], &outcomes[i]);
    report.sentence = WriteSentence(context, answers, report.attesters);
  }
  return report;
}

}  // namespace attestml::policy
