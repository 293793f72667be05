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
};

// TcbStatusName gives Intel's spelling: "UpToDate", "SWHardeningNeeded", …
std::string_view TcbStatusName(TcbStatus status);

// ParseTcbStatus knows those names and no others.
std::optional<TcbStatus> ParseTcbStatus(std::string_view name);

// What a verdict says when no level matches. Not a status of Intel's documents, and never parsed from one.
inline constexpr std::string_view kNoMatchingTcbLevel = "NoMatchingTcbLevel";

// ConvergeTcbStatus merges a platform's status with its quoting enclave's, as Intel's QVL does: an out-of-date or
// revoked QE dominates, and a need for configuration is kept beside it.
TcbStatus ConvergeTcbStatus(TcbStatus platform, TcbStatus qe);

}  // namespace attestml::evidence::sgx
