// What the relying party holds, found in the claim graph: the model, its inference, its datasets.
#pragma once

#include <vector>

#include "policy/check_list.h"
#include "policy/report.h"
#include "policy/requirements.h"

namespace attestml::policy {

// Finds the inference that input and output (and nonce, when there is one) name together, never one of them alone.
// Checks policy.input, policy.output, policy.nonce, policy.model.
void FindInference(const Question& question, Context* context, CheckList* checks);

// Finds the model in question: the one given, else that of the inference, else the only one that is no initial model of
// another and has the models that the policy names in its lineage. Several, or one that nothing speaks of, fail where a
// requirement (or the question) needs one. Check policy.model. Then walks its lineage; check policy.missing_edge.
void FindSubject(const Question& question, Context* context, CheckList* checks, std::vector<std::string>* notes);

// Every dataset given must be one that the model in question, or a requirement that passed, rests on. Check
// policy.dataset.
void CheckDatasets(const Question& question, const Context& context, const std::vector<Outcome>& outcomes,
                   CheckList* checks);

// A nonce without an inference asks that every attested statement that a requirement rests on was made for it: a nonce
// in evidence shows only that the key was alive. Check policy.nonce.
void CheckNonce(const Question& question, const Context& context, const std::vector<Outcome>& outcomes,
                CheckList* checks);

}  // namespace attestml::policy
