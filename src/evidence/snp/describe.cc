#include "evidence/snp/describe.h"

#include "base/hex.h"
#include "evidence/snp/endorsement_key.h"
#include "evidence/snp/report.h"

namespace attestml::evidence::snp {
namespace {

Json ErrorOf(std::string_view type, const Error& error) {
  return {{"type", std::string(type)}, {"error", {{"id", error.id}, {"message", error.message}}}};
}

std::string Hex64(std::uint64_t value) {
  Bytes bytes(8);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return "0x" + HexEncode(bytes);
}

// Named parts where the layout is known, the bytes as they stand where not.
Json DescribeTcb(const TcbVersion& tcb, const std::optional<ProductLine>& line) {
  if (!line) return HexEncode(tcb);
  Json out = Json::object();
  const auto parts = TcbParts(*line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].name.empty()) out[std::string(parts[i].name)] = tcb[i];
  }
  return out;
}

Json DescribePolicy(const Policy& policy) {
  return {{"value", Hex64(policy.bits)},
          {"abi", std::to_string(policy.abi_major()) + "." + std::to_string(policy.abi_minor())},
          {"smt", policy.smt()},
          {"migrate_ma", policy.migrate_ma()},
          {"debug", policy.debug()},
          {"single_socket", policy.single_socket()},
          {"cxl", policy.cxl()},
          {"aes_256_xts", policy.aes_256_xts()},
          {"rapl_disabled", policy.rapl_disabled()},
          {"ciphertext_hiding", policy.ciphertext_hiding()},
          {"page_swap_disabled", policy.page_swap_disabled()}};
}

Json DescribePlatformInfo(const PlatformInfo& info) {
  return {{"value", Hex64(info.bits)},
          {"smt", info.smt()},
          {"tsme", info.tsme()},
          {"ecc", info.ecc()},
          {"rapl_disabled", info.rapl_disabled()},
          {"ciphertext_hiding", info.ciphertext_hiding()},
          {"alias_check", info.alias_check()},
          {"iommu_write_safe", info.iommu_write_safe()},
          {"tio", info.tio()}};
}

}  // namespace

Json DescribeReport(BytesView bytes) {
  const auto report = ParseReport(bytes);
  if (!report.ok()) return ErrorOf("snp-report", report.error());
  const auto line = report->product_line();
  Json out = {{"type", "snp-report"},
              {"version", report->version},
              {"guest_svn", report->guest_svn},
              {"policy", DescribePolicy(report->policy)},
              {"platform_info", DescribePlatformInfo(report->platform_info)},
              {"vmpl", report->vmpl},
              {"signing_key", std::string(SigningKeyName(report->signing_key))},
              {"author_key", report->author_key},
              {"mask_chip_key", report->mask_chip_key},
              {"measurement", HexEncode(report->measurement)},
              {"report_data", HexEncode(report->report_data)},
              {"host_data", HexEncode(report->host_data)},
              {"family_id", HexEncode(report->family_id)},
              {"image_id", HexEncode(report->image_id)},
              {"id_key_digest", HexEncode(report->id_key_digest)},
              {"author_key_digest", HexEncode(report->author_key_digest)},
              {"report_id", HexEncode(report->report_id)},
              {"report_id_ma", HexEncode(report->report_id_ma)},
              {"chip_id", HexEncode(report->chip_id)},
              {"current_firmware", FirmwareVersionText(report->current)},
              {"committed_firmware", FirmwareVersionText(report->committed)},
              {"current_tcb", DescribeTcb(report->current_tcb, line)},
              {"committed_tcb", DescribeTcb(report->committed_tcb, line)},
              {"reported_tcb", DescribeTcb(report->reported_tcb, line)},
              {"launch_tcb", DescribeTcb(report->launch_tcb, line)}};
  if (report->cpuid) {
    out["cpuid"] = {
        {"family", report->cpuid->family}, {"model", report->cpuid->model}, {"stepping", report->cpuid->stepping}};
  }
  if (line) out["product_line"] = std::string(ProductLineName(*line));
  if (report->launch_mitigations) out["launch_mit_vector"] = Hex64(*report->launch_mitigations);
  if (report->current_mitigations) out["current_mit_vector"] = Hex64(*report->current_mitigations);
  return out;
}

std::optional<Json> DescribeEndorsementKey(const crypto::Certificate& certificate) {
  if (!LooksLikeEndorsementKey(certificate)) return std::nullopt;
  const auto key = EndorsementKeyOf(certificate);
  if (!key.ok()) return ErrorOf("snp-extensions", key.error());
  Json out = {{"kind", std::string(SigningKeyName(key->kind))},
              {"product", key->product_name},
              {"tcb", DescribeTcb(key->tcb, key->line)}};
  if (!key->hardware_id.empty()) out["hardware_id"] = HexEncode(key->hardware_id);
  if (!key->csp_id.empty()) out["csp_id"] = key->csp_id;
  return out;
}

}  // namespace attestml::evidence::snp
