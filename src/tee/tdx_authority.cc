#include "tee/tdx_authority.h"

#include <string>

#include "crypto/digest.h"

namespace attestml::tee {
namespace {

constexpr std::uint8_t kModuleVersion = 3;
constexpr std::uint8_t kModuleSvn = 5;
constexpr std::uint16_t kTdQeProduct = 2;
constexpr std::string_view kModuleSince = "2025-01-01T00:00:00Z";
constexpr std::string_view kModuleOutdatedSince = "2024-01-01T00:00:00Z";
// TEE_TCB_SVN: the module's ISVSVN and major version, the SEAM loader's SVN, nothing.
constexpr std::array<std::uint8_t, 16> kTdxCurrent = {kModuleSvn, kModuleVersion, 7};
constexpr std::array<std::uint8_t, 16> kTdxOutdated = {kModuleSvn - 1, kModuleVersion, 6};

TdMeasurement Measured(const std::string& what) { return crypto::Sha384(AsBytes("attestml/simulated/tdx/" + what)); }

crypto::Digest256 QeSigner() { return crypto::Sha256(AsBytes("attestml/simulated/td-qe-signer")); }

TdReportBody ReportOf(TdQuote quote) {
  TdReportBody out;
  out.tee_tcb_svn = kTdxCurrent;
  out.mrseam = Measured("module");
  for (std::size_t i = 0; i < 3; ++i) out.rtmr[i] = Measured("rtmr" + std::to_string(i));
  if (quote == TdQuote::kVersion5Td15) out.version_15 = TdReportBody::Version15{.tee_tcb_svn_2 = kTdxCurrent};
  return out;
}

}  // namespace

SgxTcbInfo SimulatedTdxTcbInfo(Time now) {
  SgxTcbInfo out = SimulatedTcbInfo(now);
  out.id = "TDX";
  out.levels[0].tdx_components = kTdxCurrent;
  out.levels[1].tdx_components = kTdxOutdated;
  out.tdx_module = TdxModuleIdentity{};
  out.tdx_module_identities = {
      {.id = "TDX_03",
       .levels = {{kModuleSvn, std::string(kModuleSince), "UpToDate", {}},
                  {kModuleSvn - 1, std::string(kModuleOutdatedSince), "OutOfDate", {"SIMULATED-SA-00003"}}}}};
  return out;
}

SgxQeIdentity SimulatedTdQeIdentity(Time now) {
  SgxQeIdentity out = SimulatedQeIdentity(now);
  out.id = "TD_QE";
  out.mrsigner = QeSigner();
  out.isvprodid = kTdQeProduct;
  return out;
}

TdxAuthority TdxAuthority::Create(const SimulatedKeys& keys, Time now, TdQuote quote) {
  TdxAuthority out{.vendor = SimulatedAuthority::Create(keys, now), .layout = {}, .td = ReportOf(quote)};
  out.vendor.tcb_info = WriteTcbInfo(SimulatedTdxTcbInfo(now));
  out.vendor.qe_identity = WriteQeIdentity(SimulatedTdQeIdentity(now));
  out.vendor.quoting_enclave.mrenclave = crypto::Sha256(AsBytes("attestml/simulated/td-qe"));
  out.vendor.quoting_enclave.mrsigner = QeSigner();
  out.vendor.quoting_enclave.isvprodid = kTdQeProduct;
  out.vendor.header = {.version = static_cast<std::uint16_t>(quote == TdQuote::kVersion4 ? 4 : 5)};
  if (quote == TdQuote::kVersion5) out.layout.body_type = 2;
  if (quote == TdQuote::kVersion5Td15) out.layout.body_type = 3;
  return out;
}

Bytes EncodeTdQuote(const TdxAuthority& authority, const std::array<std::uint8_t, 64>& report_data,
                    BytesView certification) {
  TdReportBody body = authority.td;
  body.report_data = report_data;
  return EncodeDcapQuote(authority.vendor.header, authority.layout, EncodeTdReport(body), authority.vendor.quote_signer,
                         certification);
}

Result<evidence::EvidencePackage> IssueTdxEvidence(const TdxAuthority& authority,
                                                   const std::array<std::uint8_t, 64>& report_data) {
  ATTESTML_TRY(const SimulatedCertificates certificates, IssueCertificates(authority.vendor));
  ATTESTML_TRY(const SimulatedCollateral collateral, IssueCollateral(authority.vendor));
  const Bytes certification = IssueCertification(authority.vendor, PckChainPem(certificates));
  evidence::EvidencePackage out =
      MakePackage(EncodeTdQuote(authority, report_data, certification), collateral, TcbSigningChainPem(certificates));
  out.media_type = evidence::kTdxQuoteMediaType;
  return out;
}

}  // namespace attestml::tee
