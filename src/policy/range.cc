#include <array>
#include <cmath>
#include <utility>

#include "base/decimal.h"
#include "policy/policy.h"

namespace attestml::policy {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

bool Range::Contains(double value) const {
  if (!std::isfinite(value)) return false;
  if (lower && (lower_open ? !(value > *lower) : !(value >= *lower))) return false;
  if (upper && (upper_open ? !(value < *upper) : !(value <= *upper))) return false;
  return true;
}

std::optional<Range> ParseRange(std::string_view text) {
  if (text.size() > 128) return std::nullopt;
  Range range;
  range.text = std::string(text);
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    range.lower = ParseDecimal(Trim(text.substr(0, dots)));
    range.upper = ParseDecimal(Trim(text.substr(dots + 2)));
    if (!range.lower || !range.upper || *range.lower > *range.upper) return std::nullopt;
    return range;
  }
  constexpr std::array<std::string_view, 5> kOperators = {">=", "<=", ">", "<", "="};
  for (const std::string_view op : kOperators) {
    if (!text.starts_with(op)) continue;
    const auto bound = ParseDecimal(Trim(text.substr(op.size())));
    if (!bound) return std::nullopt;
    if (op != "<=" && op != "<") range.lower = bound;
    if (op != ">=" && op != ">") range.upper = bound;
    range.lower_open = op == ">";
    range.upper_open = op == "<";
    return range;
  }
  return std::nullopt;
}

}  // namespace attestml::policy
