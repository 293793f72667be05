// The report as EAT Attestation Results, draft-ietf-rats-ear-04: the JSON claims set, not signed, with an AR4SI trust
// vector (draft-ietf-rats-ar4si) for each attester. An EAR reader knows nothing of simulated TEEs, so those are
// contraindicated in it even where the policy accepts them.
#include <algorithm>

#include "base/base64.h"
#include "policy/as_of.h"
#include "policy/report.h"

namespace attestml::policy {
namespace {

// AR4SI section 2.3: values that all claims share, then those of the claims used here.
constexpr int kAffirmed = 2;
constexpr int kUnableToParse = 1;
constexpr int kCryptoFailed = 99;
constexpr int kUnrecognizedCode = 33;
constexpr int kUnsafeHardware = 32;
constexpr int kUnknownHardware = 97;
constexpr int kUnsupportableConfiguration = 96;
constexpr int kVisibleMemory = 96;

enum class Tier { kNone, kAffirming, kWarning, kContraindicated };

std::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kNone:
      return "none";
    case Tier::kAffirming:
      return "affirming";
    case Tier::kWarning:
      return "warning";
    case Tier::kContraindicated:
      return "contraindicated";
  }
  return "contraindicated";
}

Tier TierOf(int value) {
  if (value >= -1 && value <= 1) return Tier::kNone;
  if ((value >= 2 && value <= 31) || (value >= -32 && value <= -2)) return Tier::kAffirming;
  if ((value >= 32 && value <= 95) || (value >= -96 && value <= -33)) return Tier::kWarning;
  return Tier::kContraindicated;
}

// The worst tier of the vector; "none" only when that is all there is.
Tier WorstTier(const Json& vector) {
  Tier worst = Tier::kNone;
  for (const auto& claim : vector.items()) worst = std::max(worst, TierOf(claim.value().get<int>()));
  return worst;
}

Json VectorOf(const Attester& attester) {
  Json vector = Json::object();
  vector["executables"] = attester.program.empty() ? kUnrecognizedCode : kAffirmed;
  vector["configuration"] = attester.debug ? kUnsupportableConfiguration : kAffirmed;
  vector["runtime-opaque"] = attester.debug || attester.simulated ? kVisibleMemory : kAffirmed;
  vector["hardware"] = attester.simulated                  ? kUnknownHardware
                       : attester.tcb_status != "UpToDate" ? kUnsafeHardware
                                                           : kAffirmed;
  return vector;
}

Json AttesterSubmod(const Report& report, const Attester& attester) {
  Json vector = VectorOf(attester);
  Tier tier = WorstTier(vector);
  // A verifier may set the status lower than the vector: the policy's refusal is such a reason.
  if (report.verdict != Verdict::kAccepted) tier = Tier::kContraindicated;
  Json verifier{{"verdict", VerdictName(report.verdict)}, {"sentence", report.sentence}};
  if (report.as_of) verifier["as_of"] = AsOfToJson(report);
  Json submod{{"ear_status", TierName(tier)},
              {"ear_trustworthiness_vector", std::move(vector)},
              {"ear_attester_claims", Json{{"tee", attester.tee},
                                           {"measurement", attester.measurement},
                                           {"root", attester.root},
                                           {"tcb_status", attester.tcb_status},
                                           {"debug", attester.debug},
                                           {"simulated", attester.simulated}}},
              {"ear_verifier_claims", std::move(verifier)}};
  if (report.policy_digest) {
    submod["ear_appraisal_policy_ids"] = Json::array({"ni:///sha-256;" + Base64UrlEncode(*report.policy_digest)});
  }
  return submod;
}

// Nothing about the attester is known when its evidence did not verify.
Json FailedSubmod(const Report& report) {
  const bool unreadable = report.verdict == Verdict::kMalformed || report.verdict == Verdict::kUnsupported;
  const int value = unreadable ? kUnableToParse : kCryptoFailed;
  Json vector = Json::object();
  for (const char* claim : {"configuration", "executables", "hardware", "runtime-opaque"}) vector[claim] = value;
  Json claims{{"verdict", VerdictName(report.verdict)}};
  if (report.error) claims["error"] = report.error->id;
  const Tier tier = report.error && !unreadable ? WorstTier(vector) : unreadable ? Tier::kNone : Tier::kContraindicated;
  return Json{{"ear_status", TierName(tier)},
              {"ear_trustworthiness_vector", std::move(vector)},
              {"ear_verifier_claims", std::move(claims)}};
}

}  // namespace

Json ReportToEar(const Report& report) {
  Json submods = Json::object();
  for (std::size_t i = 0; i < report.attesters.size(); ++i) {
    const Attester& attester = report.attesters[i];
    submods[attester.tee + "-" + std::to_string(i + 1)] = AttesterSubmod(report, attester);
  }
  if (submods.empty()) submods["attester"] = FailedSubmod(report);
  return Json{{"eat_profile", "tag:ietf.org,2026:rats/ear#04"},
              {"iat", report.time.unix_seconds},
              {"ear_verifier_id", Json{{"developer", "AttestML"}, {"build", "attestml " ATTESTML_VERSION}}},
              {"submods", std::move(submods)}};
}

}  // namespace attestml::policy
