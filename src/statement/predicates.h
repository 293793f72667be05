// One reader and one writer for each predicate of ours; statement.cc joins them with the in-toto statement around them.
#pragma once

#include "base/json.h"
#include "base/json_document.h"
#include "base/result.h"
#include "statement/claims.h"

namespace attestml::statement {

// What stands in a statement besides its type: exactly one subject, and the predicate.
struct StatementParts {
  Json subject;
  Json predicate;
};

StatementParts WriteTraining(const TrainingClaim& claim);
StatementParts WriteProperty(const PropertyClaim& claim);
StatementParts WriteInference(const InferenceClaim& claim);
StatementParts WriteCertification(const CertificationClaim& claim);
StatementParts WriteEvidence(const EvidenceClaim& claim);

Result<TrainingClaim> ParseTraining(JsonView subject, JsonView predicate);
Result<PropertyClaim> ParseProperty(JsonView subject, JsonView predicate);
Result<InferenceClaim> ParseInference(JsonView subject, JsonView predicate);
Result<CertificationClaim> ParseCertification(JsonView subject, JsonView predicate);
Result<EvidenceClaim> ParseEvidence(JsonView subject, JsonView predicate);

// SLSA provenance and SCAI are other people's predicates too. These say whether one is ours to read: the build type is
// ours; an attribute has a name of ours. Where that cannot be said, because the member is missing or of another type,
// it is ours, and reading it will fail.
bool IsOurTraining(JsonView predicate);
bool IsOurEvidence(JsonView predicate);

// One result of a property (metric_result.cc).
Json MetricResultToJson(const MetricResult& result);
Status ParseMetricResult(JsonView value, MetricResult* out);  // into a fresh one

}  // namespace attestml::statement
