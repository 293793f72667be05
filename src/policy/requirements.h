// One requirement against the claim graph: which statements answer it, and whether all of them satisfy it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/graph.h"
#include "policy/policy.h"

namespace attestml::policy {

// What requirements are held against. Borrows all of it.
struct Context {
  const Policy* policy = nullptr;
  const ClaimGraph* graph = nullptr;
  std::optional<crypto::Digest256> subject;  // the model in question
  Lineage lineage;                           // of the subject; empty without one
  std::optional<StatementId> inference;      // the one that input, output and nonce together name
  Time time;
};

// A number that answers a requirement.
struct Match {
  StatementId statement = 0;
  const statement::PropertyClaim* claim = nullptr;
  const statement::MetricResult* result = nullptr;
};

struct Outcome {
  bool pass = false;
  std::string seen, wanted;
  std::vector<StatementId> statements;  // those that answer it, good or bad
  std::vector<Match> matches;
};

// Whether the requirement speaks of a model, and whether of its training.
bool NeedsModel(const Requirement& requirement);
bool NeedsTraining(const Requirement& requirement);
// Whether it is an overlap with the training data, which Evaluate leaves to EvaluateOverlap.
bool IsTrainingOverlap(const Requirement& requirement);

Outcome Evaluate(const Requirement& requirement, const Context& context);

// The test selections are those the requirement names or, when it names none, those in `matches`, on which the policy's
// other requirements rest. Each must be shown to overlap with every selection of every role of every training in the
// lineage only as far as the requirement allows: what was not compared does not pass, so that early stopping on the
// test set shows.
Outcome EvaluateOverlap(const Requirement& requirement, const Context& context, const std::vector<Match>& matches);

// Parts of Evaluate, one file each.
Outcome EvaluateProperty(const Requirement& requirement, const Context& context);
Outcome EvaluateTraining(const Requirement& requirement, const Context& context);
Outcome EvaluateCertification(const Requirement& requirement, const Context& context);

// The model a requirement is about: its own, which must be in the lineage of the subject, else the subject. Nothing,
// with the reason in `why`, when there is none.
std::optional<crypto::Digest256> TargetModel(const Requirement& requirement, const Context& context, std::string* why);

// Why what the lineage was trained on is not known, "" when it is: a training is not stated, or began with the weights
// in a file whose program no requirement on the training names (job key "model.program-sha256").
std::string LineageObjection(const Context& context, const Lineage& lineage);

// Why a number does not satisfy the requirement; "" when it does.
std::string Objection(const Requirement& requirement, const statement::MetricResult& result);

// What the requirement wants, in words.
std::string WantedText(const Requirement& requirement);

// "line 3"
std::string LineText(const Context& context, StatementId id);

}  // namespace attestml::policy
