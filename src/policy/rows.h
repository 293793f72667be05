// Whether the rows of an inference were read as its model learned to read: else the answer is to another input than the
// one that was sent.
#pragma once

#include <string>

#include "policy/check_list.h"
#include "policy/graph.h"
#include "policy/policy.h"
#include "policy/requirements.h"

namespace attestml::policy {

// RowsObjection says why nothing shows that the rows were read as in the training of the model; "" when every training
// that is stated for it shows it.
std::string RowsObjection(const ClaimGraph& graph, const statement::InferenceClaim& claim);

// Whether a requirement on the answer names how its rows are read.
bool NamesRows(const Policy& policy, const statement::InferenceClaim& claim);

// policy.inference.reading, of the inference in question.
void CheckRows(const Context& context, CheckList* checks);

}  // namespace attestml::policy
