#include "verify/snp.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "evidence/snp/endorsement_key.h"
#include "evidence/snp/report.h"
#include "verify/chain.h"
#include "verify/crl_set.h"
#include "verify/snp_attempt.h"
#include "verify/snp_facts.h"

namespace attestml::verify {
namespace {

using crypto::Certificate;
namespace snp = evidence::snp;

// Far more than certificates of one key, which AMD reissues, that a genuine collection holds.
constexpr std::size_t kMaxAttempts = 16;

// How likely a certificate is to be the report's, by what it states: nothing that a forger could not write, too.
int Likeness(const Certificate& certificate, const snp::Report& report, Time time) {
  const auto stated = snp::EndorsementKeyOf(certificate);
  if (!stated.ok()) return -1;
  const Bytes& id = stated->hardware_id;
  int out = 0;
  if (stated->kind == report.signing_key) out += 8;
  if (!id.empty() && std::equal(id.begin(), id.end(), report.chip_id.begin())) out += 4;
  if (stated->tcb == report.reported_tcb) out += 2;
  if (certificate.not_before() <= time && time <= certificate.not_after()) out += 1;
  return out;
}

// All that could be the report's endorsement key, the most likely first.
std::vector<const Certificate*> Candidates(const CertificatePool& pool, const snp::Report& report, Time time) {
  std::vector<const Certificate*> found;
  for (const Certificate& certificate : pool.certificates()) {
    if (snp::LooksLikeEndorsementKey(certificate)) found.push_back(&certificate);
  }
  if (found.size() < 2) return found;
  std::vector<std::pair<int, const Certificate*>> ranked;
  ranked.reserve(found.size());
  for (const Certificate* certificate : found) ranked.emplace_back(Likeness(*certificate, report, time), certificate);
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < found.size(); ++i) found[i] = ranked[i].second;
  if (found.size() > kMaxAttempts) found.resize(kMaxAttempts);
  return found;
}

FormatOutcome Refuse(CheckList checks, std::string_view id, std::string wanted, const Error& error,
                     std::optional<EvidenceFacts> facts) {
  checks.Fail(id, error.message, std::move(wanted));
  return {std::move(checks).Take(), error, std::move(facts)};
}

}  // namespace

FormatOutcome VerifySnpReport(const FormatInput& input) {
  CheckList checks(kSnpChecks);
  const std::string wanted = "an SEV-SNP attestation report, version 2 to 5";
  const auto report = snp::ParseReport(input.package.evidence);
  if (!report.ok()) return Refuse(std::move(checks), kSnpFormat, wanted, report.error(), std::nullopt);
  // Version 2 does not say which processor it is of; until a certificate does, the layout is the one of its time.
  const EvidenceFacts facts = SnpFacts(*report, report->product_line().value_or(snp::ProductLine::kMilan));
  checks.Pass(kSnpFormat,
              "version " + std::to_string(report->version) +
                  (report->cpuid ? "" : ", which does not state the processor's family and model"),
              wanted);

  CertificatePool pool(input.memo);
  X509Documents documents("snp.collateral.count");
  const std::string leaf_wanted =
      "a certificate of the " + std::string(SigningKeyName(report->signing_key)) + " that signed, among the collateral";
  // What the relying party brought comes first, so that a prover who sends too much can crowd out nothing but its own.
  for (const auto items : {input.extra, std::span<const evidence::CollateralItem>(input.package.collateral)}) {
    for (const evidence::CollateralItem& item : items) {
      if (auto added = documents.Add(item); !added.ok()) {
        return Refuse(std::move(checks), kSnpLeaf, leaf_wanted, added.error(), facts);
      }
    }
  }
  if (auto given = documents.GiveCertificates(&pool); !given.ok()) {
    return Refuse(std::move(checks), kSnpLeaf, leaf_wanted, given.error(), facts);
  }
  const auto candidates = Candidates(pool, *report, input.time);
  if (candidates.empty()) {
    const Error error = Unavailable("snp.collateral.vek", "no certificate of a VCEK or VLEK among the collateral");
    return Refuse(std::move(checks), kSnpLeaf, leaf_wanted, error, facts);
  }
  PathBuilder paths(pool, input.anchors, input.memo);
  const SnpCollateral collateral{pool, documents, input.anchors, input.time, input.memo};
  std::optional<SnpAttempt> best;
  for (const Certificate* certificate : candidates) {
    SnpAttempt attempt = TrySnpEndorsement(*report, *certificate, facts, checks, collateral, &paths);
    if (!best || attempt.stage > best->stage) best = std::move(attempt);
    if (best->vouched.ok()) break;
  }
  return {std::move(best->checks).Take(), std::move(best->vouched), std::move(best->facts)};
}

}  // namespace attestml::verify
