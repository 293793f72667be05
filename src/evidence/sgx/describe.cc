#include "evidence/sgx/describe.h"

#include "base/hex.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "evidence/describe.h"
#include "evidence/sgx/qe_identity.h"
#include "evidence/sgx/quote.h"
#include "evidence/sgx/signed_json.h"
#include "evidence/sgx/tcb_info.h"

namespace attestml::evidence::sgx {
namespace {

constexpr std::string_view kAttributeNames[] = {"INIT",          "DEBUG",          "MODE64BIT", "",
                                                "PROVISION_KEY", "EINITTOKEN_KEY", "CET",       "KSS"};

Json ErrorOf(std::string_view type, const Error& error) {
  return {{"type", std::string(type)}, {"error", {{"id", error.id}, {"message", error.message}}}};
}

Json DescribeReport(const ReportBody& body) {
  Json flags = Json::array();
  for (std::size_t i = 0; i < 8; ++i) {
    if ((body.attributes[0] >> i & 1) != 0 && !kAttributeNames[i].empty())
      flags.push_back(std::string(kAttributeNames[i]));
  }
  return {{"mrenclave", HexEncode(body.mr_enclave)},
          {"mrsigner", HexEncode(body.mr_signer)},
          {"isvprodid", body.isv_prod_id},
          {"isvsvn", body.isv_svn},
          {"report_data", HexEncode(body.report_data)},
          {"attributes", HexEncode(body.attributes)},
          {"flags", std::move(flags)},
          {"debug", body.debug()},
          {"miscselect", HexEncode(body.misc_select)},
          {"cpusvn", HexEncode(body.cpu_svn)},
          {"isvextprodid", HexEncode(body.isv_ext_prod_id)},
          {"isvfamilyid", HexEncode(body.isv_family_id)},
          {"configid", HexEncode(body.config_id)},
          {"configsvn", body.config_svn}};
}

Json Numbers(const Components& components) {
  Json out = Json::array();
  for (std::uint8_t svn : components) out.push_back(svn);
  return out;
}

Json DescribeTcbInfo(const TcbInfo& info) {
  Json levels = Json::array();
  for (const TcbLevel& level : info.levels) {
    levels.push_back({{"components", Numbers(level.components)},
                      {"pcesvn", level.pce_svn},
                      {"status", std::string(TcbStatusName(level.status))},
                      {"date", level.date},
                      {"advisories", level.advisories}});
  }
  return {{"type", "tcb-info"},
          {"id", info.id},
          {"version", info.version},
          {"fmspc", HexEncode(info.fmspc)},
          {"pceid", HexEncode(info.pce_id)},
          {"issue_date", FormatTime(info.issue_date)},
          {"next_update", FormatTime(info.next_update)},
          {"evaluation_number", info.evaluation_number},
          {"levels", std::move(levels)}};
}

Json DescribeQeIdentity(const QeIdentity& identity) {
  Json levels = Json::array();
  for (const QeLevel& level : identity.levels) {
    levels.push_back({{"isvsvn", level.isv_svn},
                      {"status", std::string(TcbStatusName(level.status))},
                      {"date", level.date},
                      {"advisories", level.advisories}});
  }
  return {{"type", "qe-identity"},
          {"id", identity.id},
          {"issue_date", FormatTime(identity.issue_date)},
          {"next_update", FormatTime(identity.next_update)},
          {"evaluation_number", identity.evaluation_number},
          {"mrsigner", HexEncode(identity.mr_signer)},
          {"isvprodid", identity.isv_prod_id},
          {"miscselect", HexEncode(identity.misc_select)},
          {"miscselect_mask", HexEncode(identity.misc_select_mask)},
          {"attributes", HexEncode(identity.attributes)},
          {"attributes_mask", HexEncode(identity.attributes_mask)},
          {"levels", std::move(levels)}};
}

}  // namespace

namespace {

Json DescribeTdReport(const tdx::TdReport& td) {
  Json rtmr = Json::array();
  for (const tdx::Measurement& each : td.rtmr) rtmr.push_back(HexEncode(each));
  std::array<std::uint8_t, 8> attributes{};
  for (std::size_t i = 0; i < attributes.size(); ++i)
    attributes[i] = static_cast<std::uint8_t>(td.td_attributes >> (8 * i));
  Json out = {{"tee_tcb_svn", HexEncode(td.tee_tcb_svn)},
              {"mrseam", HexEncode(td.mr_seam)},
              {"mrsignerseam", HexEncode(td.mr_signer_seam)},
              {"seamattributes", HexEncode(td.seam_attributes)},
              {"tdattributes", HexEncode(attributes)},
              {"debug", td.debug()},
              {"xfam", HexEncode(td.xfam)},
              {"mrtd", HexEncode(td.mr_td)},
              {"mrconfigid", HexEncode(td.mr_config_id)},
              {"mrowner", HexEncode(td.mr_owner)},
              {"mrownerconfig", HexEncode(td.mr_owner_config)},
              {"rtmr", std::move(rtmr)},
              {"report_data", HexEncode(td.report_data)}};
  if (td.tee_tcb_svn_2) out["tee_tcb_svn_2"] = HexEncode(*td.tee_tcb_svn_2);
  if (td.mr_service_td) out["mrservicetd"] = HexEncode(*td.mr_service_td);
  return out;
}

}  // namespace

Json DescribeQuote(BytesView bytes) {
  const auto quote = ParseQuote(bytes);
  if (!quote.ok()) return ErrorOf(bytes.size() > 4 && bytes[4] == 0x81 ? "tdx-quote" : "sgx-quote", quote.error());
  Json chain = Json::array();
  const auto certificates = crypto::Certificate::FromPem(AsText(quote->certification_data));
  if (certificates.ok()) {
    for (const crypto::Certificate& certificate : *certificates) chain.push_back(DescribeCertificate(certificate));
  } else {
    chain = ErrorOf("pem", certificates.error());
  }
  return {{"type", quote->is_tdx() ? "tdx-quote" : "sgx-quote"},
          {"version", quote->version},
          {"qe_svn", quote->qe_svn},
          {"pce_svn", quote->pce_svn},
          {"user_data", HexEncode(quote->user_data)},
          {"report", quote->td ? DescribeTdReport(*quote->td) : DescribeReport(quote->body)},
          {"qe_report", DescribeReport(quote->qe_report)},
          {"attestation_key", HexEncode(quote->attestation_key)},
          {"qe_authentication_data", HexEncode(quote->qe_auth_data)},
          {"padding", quote->padding},
          {"chain", std::move(chain)}};
}

Json DescribePck(const PckExtension& platform) {
  Json out = {{"fmspc", HexEncode(platform.fmspc)}, {"pceid", HexEncode(platform.pce_id)},
              {"ppid", HexEncode(platform.ppid)},   {"components", Numbers(platform.components)},
              {"pcesvn", platform.pce_svn},         {"cpusvn", HexEncode(platform.cpu_svn)},
              {"sgx_type", platform.sgx_type}};
  if (platform.platform_instance_id) out["platform_instance_id"] = HexEncode(*platform.platform_instance_id);
  if (platform.configuration) {
    Json configuration = Json::object();
    const PckConfiguration& seen = *platform.configuration;
    if (seen.dynamic_platform) configuration["dynamic_platform"] = *seen.dynamic_platform;
    if (seen.cached_keys) configuration["cached_keys"] = *seen.cached_keys;
    if (seen.smt_enabled) configuration["smt_enabled"] = *seen.smt_enabled;
    out["configuration"] = std::move(configuration);
  }
  return out;
}

std::optional<Json> DescribeCollateral(std::string_view text) {
  if (LooksLikeSignedJson(text, "tcbInfo")) {
    const auto info = ParseSignedTcbInfo(text);
    return info.ok() ? DescribeTcbInfo(*info) : ErrorOf("tcb-info", info.error());
  }
  if (LooksLikeSignedJson(text, "enclaveIdentity")) {
    const auto identity = ParseSignedQeIdentity(text);
    return identity.ok() ? DescribeQeIdentity(*identity) : ErrorOf("qe-identity", identity.error());
  }
  return std::nullopt;
}

}  // namespace attestml::evidence::sgx
