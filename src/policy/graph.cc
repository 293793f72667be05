#include "policy/graph.h"

#include <algorithm>
#include <set>

#include "policy/describe.h"

namespace attestml::policy {
namespace {

template <typename Node>
Node& Named(std::map<crypto::Digest256, Node>& nodes, const statement::ArtifactRef& artifact) {
  Node& node = nodes[artifact.sha256];
  if (node.name.empty()) node.name = artifact.name;
  return node;
}

template <typename Node>
const Node* Find(const std::map<crypto::Digest256, Node>& nodes, const crypto::Digest256& digest) {
  const auto it = nodes.find(digest);
  return it == nodes.end() ? nullptr : &it->second;
}

}  // namespace

bool Lineage::Contains(const crypto::Digest256& model) const {
  return std::find(models.begin(), models.end(), model) != models.end();
}

ClaimGraph::ClaimGraph(const verify::VerifiedBundle& bundle, const std::vector<bool>& usable) : bundle_(&bundle) {
  for (StatementId id = 0; id < bundle.statements().size(); ++id) {
    if (usable[id]) Add(id);
  }
}

void ClaimGraph::Add(StatementId id) {
  const statement::Claim& claim = bundle_->statements()[id].claim;
  if (const auto* training = std::get_if<statement::TrainingClaim>(&claim)) {
    Named(models_, training->model).trainings.push_back(id);
    if (training->initial_model) Named(models_, *training->initial_model);
    if (training->checkpoint) Named(models_, *training->checkpoint);
  } else if (const auto* property = std::get_if<statement::PropertyClaim>(&claim)) {
    properties_.push_back(id);
    if (property->model) Named(models_, *property->model).properties.push_back(id);
  } else if (const auto* inference = std::get_if<statement::InferenceClaim>(&claim)) {
    inferences_.push_back(id);
    Named(models_, inference->model).inferences.push_back(id);
  } else if (const auto* certification = std::get_if<statement::CertificationClaim>(&claim)) {
    certifications_.push_back(id);
    if (certification->kind == "model") {
      Named(models_, certification->subject).certifications.push_back(id);
    }
  }
}

const ModelNode* ClaimGraph::FindModel(const crypto::Digest256& digest) const { return Find(models_, digest); }

std::vector<crypto::Digest256> ClaimGraph::Heads() const {
  std::set<crypto::Digest256> ancestors;
  for (const auto& [digest, node] : models_) {
    for (const StatementId id : node.trainings) {
      const auto& training = Get<statement::TrainingClaim>(id);
      if (training.initial_model) ancestors.insert(training.initial_model->sha256);
      if (training.checkpoint) ancestors.insert(training.checkpoint->sha256);
    }
  }
  // A certification names a model and says nothing of what became of it: it makes a head only where nothing else does.
  std::vector<crypto::Digest256> heads, named;
  for (const auto& [digest, node] : models_) {
    if (ancestors.contains(digest)) continue;
    const bool worked_with = !node.trainings.empty() || !node.properties.empty() || !node.inferences.empty();
    (worked_with ? heads : named).push_back(digest);
  }
  return heads.empty() ? named : heads;
}

bool RunsProgram(const statement::Run& run) {
  const Json& job = run.job;
  if (!job.is_object()) return false;
  const auto model = job.find("model");
  if (model == job.end() || !model->is_object()) return false;
  const auto kind = model->find("kind");
  return kind != model->end() && *kind == Json("torchscript");
}

bool BringsWeights(const statement::TrainingClaim& training) { return RunsProgram(training.run); }

std::optional<ClaimGraph::Progress> ClaimGraph::ProgressAt(const crypto::Digest256& checkpoint) const {
  const ModelNode* node = FindModel(checkpoint);
  if (node == nullptr) return std::nullopt;
  std::optional<Progress> found;
  for (const StatementId id : node->trainings) {
    const auto& training = Get<statement::TrainingClaim>(id);
    const Progress progress{JobId(training.run), training.steps};
    if (found && *found != progress) return std::nullopt;
    found = progress;
  }
  return found;
}

Lineage ClaimGraph::Walk(const crypto::Digest256& model) const {
  Lineage lineage;
  lineage.models.push_back(model);
  // Each checkpoint once: a bundle may state it any number of times.
  std::map<crypto::Digest256, std::optional<Progress>> progress;
  // `models` doubles as the queue; a model is walked once, so a cycle ends.
  for (std::size_t next = 0; next < lineage.models.size(); ++next) {
    const crypto::Digest256 digest = lineage.models[next];
    const ModelNode* node = FindModel(digest);
    if (node == nullptr || node->trainings.empty()) {
      lineage.missing.push_back(digest);
      continue;
    }
    for (const StatementId id : node->trainings) {
      lineage.trainings.push_back(id);
      const auto& training = Get<statement::TrainingClaim>(id);
      if (BringsWeights(training)) lineage.with_weights.push_back(id);
      for (const auto& use : training.datasets) lineage.uses.push_back({&use, id, digest});
      if (training.checkpoint) {
        const crypto::Digest256& checkpoint = training.checkpoint->sha256;
        auto [known, fresh] = progress.try_emplace(checkpoint);
        if (fresh) known->second = ProgressAt(checkpoint);
        if (known->second != Progress{JobId(training.run), training.checkpoint_steps}) {
          lineage.missing.push_back(checkpoint);
        }
        if (!lineage.Contains(checkpoint)) lineage.models.push_back(checkpoint);
      }
      if (training.initial_model && !lineage.Contains(training.initial_model->sha256)) {
        lineage.models.push_back(training.initial_model->sha256);
      }
    }
  }
  return lineage;
}

}  // namespace attestml::policy
