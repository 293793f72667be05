#include "verify/azure.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "crypto/digest.h"
#include "evidence/azure/hcl_report.h"
#include "evidence/recognize.h"
#include "evidence/sgx/quote.h"
#include "verify/dcap.h"
#include "verify/snp.h"

namespace attestml::verify {
namespace {

namespace azure = evidence::azure;
using ReportData = std::array<std::uint8_t, 64>;

constexpr std::string_view kFormat = "azure.report.format";
constexpr std::string_view kBinding = "azure.report.binding";
constexpr std::string_view kVtpm = "azure.vtpm";
// The hardware's own checks stand between the second and the third.
constexpr std::string_view kChecks[] = {kFormat, kBinding, kVtpm};
constexpr std::size_t kMaxQuotes = 8;

constexpr std::string_view kVtpmWanted = "a quote of the vTPM by the key in the runtime data, over PCRs and a nonce";
constexpr std::string_view kVtpmSeen =
    "not read by this version: nothing is known of what the guest booted, nor of freshness";

FormatOutcome Refuse(CheckList checks, std::string_view id, std::string wanted, const Error& error,
                     std::optional<EvidenceFacts> facts = std::nullopt) {
  checks.Fail(id, error.message, std::move(wanted));
  return {std::move(checks).Take(), error, std::move(facts)};
}

// The TD quote over this report data; else the first one, to say what is wrong with it; nothing when there is none.
std::optional<Bytes> FindTdQuote(const FormatInput& input, const ReportData& report_data) {
  std::optional<Bytes> first;
  std::size_t seen = 0;
  for (const auto items : {input.extra, std::span<const evidence::CollateralItem>(input.package.collateral)}) {
    for (const evidence::CollateralItem& item : items) {
      if (evidence::RecognizeFormat(item.bytes) != evidence::Format::kDcapQuote || seen == kMaxQuotes) continue;
      const auto quote = evidence::sgx::ParseQuote(item.bytes);
      if (!quote.ok() || !quote->td) continue;
      ++seen;
      if (quote->td->report_data == report_data) return item.bytes;
      if (!first) first = item.bytes;
    }
  }
  return first;
}

// The outer report's words for what the hardware said.
void Rename(EvidenceFacts* facts, const crypto::Digest256& runtime) {
  facts->format = "azure-" + facts->format;
  // What the hardware signed is the paravisor's runtime data. What a guest asks to be signed is in the vTPM's quote.
  facts->report_data = {};
  facts->has_report_data = false;
  facts->registers.push_back({"runtime_data", Bytes(runtime.begin(), runtime.end())});
}

}  // namespace

Vendor AzureVendor(BytesView bytes) {
  const auto report = azure::ParseHclReport(bytes);
  return report.ok() && report->type == azure::ReportType::kTdx ? Vendor::kIntel : Vendor::kAmd;
}

FormatOutcome VerifyAzureReport(const FormatInput& input) {
  CheckList checks(kChecks);
  checks.NotChecked(kVtpm, std::string(kVtpmSeen), std::string(kVtpmWanted));
  const std::string wanted = "a report of Azure's paravisor over an SEV-SNP report or a TDREPORT";
  const auto report = azure::ParseHclReport(input.package.evidence);
  if (!report.ok()) return Refuse(std::move(checks), kFormat, wanted, report.error());
  const bool is_snp = report->type == azure::ReportType::kSnp;
  checks.Pass(kFormat, is_snp ? "SEV-SNP" : "TDX", wanted);

  const std::string bound = "report data is SHA-256 of the runtime data, and zeros";
  const crypto::Digest256 digest = crypto::Sha256(report->runtime_data);
  ReportData expected{};
  std::copy(digest.begin(), digest.end(), expected.begin());
  if (report->report_data != expected) {
    return Refuse(std::move(checks), kBinding, bound,
                  Untrusted("azure.report.binding", "the hardware report is not about this runtime data"));
  }
  evidence::EvidencePackage inner{"", report->hardware_report, input.package.collateral};
  if (!is_snp) {
    auto quote = FindTdQuote(input, expected);
    if (!quote) {
      return Refuse(std::move(checks), kBinding, bound,
                    Unavailable("azure.collateral.td_quote",
                                "the report holds a TDREPORT, which only its own machine can check; no TD quote of it "
                                "among the collateral"));
    }
    inner.evidence = *std::move(quote);
    // Parsed before, and found to be of a trust domain.
    const auto parsed = evidence::sgx::ParseQuote(inner.evidence);
    if (!parsed.ok() || !parsed->td || parsed->td->report_data != expected) {
      return Refuse(std::move(checks), kBinding, bound,
                    Untrusted("azure.report.binding",
                              "the TD quote is of another TD: its report data is not the "
                              "SHA-256 of the runtime data"));
    }
  }
  checks.Pass(kBinding, HexEncode(digest), bound);

  const FormatInput hardware{inner, input.extra, input.anchors, input.time, input.memo};
  FormatOutcome outcome = is_snp ? VerifySnpReport(hardware) : VerifyDcapQuote(hardware);
  Checks own = std::move(checks).Take();
  outcome.checks.insert(outcome.checks.begin(), own.begin(), own.begin() + 2);
  outcome.checks.push_back(own[2]);
  if (outcome.facts) Rename(&*outcome.facts, digest);
  if (outcome.vouched.ok()) Rename(&outcome.vouched->facts, digest);
  return outcome;
}

}  // namespace attestml::verify
