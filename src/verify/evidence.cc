#include "verify/evidence.h"

#include <algorithm>

#include "evidence/recognize.h"
#include "verify/azure.h"
#include "verify/dcap.h"
#include "verify/format.h"
#include "verify/nitro.h"
#include "verify/snp.h"

namespace attestml::verify {

// Fills what only a finished verification may fill.
struct EvidenceFactory {
  static VerifiedEvidence Make(Vouched vouched, std::span<const TrustAnchor> anchors, Time time) {
    VerifiedEvidence out;
    // Two anchors could name one key. If either says simulated, it is.
    out.simulated_ = std::any_of(anchors.begin(), anchors.end(), [&](const TrustAnchor& anchor) {
      return anchor.simulated && anchor.key_id == vouched.root;
    });
    const std::string& tee = vouched.facts.tee;
    out.tee_ = !out.simulated_ ? tee : tee == "sgx" ? "simulated" : "simulated-" + tee;
    out.facts_ = std::move(vouched.facts);
    out.root_ = vouched.root;
    out.platform_id_ = std::move(vouched.platform_id);
    out.evaluation_number_ = vouched.evaluation_number;
    out.valid_from_ = vouched.window.from;
    out.valid_until_ = vouched.window.until;
    out.collateral_issued_ = vouched.collateral_issued;
    out.certificates_ = std::move(vouched.certificates);
    out.since_ = std::move(vouched.since);
    out.time_ = time;
    return out;
  }
};

namespace {

std::vector<TrustAnchor> AnchorsOf(Vendor vendor, std::span<const TrustAnchor> anchors) {
  std::vector<TrustAnchor> out;
  for (const TrustAnchor& anchor : anchors) {
    if (!anchor.vendor || *anchor.vendor == vendor) out.push_back(anchor);
  }
  return out;
}

EvidenceOutcome Finish(FormatOutcome outcome, std::span<const TrustAnchor> anchors, Time time) {
  if (!outcome.vouched.ok()) return {std::move(outcome.checks), outcome.vouched.error(), std::move(outcome.facts)};
  return {std::move(outcome.checks), EvidenceFactory::Make(std::move(outcome.vouched).value(), anchors, time),
          std::move(outcome.facts)};
}

}  // namespace

EvidenceOutcome VerifyEvidence(const evidence::EvidencePackage& package,
                               std::span<const evidence::CollateralItem> extra, std::span<const TrustAnchor> anchors,
                               Time time, Memo* memo) {
  switch (evidence::RecognizeFormat(package.evidence)) {
    case evidence::Format::kDcapQuote: {
      const auto own = AnchorsOf(Vendor::kIntel, anchors);
      return Finish(VerifyDcapQuote({package, extra, own, time, memo}), own, time);
    }
    case evidence::Format::kNitroDocument: {
      const auto own = AnchorsOf(Vendor::kAws, anchors);
      return Finish(VerifyNitroDocument({package, extra, own, time, memo}), own, time);
    }
    case evidence::Format::kSnpReport: {
      const auto own = AnchorsOf(Vendor::kAmd, anchors);
      return Finish(VerifySnpReport({package, extra, own, time, memo}), own, time);
    }
    case evidence::Format::kAzureReport: {
      const auto own = AnchorsOf(AzureVendor(package.evidence), anchors);
      return Finish(VerifyAzureReport({package, extra, own, time, memo}), own, time);
    }
    case evidence::Format::kUnknown:
      break;
  }
  const Error error =
      Malformed("evidence.format", std::to_string(package.evidence.size()) +
                                       " bytes that are neither an SGX or TDX quote, an SEV-SNP report, "
                                       "a report of Azure's paravisor, nor a Nitro attestation document");
  return {{{"evidence.format", CheckVerdict::kFail, error.message, "evidence of a known format"}}, error};
}

}  // namespace attestml::verify
