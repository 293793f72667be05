#include "policy/rows.h"

#include <algorithm>

#include "policy/describe.h"
#include "statement/rows.h"

namespace attestml::policy {
namespace {

std::string Objection(const statement::RowsReading& rows, const statement::DatasetUse& trained) {
  if (rows.selection && trained.selection) return statement::RowsObjection(*rows.selection, *trained.selection);
  if (rows.reading && trained.concealed && *rows.reading == trained.concealed->reading) return "";
  return "whether the rows are read as the training data is concealed: want an opening";
}

}  // namespace

std::string RowsObjection(const ClaimGraph& graph, const statement::InferenceClaim& claim) {
  const ModelNode* node = graph.FindModel(claim.model.sha256);
  if (node == nullptr || node->trainings.empty()) {
    return "no training of " + ArtifactText(claim.model) + " is stated, to show how its rows are read";
  }
  for (const StatementId id : node->trainings) {
    for (const auto& use : graph.Get<statement::TrainingClaim>(id).datasets) {
      if (use.role != "train") continue;
      if (std::string why = Objection(claim.rows, use); !why.empty()) return why;
    }
  }
  return "";
}

bool NamesRows(const Policy& policy, const statement::InferenceClaim& claim) {
  return std::any_of(policy.requirements.begin(), policy.requirements.end(), [&](const Requirement& requirement) {
    return requirement.claim == "inference" && requirement.selection && claim.rows.SelectionIs(*requirement.selection);
  });
}

void CheckRows(const Context& context, CheckList* checks) {
  if (!context.inference) return;
  const auto& claim = context.graph->Get<statement::InferenceClaim>(*context.inference);
  const std::string selection = "selection " + DigestText(claim.rows.selection_id);
  if (NamesRows(*context.policy, claim)) {
    checks->Add("policy.inference.reading", true, selection, "the rows read as the policy says");
    return;
  }
  const std::string why = RowsObjection(*context.graph, claim);
  checks->Add("policy.inference.reading", why.empty(), why.empty() ? selection : selection + ": " + why,
              "the rows read as the model's training data, or selection = \"…\" in the requirement on the inference");
}

}  // namespace attestml::policy
