// Statements that cannot all be true.
#pragma once

#include <string>
#include <vector>

#include "policy/graph.h"

namespace attestml::policy {

struct Contradiction {
  std::string about;  // what two statements disagree on
  std::string seen;   // what each says, with its line
};

// Two values for one question (property, parameters, model, predictions, dataset, selection, references, metric,
// qualifiers); two contents for one selection of one file; two trainings that both end in one model. Sampling that the
// verifier's nonce seeds is part of the question. Looks at every usable statement, asked about or not.
std::vector<Contradiction> FindContradictions(const ClaimGraph& graph);

}  // namespace attestml::policy
