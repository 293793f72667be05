// What a requirement and a statement must share before one number may be held against the other.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "policy/policy.h"
#include "statement/claims.h"

namespace attestml::policy {

inline constexpr std::string_view kOverlap = "overlap";

// Metrics that say how a dataset differs from a reference; a requirement on one names the reference.
bool ComparesWithReference(std::string_view property, std::string_view metric);

// The parameter of `claim` that can change this metric and that the requirement does not name, or has another value
// than it names; "" when there is none. Parameters known to choose only which results are listed are never one, any
// other parameter is: a prover must not choose how a number is computed when the policy is silent about it.
std::string DifferingParameter(const Requirement& requirement, const statement::PropertyClaim& claim);

// The parameters of `claim` that a requirement on this metric must name to match.
std::vector<std::string> ParametersToName(const statement::PropertyClaim& claim, std::string_view metric);

// What counts as positive among the predictions of a column: {"threshold": "0.5"} or {"positive": "[\"1\"]"},
// canonical. It stands in the job only; nothing when no entry of the job, or several that differ, could have made this
// statement.
std::optional<std::map<std::string, std::string>> PositivesInJob(const statement::PropertyClaim& claim);

// The same metric with the same qualifiers, an absent one included: a slice never stands for the whole.
bool SameQuestion(const Requirement& requirement, const statement::MetricResult& result);

// The file is the one named; and the selection is the one named or, when none is, every record of the file.
enum class DataMatch : unsigned char { kSame, kOtherFile, kOtherSelection, kOtherTarget, kConcealed };
DataMatch MatchData(const Requirement& requirement, const statement::DatasetUse& use);
bool MatchReference(const Requirement& requirement, const statement::DatasetUse& use);

// Equal records have equal leaves in both: the columns, the target and what is trimmed or read as missing agree.
bool ReadAlike(const statement::Selection& a, const statement::Selection& b);
// The same of two uses: where a selection is concealed, only equal commitments to how it is read show it.
bool ReadAlike(const statement::DatasetUse& a, const statement::DatasetUse& b);

// Whether this number of a model would be another if another class counted as positive.
bool DependsOnPositive(const Requirement& requirement);

}  // namespace attestml::policy
