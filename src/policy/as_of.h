// As of when, and by whose word (design.md section 5, "Time"; spec/policy.md 6.1).
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "policy/check_list.h"
#include "policy/report.h"

namespace attestml::policy {

// CheckTime makes the check policy.as_of and says what a report says of time. A time before now counts only by the
// policy's leave and with a date that is not the prover's: the word of who asks, or time stamps by which every line
// existed at that time. A time after now is who asks' own word, and needs the policy's leave too.
AsOfReport CheckTime(const verify::VerifiedBundle& bundle, const Policy& policy, const Question& question,
                     CheckList* checks);

// The lines of the text report, without line ends; none where the time is now and nothing else is to be said.
std::vector<std::string> AsOfLines(const Report& report);

// {"earlier":…,"later":…,"word":"clock"|"caller"|"time stamp","existedBy":…,"authorities":[…],"signer":…,"since":[…]}
Json AsOfToJson(const Report& report);

}  // namespace attestml::policy
