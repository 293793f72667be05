// The claim graph: artifacts by digest, and the verified statements that join them.
//
//     output ── inference ──► model ── training ──► dataset(s) in each role
//                               │ └──────────────► initial model, checkpoint ── training ──► …
//                               └── property, certification      (and the same at datasets)
//
// A node exists because a statement names it; an edge because a statement says it. What is missing is said, never
// assumed.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/digest.h"
#include "verify/bundle.h"

namespace attestml::policy {

// Statements are named by their position in VerifiedBundle::statements().
using StatementId = std::size_t;

struct ModelNode {
  std::string name;  // as the first statement calls it; the digest is what counts
  std::vector<StatementId> trainings, properties, inferences, certifications;
};

// One dataset that shaped a model: which training used it, for which model of the lineage.
struct TrainedUse {
  const statement::DatasetUse* use = nullptr;
  StatementId training = 0;
  crypto::Digest256 model{};
};

// Whether the model of the run's job is a TorchScript program.
bool RunsProgram(const statement::Run& run);
// Whether the training began with weights that its model's program file brings.
bool BringsWeights(const statement::TrainingClaim& training);

// A model and all it came from.
struct Lineage {
  std::vector<crypto::Digest256> models;  // the model first, then its ancestors, nearest first
  std::vector<StatementId> trainings;
  std::vector<TrainedUse> uses;            // every dataset in every role, the ancestors' included
  std::vector<crypto::Digest256> missing;  // models of the lineage whose training nothing states
  // Trainings that began with the weights in a TorchScript file: what those were trained on, nothing states.
  std::vector<StatementId> with_weights;
  bool Contains(const crypto::Digest256& model) const;
};

// ClaimGraph borrows from the bundle. It holds the statements for which `usable` is true and no others.
class ClaimGraph {
 public:
  ClaimGraph(const verify::VerifiedBundle& bundle, const std::vector<bool>& usable);

  const ModelNode* FindModel(const crypto::Digest256& digest) const;
  const std::map<crypto::Digest256, ModelNode>& models() const { return models_; }
  std::span<const StatementId> inferences() const { return inferences_; }
  std::span<const StatementId> properties() const { return properties_; }
  std::span<const StatementId> certifications() const { return certifications_; }

  // Models that are neither the initial model nor a checkpoint of another one.
  std::vector<crypto::Digest256> Heads() const;
  Lineage Walk(const crypto::Digest256& model) const;

  // The claim of a statement, which must be of this type.
  template <typename T>
  const T& Get(StatementId id) const {
    return std::get<T>(bundle_->statements()[id].claim);
  }
  const verify::VerifiedStatement& statement(StatementId id) const { return bundle_->statements()[id]; }

 private:
  void Add(StatementId id);
  // The job that made a checkpoint and the step it stands at; nothing when no training says, or several differently.
  using Progress = std::pair<statement::DataId, std::uint64_t>;
  std::optional<Progress> ProgressAt(const crypto::Digest256& checkpoint) const;

  const verify::VerifiedBundle* bundle_;
  std::map<crypto::Digest256, ModelNode> models_;
  std::vector<StatementId> inferences_, properties_, certifications_;
};

}  // namespace attestml::policy
