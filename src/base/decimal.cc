#include "base/decimal.h"

#include <charconv>
#include <cmath>

namespace attestml {

std::string FormatDecimal(double value) {
  if (value == 0) return "0";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

std::optional<double> ParseDecimal(std::string_view text) {
  std::size_t at = 0;
  const auto digit = [&] { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  if (at < text.size() && text[at] == '-') ++at;
  if (!digit()) return std::nullopt;
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::general);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  if (text.back() == '.') return std::nullopt;
  return value;
}

bool IsShortestDecimal(std::string_view text) {
  const auto value = ParseDecimal(text);
  return value.has_value() && FormatDecimal(*value) == text;
}

}  // namespace attestml
