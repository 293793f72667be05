// Numbers in claims are decimal strings: the shortest text that reads back as the same double.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace attestml {

// FormatDecimal gives the shortest round-trip text of a finite number: "0.8473", "15060", "1e-09".
// The text for -0.0 is "0". `value` must be finite.
std::string FormatDecimal(double value);

// ParseDecimal reads [-]digits[.digits][e[+-]digits] with nothing before or after it, no leading "+", no hexadecimal,
// no "inf" or "nan"; nothing when the text is anything else or out of range.
std::optional<double> ParseDecimal(std::string_view text);

// ParseShortestDecimal reads `text` if it is what FormatDecimal would write for its own value, and nothing else.
std::optional<double> ParseShortestDecimal(std::string_view text);
inline bool IsShortestDecimal(std::string_view text) { return ParseShortestDecimal(text).has_value(); }

}  // namespace attestml
