// The requirements that a starting policy proposes: a few from each statement, with bounds that its own numbers meet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/graph.h"

namespace attestml::policy {

struct Proposal {
  std::string text;  // one [[require]] table, with its id
  std::string id;
  bool fallback = false;  // proposed only when the first one of its kind is not met
};

// `subject` is the model the policy will be about.
std::vector<Proposal> ProposeRequirements(const ClaimGraph& graph, const std::optional<crypto::Digest256>& subject);

}  // namespace attestml::policy
