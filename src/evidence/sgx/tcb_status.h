// Intel's words for how up to date a platform, or a quoting enclave, is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace attestml::evidence::sgx {

enum class TcbStatus : std::uint8_t {
  kUpToDate,
  kSwHardeningNeeded,
  kConfigurationNeeded,
  kConfigurationAndSwHardeningNeeded,
  kOutOfDate,
  kOutOfDateConfigurationNeeded,
  kRevoked,
  // Verdicts of the TD relaunch check, which no document states.
  kTdRelaunchAdvised,
  kTdRelaunchAdvisedConfigurationNeeded,
};

// TcbStatusName gives Intel's spelling: "UpToDate", "SWHardeningNeeded", …
std::string_view TcbStatusName(TcbStatus status);

// ParseTcbStatus knows the names that documents may state: those up to "Revoked".
std::optional<TcbStatus> ParseTcbStatus(std::string_view name);

// What a verdict says when no level matches. Not a status of Intel's documents, and never parsed from one.
inline constexpr std::string_view kNoMatchingTcbLevel = "NoMatchingTcbLevel";

// ConvergeTcbStatus merges a platform's status with that of a part of it, its quoting enclave or its TDX module, as
// Intel's QVL does: an out-of-date or revoked part dominates, and a need for configuration is kept beside it.
TcbStatus ConvergeTcbStatus(TcbStatus platform, TcbStatus part);

// Whether `status` says that the platform must be configured, whatever else it says.
bool NeedsConfiguration(TcbStatus status);

}  // namespace attestml::evidence::sgx
