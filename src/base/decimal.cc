#include "base/decimal.h"

#include <charconv>
#include <cmath>

namespace attestml {

namespace {

// The text in `buffer`, which must hold 64 characters.
std::string_view Format(double value, char* buffer) {
  if (value == 0) return "0";
  return {buffer, std::to_chars(buffer, buffer + 64, value).ptr};
}

}  // namespace

std::string FormatDecimal(double value) {
  char buffer[64];
  return std::string(Format(value, buffer));
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

std::optional<double> ParseShortestDecimal(std::string_view text) {
  const auto value = ParseDecimal(text);
  char buffer[64];
  if (!value || Format(*value, buffer) != text) return std::nullopt;
  return value;
}

}  // namespace attestml
