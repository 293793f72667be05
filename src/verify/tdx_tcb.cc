#include "verify/tdx_tcb.h"

#include <algorithm>

#include "base/hex.h"

namespace attestml::verify {

namespace sgx = evidence::sgx;
using sgx::TcbStatus;

Result<const sgx::TdxModule*> FindTdModule(const sgx::TcbInfo& info, const evidence::tdx::TdReport& report) {
  const std::uint8_t version = report.tee_tcb_svn[1];
  const sgx::TdxModule* module = sgx::FindTdxModule(info, version);
  if (module == nullptr) {
    return Untrusted("tdx.module.identity", "TCB info knows no TDX module of major version " + std::to_string(version));
  }
  if (report.mr_signer_seam != module->mr_signer) {
    return Untrusted("tdx.module.identity",
                     "MRSIGNERSEAM is " + HexEncode(report.mr_signer_seam) + ", want " + HexEncode(module->mr_signer));
  }
  const bool zero = std::all_of(report.seam_attributes.begin(), report.seam_attributes.end(),
                                [](std::uint8_t byte) { return byte == 0; });
  if (!zero || report.seam_attributes != module->attributes) {
    return Untrusted("tdx.module.identity", "SEAMATTRIBUTES is " + HexEncode(report.seam_attributes) +
                                                ", want zero and " + HexEncode(module->attributes));
  }
  return module;
}

Result<TcbStatus> MatchTdModuleStatus(const sgx::TdxModule& module, const evidence::tdx::TdReport& report,
                                      const sgx::TdxModule::Level** level) {
  *level = nullptr;
  if (module.major_version == 0) return TcbStatus::kUpToDate;
  *level = sgx::MatchTdxModuleLevel(module, report.tee_tcb_svn[0]);
  if (*level == nullptr) {
    return Untrusted("tdx.module.level", "the TDX module's ISVSVN " + std::to_string(report.tee_tcb_svn[0]) +
                                             " is below every level of major version " +
                                             std::to_string(module.major_version));
  }
  return (*level)->status;
}

Result<TcbStatus> CheckRelaunch(const sgx::TcbInfo& info, const evidence::tdx::TdReport& report,
                                const RelaunchInput& input) {
  if (!report.tee_tcb_svn_2) return input.platform;
  const bool sgx_good = input.sgx == TcbStatus::kUpToDate || input.sgx == TcbStatus::kSwHardeningNeeded ||
                        input.sgx == TcbStatus::kConfigurationNeeded ||
                        input.sgx == TcbStatus::kConfigurationAndSwHardeningNeeded;
  const bool behind =
      input.platform == TcbStatus::kOutOfDate || input.platform == TcbStatus::kOutOfDateConfigurationNeeded;
  if (!sgx_good || !behind || input.module != TcbStatus::kOutOfDate || input.qe != TcbStatus::kUpToDate) {
    return input.platform;
  }
  const auto& now = *report.tee_tcb_svn_2;
  const sgx::Components& latest = *info.levels.front().tdx_components;
  bool current = now[2] >= latest[2];
  if (now[1] == 0) {
    current = current && now[0] >= latest[0];
  } else {
    const sgx::TdxModule* module = sgx::FindTdxModule(info, now[1]);
    if (module == nullptr) {
      return Untrusted("tdx.module.identity",
                       "TCB info knows no TDX module of major version " + std::to_string(now[1]) + ", which runs now");
    }
    current = current && now[0] >= module->levels.front().isv_svn;
  }
  if (!current) return input.platform;
  return sgx::NeedsConfiguration(input.sgx) || sgx::NeedsConfiguration(input.platform)
             ? TcbStatus::kTdRelaunchAdvisedConfigurationNeeded
             : TcbStatus::kTdRelaunchAdvised;
}

std::string ExplainTdxGap(const sgx::TcbInfo& info, const evidence::tdx::TdReport& report) {
  std::string out;
  const sgx::Components& best = *info.levels.front().tdx_components;
  for (std::size_t i = report.tee_tcb_svn[1] == 0 ? 0 : 2; i < sgx::kNumComponents; ++i) {
    if (report.tee_tcb_svn[i] >= best[i]) continue;
    out += (out.empty() ? "" : "; ") + std::string("TDX component ") + std::to_string(i + 1) + " is " +
           std::to_string(report.tee_tcb_svn[i]) + ", the highest level has " + std::to_string(best[i]);
  }
  return out;
}

}  // namespace attestml::verify
