#include "evidence/sgx/tcb_status.h"

#include <array>

namespace attestml::evidence::sgx {
namespace {

constexpr std::array<std::string_view, 7> kNames = {
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "Revoked",
};

}  // namespace

std::string_view TcbStatusName(TcbStatus status) { return kNames[static_cast<std::size_t>(status)]; }

std::optional<TcbStatus> ParseTcbStatus(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<TcbStatus>(i);
  }
  return std::nullopt;
}

TcbStatus ConvergeTcbStatus(TcbStatus platform, TcbStatus qe) {
  if (platform == TcbStatus::kRevoked || qe == TcbStatus::kRevoked) return TcbStatus::kRevoked;
  if (qe == TcbStatus::kUpToDate) return platform;
  // Intel's documents give a QE only three statuses. Any other that our parser let through counts as out of date.
  switch (platform) {
    case TcbStatus::kUpToDate:
    case TcbStatus::kSwHardeningNeeded:
    case TcbStatus::kOutOfDate:
      return TcbStatus::kOutOfDate;
    case TcbStatus::kConfigurationNeeded:
    case TcbStatus::kConfigurationAndSwHardeningNeeded:
    case TcbStatus::kOutOfDateConfigurationNeeded:
      return TcbStatus::kOutOfDateConfigurationNeeded;
    case TcbStatus::kRevoked:
      break;
  }
  return TcbStatus::kRevoked;
}

}  // namespace attestml::evidence::sgx
