// Cards: what a person reads. A model card, a datasheet or an inference card from a bundle that a policy accepts; each
// value says which statement it stands in.
#pragma once

#include <string>

#include "base/result.h"
#include "policy/report.h"
#include "verify/bundle.h"

namespace attestml::card {

// Only of an accepted report; else an Error of kind rejected, id card.not_accepted. `report` must be of `bundle`.
// [3] in Markdown is line 3 of the bundle. The first line after the title warns when the evidence is simulated.
Result<std::string> WriteMarkdownCard(const policy::Report& report, const verify::VerifiedBundle& bundle);
// The same as JSON, for programs: {"version":1,"kind":…,"sections":[…],"statements":[…], …}.
Result<std::string> WriteJsonCard(const policy::Report& report, const verify::VerifiedBundle& bundle);

}  // namespace attestml::card
