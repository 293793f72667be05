#include "fetch/platform.h"

#include <algorithm>

#include "crypto/pem.h"
#include "evidence/azure/hcl_report.h"
#include "evidence/recognize.h"
#include "evidence/sgx/quote.h"
#include "verify/chain.h"

namespace attestml::fetch {
namespace {

namespace sgx = evidence::sgx;
namespace snp = evidence::snp;

constexpr std::string_view kPckName = "Intel SGX PCK Certificate";
constexpr std::string_view kPlatformCaName = "Intel SGX PCK Platform CA";
constexpr std::string_view kProcessorCaName = "Intel SGX PCK Processor CA";
constexpr std::size_t kMaxQuoteCertificates = 8;

Result<Platform> IntelOf(BytesView evidence, std::span<const verify::TrustAnchor> anchors, Time time) {
  ATTESTML_TRY(const sgx::Quote quote, sgx::ParseQuote(evidence));
  auto blocks = crypto::ParsePem(AsText(quote.certification_data), kMaxQuoteCertificates);
  if (!blocks.ok()) return Malformed("sgx.pck.pem", blocks.error().message);
  verify::CertificatePool pool;
  const crypto::Certificate* leaf = nullptr;
  for (const crypto::PemBlock& block : *blocks) {
    const auto certificate = pool.Add(block.der);
    if (!certificate.ok()) return Malformed("sgx.pck.pem", certificate.error().message);
    if (leaf == nullptr && !(*certificate)->is_ca() && (*certificate)->common_name() == kPckName) leaf = *certificate;
  }
  if (leaf == nullptr) return Untrusted("sgx.pck.leaf", "no PCK certificate in the quote");
  verify::PathBuilder paths(pool, anchors);
  ATTESTML_TRY(const verify::CertificatePath path, paths.Build(*leaf, time, "sgx.pck.chain"));
  IntelPlatform out;
  out.is_tdx = quote.is_tdx();
  ATTESTML_TRY(out.pck, sgx::PckExtensionOf(*leaf));
  const crypto::Certificate& ca = *path.certificates[path.certificates.size() - 1];
  out.ca_name = ca.common_name();
  out.is_platform_ca = out.ca_name == kPlatformCaName;
  if (path.certificates.size() != 2 || (!out.is_platform_ca && out.ca_name != kProcessorCaName)) {
    return Untrusted("sgx.pck.chain", "the PCK certificate's issuer is \"" + leaf->issuer() + "\", want a PCK CA");
  }
  out.ca_subject = ca.subject_der();
  out.ca_key = ca.public_key();
  out.root_subject = path.root_name;
  out.root_key = path.root_key;
  out.anchor = *path.anchor;
  return Platform{quote.format(), std::move(out), std::nullopt};
}

Result<Platform> AmdOf(BytesView evidence) {
  ATTESTML_TRY(const snp::Report report, snp::ParseReport(evidence));
  AmdPlatform out;
  out.report = ToBytes(evidence);
  out.key = report.signing_key;
  out.tcb = report.reported_tcb;
  if (!report.chip_id_hidden()) out.chip_id = ToBytes(report.chip_id);
  if (const auto line = report.product_line()) {
    out.lines = {*line};
  } else if (report.cpuid) {
    return Unsupported("snp.vek.product", "the report is of a processor whose product line is not known here");
  } else {
    out.lines = {snp::ProductLine::kMilan, snp::ProductLine::kGenoa};
  }
  return Platform{"snp-report-v" + std::to_string(report.version), std::nullopt, std::move(out)};
}

// The SEV-SNP report inside. A TDREPORT names no platform: the TD quote does.
Result<Platform> AzureOf(BytesView evidence) {
  ATTESTML_TRY(const auto report, evidence::azure::ParseHclReport(evidence));
  if (report.type != evidence::azure::ReportType::kSnp) {
    return Unsupported("evidence.format",
                       "this report of Azure's holds a TDREPORT, which does not say what platform it is of: fetch for "
                       "the TD quote");
  }
  return AmdOf(report.hardware_report);
}

std::vector<verify::TrustAnchor> IntelAnchors(std::span<const verify::TrustAnchor> anchors) {
  std::vector<verify::TrustAnchor> out;
  std::copy_if(anchors.begin(), anchors.end(), std::back_inserter(out), [](const verify::TrustAnchor& anchor) {
    return !anchor.vendor || *anchor.vendor == verify::Vendor::kIntel;
  });
  return out;
}

}  // namespace

Result<Platform> PlatformOf(BytesView evidence, std::span<const verify::TrustAnchor> anchors, Time time) {
  switch (evidence::RecognizeFormat(evidence)) {
    case evidence::Format::kDcapQuote:
      return IntelOf(evidence, IntelAnchors(anchors), time);
    case evidence::Format::kSnpReport:
      return AmdOf(evidence);
    case evidence::Format::kNitroDocument:
      return Platform{"nitro-document", std::nullopt, std::nullopt};
    case evidence::Format::kAzureReport:
      return AzureOf(evidence);
    case evidence::Format::kUnknown:
      break;
  }
  return Unsupported("evidence.format", std::to_string(evidence.size()) +
                                            " bytes that are neither an SGX or TDX quote, an SEV-SNP report, nor a "
                                            "Nitro attestation document");
}

Bytes HardwareId(const AmdPlatform& platform, snp::ProductLine line) {
  Bytes out = platform.chip_id;
  if (line == snp::ProductLine::kTurin && out.size() > 8) out.resize(8);
  return out;
}

}  // namespace attestml::fetch
