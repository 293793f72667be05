// The sentence that a verifier prints when it accepts (design.md section 1): what the output is, which model made it,
// what that model and all its ancestors were trained on, what was measured, and who computed it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/report.h"
#include "policy/requirements.h"

namespace attestml::policy {

// `answers` are the requirements in the order of the policy, each with its (passing) outcome.
std::string WriteSentence(const Context& context,
                          const std::vector<std::pair<const Requirement*, const Outcome*>>& answers,
                          const std::vector<Attester>& attesters);

}  // namespace attestml::policy
