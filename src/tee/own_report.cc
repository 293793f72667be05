#include "tee/own_report.h"

#include <algorithm>

#include "base/hex.h"
#include "evidence/nitro/document.h"
#include "evidence/recognize.h"
#include "evidence/sgx/quote.h"
#include "evidence/snp/report.h"

namespace attestml::tee {
namespace {

struct Asked {
  std::string_view tee;
  Bytes report_data;
};

Result<Asked> OfQuote(BytesView bytes) {
  ATTESTML_TRY(const auto quote, evidence::sgx::ParseQuote(bytes));
  if (quote.td) return Asked{"tdx", ToBytes(quote.td->report_data)};
  return Asked{"sgx", ToBytes(quote.body.report_data)};
}

Result<Asked> Read(BytesView bytes) {
  switch (evidence::RecognizeFormat(bytes)) {
    case evidence::Format::kDcapQuote:
      return OfQuote(bytes);
    case evidence::Format::kSnpReport: {
      ATTESTML_TRY(const auto report, evidence::snp::ParseReport(bytes));
      return Asked{"snp", ToBytes(report.report_data)};
    }
    case evidence::Format::kNitroDocument: {
      ATTESTML_TRY(auto document, evidence::nitro::ParseDocument(bytes));
      return Asked{"nitro", std::move(document.user_data).value_or(Bytes{})};
    }
    case evidence::Format::kAzureReport:
    case evidence::Format::kUnknown:
      break;
  }
  return Malformed("tee.evidence", std::to_string(bytes.size()) + " bytes of no format that is known");
}

}  // namespace

Status CheckOwnReport(std::string_view tee, BytesView evidence, const std::array<std::uint8_t, 64>& report_data) {
  const auto asked = Read(evidence);
  if (!asked.ok()) {
    return Unavailable("tee.evidence",
                       "what the device gave is no evidence: " + asked.error().message + " [" + asked.error().id + "]");
  }
  if (asked->tee != tee) {
    return Unavailable("tee.evidence",
                       "the device gave evidence of " + std::string(asked->tee) + ", want that of " + std::string(tee));
  }
  if (std::equal(asked->report_data.begin(), asked->report_data.end(), report_data.begin(), report_data.end()))
    return {};
  return Untrusted("tee.report_data", "the device gave evidence over report data " + HexEncode(asked->report_data) +
                                          ", it was asked for one over " + HexEncode(report_data));
}

}  // namespace attestml::tee
