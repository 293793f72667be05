#include "evidence/describe.h"

#include "base/hex.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/pem.h"
#include "evidence/azure/hcl_report.h"
#include "evidence/nitro/describe.h"
#include "evidence/package.h"
#include "evidence/recognize.h"
#include "evidence/sgx/describe.h"
#include "evidence/sgx/pck.h"
#include "evidence/snp/describe.h"
#include "evidence/tdx/event_log.h"

namespace attestml::evidence {
namespace {

using crypto::Certificate;
using crypto::Crl;

constexpr std::size_t kMaxBytes = std::size_t{24} << 20;
constexpr std::size_t kMaxPemBlocks = 64;

Json WithError(std::string_view type, const Error& error) {
  return {{"type", std::string(type)}, {"error", {{"id", error.id}, {"message", error.message}}}};
}

Json DescribeCrl(const Crl& crl) {
  return {{"type", "crl"},
          {"issuer", crl.issuer()},
          {"this_update", FormatTime(crl.this_update())},
          {"next_update", FormatTime(crl.next_update())},
          {"revoked", crl.size()}};
}

Json DescribeDer(BytesView der) {
  if (Crl::IssuerOf(der)) {
    const auto crl = Crl::FromDer(der);
    return crl.ok() ? DescribeCrl(*crl) : WithError("crl", crl.error());
  }
  const auto certificate = Certificate::FromDer(der);
  return certificate.ok() ? DescribeCertificate(*certificate) : WithError("unknown", certificate.error());
}

Json DescribePem(std::string_view text) {
  const auto blocks = crypto::ParsePem(text, kMaxPemBlocks);
  if (!blocks.ok()) return WithError("pem", blocks.error());
  Json list = Json::array();
  for (const crypto::PemBlock& block : *blocks) {
    // Anything else in PEM may be a private key, and is nobody's to print.
    const bool ours = block.label == "CERTIFICATE" || block.label == "X509 CRL";
    list.push_back(ours ? DescribeDer(block.der) : Json{{"type", "unknown"}, {"label", block.label}});
  }
  if (list.size() == 1) return list[0];
  return {{"type", "pem"}, {"blocks", std::move(list)}};
}

Json DescribeAzure(BytesView bytes) {
  const auto report = azure::ParseHclReport(bytes);
  if (!report.ok()) return WithError("azure-report", report.error());
  const bool is_snp = report->type == azure::ReportType::kSnp;
  // The runtime data is JSON of the paravisor's. Bytes that are not are shown as such.
  const auto runtime = ParseJson(AsText(report->runtime_data), {.max_bytes = azure::kMaxReport});
  return {{"type", "azure-report"},
          {"hardware", is_snp ? snp::DescribeReport(report->hardware_report) : Json{{"type", "td-report"}}},
          {"report_data", HexEncode(report->report_data)},
          {"runtime_data_sha256", HexEncode(crypto::Sha256(report->runtime_data))},
          {"runtime_data", runtime.ok() ? *runtime : Json(HexEncode(report->runtime_data))}};
}

Json DescribeEventLog(BytesView bytes) {
  const auto log = tdx::ReplayEventLog(bytes);
  if (!log.ok()) return WithError("event-log", log.error());
  Json rtmr = Json::array();
  for (const tdx::Measurement& each : log->rtmr) rtmr.push_back(HexEncode(each));
  return {{"type", "event-log"}, {"events", log->num_events}, {"rtmr", std::move(rtmr)}};
}

Json DescribeCmw(std::string_view text) {
  const auto package = DecodeCmw(text);
  if (!package.ok()) return WithError("cmw", package.error());
  Json collateral = Json::object();
  for (const CollateralItem& item : package->collateral) collateral[item.label] = DescribeEvidence(item.bytes);
  return {{"type", "cmw"},
          {"media_type", package->media_type},
          {"evidence", DescribeEvidence(package->evidence)},
          {"collateral", std::move(collateral)}};
}

}  // namespace

Json DescribeCertificate(const Certificate& certificate) {
  Json out = {{"type", "certificate"},
              {"subject", certificate.subject()},
              {"issuer", certificate.issuer()},
              {"serial", HexEncode(certificate.serial())},
              {"not_before", FormatTime(certificate.not_before())},
              {"not_after", FormatTime(certificate.not_after())},
              {"key_id", HexEncode(certificate.key_id())},
              {"ca", certificate.is_ca()}};
  if (!certificate.public_key()) {
    out["key"] = "not handled";
  } else {
    out["key"] = crypto::KeyTypeName(certificate.public_key()->type());
  }
  if (certificate.path_length()) out["path_length"] = *certificate.path_length();
  if (const auto oid = certificate.unknown_critical()) out["unknown_critical_extension"] = *oid;
  if (certificate.extension(sgx::kPckExtensionOid)) {
    const auto platform = sgx::PckExtensionOf(certificate);
    out["sgx"] = platform.ok() ? sgx::DescribePck(*platform) : WithError("sgx-extension", platform.error());
  }
  if (auto key = snp::DescribeEndorsementKey(certificate)) out["snp"] = *std::move(key);
  return out;
}

Json DescribeEvidence(BytesView bytes) {
  if (bytes.size() > kMaxBytes) return WithError("unknown", Malformed("evidence.size", "more than 24 MiB"));
  const std::string_view all = AsText(bytes);
  const std::size_t start = all.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos)
    return WithError("unknown", Malformed("evidence.format", "nothing but white space"));
  const std::string_view text = all.substr(start, all.find_last_not_of(" \t\r\n") + 1 - start);

  if (text.starts_with('{')) {
    if (auto described = sgx::DescribeCollateral(text)) return *std::move(described);
    return DescribeCmw(text);
  }
  if (crypto::LooksLikePem(text)) return DescribePem(all);
  if (bytes[0] == 0x30 && bytes.size() > 1 && bytes[1] >= 0x80) return DescribeDer(bytes);
  if (text.starts_with("30")) {
    if (const auto der = HexDecode(text); der.ok()) return DescribeDer(*der);
  }
  if (tdx::LooksLikeEventLog(bytes)) return DescribeEventLog(bytes);
  if (RecognizeFormat(bytes) == Format::kAzureReport) return DescribeAzure(bytes);
  if (RecognizeFormat(bytes) == Format::kDcapQuote) return sgx::DescribeQuote(bytes);
  if (RecognizeFormat(bytes) == Format::kNitroDocument) return nitro::DescribeDocument(bytes);
  if (RecognizeFormat(bytes) == Format::kSnpReport) return snp::DescribeReport(bytes);
  return WithError("unknown", Malformed("evidence.format", "neither evidence nor any collateral that is known here"));
}

}  // namespace attestml::evidence
