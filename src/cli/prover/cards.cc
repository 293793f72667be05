#include "cli/prover/cards.h"

#include "card/card.h"
#include "cli/terminal.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "statement/envelope.h"
#include "verify/bundle.h"

namespace attestml::cli {
namespace {

bool OnlyAncestorsMissing(const policy::Report& report) {
  bool missing = false;
  for (const verify::Check& check : report.checks) {
    if (check.verdict != verify::CheckVerdict::kFail) continue;
    if (check.id != "policy.missing_edge") return false;
    missing = true;
  }
  return missing && !report.error;
}

}  // namespace

Result<std::vector<prove::OutputFile>> MakeCards(std::string_view bundle, const crypto::Digest256& simulated_root,
                                                 Time time) {
  ATTESTML_TRY(const auto envelopes, statement::ParseBundle(bundle));
  const verify::TrustAnchor anchor{"simulated", simulated_root, true};
  auto outcome = verify::VerifyBundle(envelopes, {}, {&anchor, 1}, time);
  if (!outcome.bundle.ok()) return Within("checking our own bundle", std::move(outcome.bundle).error());
  const verify::VerifiedBundle& verified = *outcome.bundle;
  ATTESTML_TRY(const auto policy, policy::ParsePolicy(policy::StartingPolicy(verified), "starting policy"));
  policy::Question question;
  question.time_source = "this machine's clock";
  const policy::Report report = policy::Appraise(verified, policy, question);
  // A model that began as another is told of by two bundles, and here is one of them.
  if (OnlyAncestorsMissing(report)) {
    Note(
        "no cards yet: the training of the model that this one started from is stated elsewhere, use `attestml card` "
        "with both bundles");
    return std::vector<prove::OutputFile>();
  }
  if (report.verdict != policy::Verdict::kAccepted) {
    return report.error ? Within("checking our own bundle", *report.error)
                        : Rejected("prove.self_check", "our own verifier does not accept this bundle");
  }
  ATTESTML_TRY(const std::string markdown, card::WriteMarkdownCard(report, verified));
  ATTESTML_TRY(const std::string json, card::WriteJsonCard(report, verified));
  std::vector<prove::OutputFile> out;
  out.push_back({"card.md", ToBytes(AsBytes(markdown))});
  out.push_back({"card.json", ToBytes(AsBytes(json))});
  return out;
}

}  // namespace attestml::cli
