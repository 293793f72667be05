#include "evidence/sgx/tcb_status.h"

#include <array>

namespace attestml::evidence::sgx {
namespace {

constexpr std::array<std::string_view, 9> kNames = {
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "Revoked",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
};
constexpr std::size_t kNumStated = 7;  // the names that documents may state

}  // namespace

std::string_view TcbStatusName(TcbStatus status) { return kNames[static_cast<std::size_t>(status)]; }

std::optional<TcbStatus> ParseTcbStatus(std::string_view name) {
  for (std::size_t i = 0; i < kNumStated; ++i) {
    if (kNames[i] == name) return static_cast<TcbStatus>(i);
  }
  return std::nullopt;
}

bool NeedsConfiguration(TcbStatus status) {
  switch (status) {
    case TcbStatus::kConfigurationNeeded:
    case TcbStatus::kConfigurationAndSwHardeningNeeded:
    case TcbStatus::kOutOfDateConfigurationNeeded:
    case TcbStatus::kTdRelaunchAdvisedConfigurationNeeded:
      return true;
    case TcbStatus::kUpToDate:
    case TcbStatus::kSwHardeningNeeded:
    case TcbStatus::kOutOfDate:
    case TcbStatus::kRevoked:
    case TcbStatus::kTdRelaunchAdvised:
      return false;
  }
  return true;
}

TcbStatus ConvergeTcbStatus(TcbStatus platform, TcbStatus part) {
  if (platform == TcbStatus::kRevoked || part == TcbStatus::kRevoked) return TcbStatus::kRevoked;
  if (part == TcbStatus::kUpToDate) return platform;
  // Intel's documents give a QE or a module only three statuses. Any other that our parser let through counts as out of
  // date.
  switch (platform) {
    case TcbStatus::kUpToDate:
    case TcbStatus::kSwHardeningNeeded:
    case TcbStatus::kOutOfDate:
    case TcbStatus::kTdRelaunchAdvised:
      return TcbStatus::kOutOfDate;
    case TcbStatus::kConfigurationNeeded:
    case TcbStatus::kConfigurationAndSwHardeningNeeded:
    case TcbStatus::kOutOfDateConfigurationNeeded:
    case TcbStatus::kTdRelaunchAdvisedConfigurationNeeded:
      return TcbStatus::kOutOfDateConfigurationNeeded;
    case TcbStatus::kRevoked:
      break;
  }
  return TcbStatus::kRevoked;
}

}  // namespace attestml::evidence::sgx
