// Every case of the table, against the verifier that programs use.
#include <gtest/gtest.h>

#include <set>

#include "vectorgen/evidence_cases.h"
#include "verify/evidence.h"

namespace attestml {
namespace {

using vectorgen::EvidenceCase;

const std::vector<EvidenceCase>& Cases() {
  static const std::vector<EvidenceCase> cases = vectorgen::MakeEvidenceCases();
  return cases;
}

verify::EvidenceOutcome Verify(const EvidenceCase& c) {
  return verify::VerifyEvidence(c.package, c.extra, c.anchors, c.time);
}

TEST(EvidenceAttack, EveryCaseEndsAsItMust) {
  std::set<std::string> names;
  for (const EvidenceCase& c : Cases()) {
    const auto outcome = Verify(c);
    const std::string message = outcome.evidence.ok() ? "" : outcome.evidence.error().message;
    EXPECT_EQ(vectorgen::Outcome(outcome.evidence), c.expect) << c.name << ": " << c.why << "\n  " << message;
    EXPECT_TRUE(names.insert(c.name).second) << c.name << " stands twice";
  }
}

}  // namespace
}  // namespace attestml
