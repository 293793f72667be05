// The two response headers whose values mean something here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace attestml::fetch {

inline constexpr std::size_t kMaxIssuerChain = 16 * 1024;  // genuine ones have 2 KiB, 3 KiB encoded

// DecodeIssuerChain reads what Intel's services put into TCB-Info-Issuer-Chain and its relatives: PEM certificates,
// percent-encoded (RFC 3986 section 2.1); "+" is a plus sign, as base64 has it. The text that comes back is 1 to 4
// certificates and nothing else. Error id fetch.chain.
Result<std::string> DecodeIssuerChain(std::string_view value);

// ParseRetryAfter gives the seconds to wait (RFC 9110 section 10.2.3): a number, or a date in the one form that may be
// sent today (IMF-fixdate) less `now`, at least zero. Nothing when it is neither. Never more than a year.
std::optional<double> ParseRetryAfter(std::string_view value, Time now);

}  // namespace attestml::fetch
