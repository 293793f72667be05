#include "verify/snp_facts.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"

namespace attestml::verify {
namespace {

namespace snp = evidence::snp;

Bytes BigEndian(std::uint64_t value) {
  Bytes out(8);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

// The first part in which `low` is above `high`, described; "" when there is none.
std::string FirstAbove(const snp::TcbVersion& low, std::string_view low_name, const snp::TcbVersion& high,
                       std::string_view high_name, snp::ProductLine line) {
  const auto parts = snp::TcbParts(line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].name.empty() || low[i] <= high[i]) continue;
    return std::string(low_name) + " " + std::string(parts[i].name) + " " + std::to_string(low[i]) + " is above " +
           std::string(high_name) + " " + std::to_string(high[i]);
  }
  return "";
}

// Firmware that the host can take back, or TCB versions that cannot all be true of one platform; "" when there is
// nothing of the kind. Microcode may run ahead of what is committed: operating systems load it, and do not commit.
std::string ProvisionalFirmware(const snp::Report& report, snp::ProductLine line) {
  if (report.current != report.committed) {
    return "firmware " + snp::FirmwareVersionText(report.current) + " runs and " +
           snp::FirmwareVersionText(report.committed) + " is committed";
  }
  const auto parts = snp::TcbParts(line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].name.empty() || parts[i].name == "microcode" || report.current_tcb[i] == report.committed_tcb[i]) {
      continue;
    }
    return std::string(parts[i].name) + " " + std::to_string(report.current_tcb[i]) + " runs and " +
           std::to_string(report.committed_tcb[i]) + " is committed";
  }
  const std::string findings[] = {
      FirstAbove(report.committed_tcb, "committed", report.current_tcb, "current", line),
      FirstAbove(report.reported_tcb, "reported", report.committed_tcb, "committed", line),
      FirstAbove(report.reported_tcb, "reported", report.launch_tcb, "launch", line),
      FirstAbove(report.launch_tcb, "launch", report.current_tcb, "current", line),
  };
  for (const std::string& finding : findings) {
    if (!finding.empty()) return finding;
  }
  return "";
}

std::vector<Hazard> HazardsOf(const snp::Report& report, snp::ProductLine line) {
  const std::string provisional = ProvisionalFirmware(report, line);
  const bool masked = report.signing_key == snp::SigningKey::kVcek && report.chip_id_hidden();
  return {
      {"migratable", report.policy.migrate_ma(), report.policy.migrate_ma() ? "allowed by the guest's policy" : "no",
       "a guest that no migration agent may move"},
      {"migration-agent", report.has_migration_agent(),
       report.has_migration_agent() ? "report id " + HexEncode(report.report_id_ma) : "none", "no migration agent"},
      {"vmpl", report.vmpl != 0, "VMPL " + std::to_string(report.vmpl), "a report asked for at VMPL 0"},
      {"provisional-firmware", !provisional.empty(),
       provisional.empty() ? "firmware " + snp::FirmwareVersionText(report.committed) + " is committed" : provisional,
       "committed firmware, not below the reported TCB since launch"},
      {"masked-chip", masked,
       masked                                         ? "the host hides the chip's id"
       : report.signing_key == snp::SigningKey::kVlek ? "a VLEK is of no one chip"
                                                      : "chip id stated",
       "the id of the chip whose VCEK signed"},
  };
}

}  // namespace

EvidenceFacts SnpFacts(const snp::Report& report, snp::ProductLine line) {
  EvidenceFacts facts;
  facts.tee = "snp";
  facts.format = "snp-report-v" + std::to_string(report.version);
  facts.measurement = ToBytes(report.measurement);
  facts.security_version = report.guest_svn;
  facts.report_data = report.report_data;
  facts.debug = report.policy.debug();
  facts.platform = snp::ProductLineName(line);
  facts.registers = {
      {"host_data", ToBytes(report.host_data)},
      {"id_key_digest", ToBytes(report.id_key_digest)},
      {"author_key_digest", ToBytes(report.author_key_digest)},
      {"family_id", ToBytes(report.family_id)},
      {"image_id", ToBytes(report.image_id)},
      {"report_id", ToBytes(report.report_id)},
      {"report_id_ma", ToBytes(report.report_id_ma)},
      {"policy", BigEndian(report.policy.bits)},
      {"platform_info", BigEndian(report.platform_info.bits)},
      {"smt", Bytes{static_cast<std::uint8_t>(report.policy.smt() && report.platform_info.smt() ? 1 : 0)}},
  };
  if (report.launch_mitigations)
    facts.registers.push_back({"launch_mit_vector", BigEndian(*report.launch_mitigations)});
  if (report.current_mitigations) {
    facts.registers.push_back({"current_mit_vector", BigEndian(*report.current_mitigations)});
  }
  const auto parts = snp::TcbParts(line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].name.empty()) facts.security_versions.push_back({std::string(parts[i].name), report.reported_tcb[i]});
  }
  facts.hazards = HazardsOf(report, line);
  facts.revocation = Revocation::kNotChecked;
  return facts;
}

}  // namespace attestml::verify
