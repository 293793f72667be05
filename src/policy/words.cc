#include "policy/words.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/decimal.h"
#include "policy/comparison.h"
#include "policy/describe.h"
#include "statement/vocabulary.h"

namespace attestml::policy {
namespace {

constexpr std::size_t kMaxName = 80;

std::string Rounded(double value) {
  const double size = std::fabs(value);
  // A double has no more whole digits than these.
  if (size >= 1e15) return FormatDecimal(value);
  std::array<char, 64> buffer{};
  if (size >= 1000) {
    std::snprintf(buffer.data(), buffer.size(), "%.0f", value);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%.4g", value);
  }
  return buffer.data();
}

// `scale` is 1 or 100.
std::string Round(std::string_view decimal, double scale) {
  const auto value = ParseDecimal(decimal);
  if (!value) return Printable(decimal);
  if (*value == std::floor(*value) && std::fabs(*value) < 1e15) return FormatDecimal(*value * scale);
  const std::string text = Rounded(*value * scale);
  const auto back = ParseDecimal(text);
  if (back && (*back == 0 || *back == scale)) return FormatDecimal(*value * scale);
  return text;
}

std::string Pairs(const std::map<std::string, std::string>& pairs) {
  std::vector<std::string> parts;
  for (const auto& [column, value] : pairs) parts.push_back(Quoted(column) + "=" + Quoted(value));
  return List(parts);
}

// The vocabulary's title in lower case; names that are written in capitals ("F1") stay so.
std::string Title(std::string_view property, std::string_view metric) {
  const auto* known = statement::FindProperty(property);
  const auto* found = known == nullptr ? nullptr : statement::FindMetric(*known, metric);
  if (found == nullptr) return Quoted(metric);
  std::string title(found->title);
  const bool word = title.size() > 1 && title[1] >= 'a' && title[1] <= 'z';
  if (word && title[0] >= 'A' && title[0] <= 'Z') title[0] = static_cast<char>(title[0] - 'A' + 'a');
  return title;
}

bool IsPercentage(std::string_view metric) {
  return metric == "proportion" || metric == "missing-rate" || metric.ends_with("-proportion");
}

std::string Qualifiers(const statement::MetricResult& result) {
  std::string text;
  if (!result.column.empty()) text += " of " + Quoted(result.column);
  if (!result.label.empty()) text += " of class " + Quoted(result.label);
  if (!result.at.empty()) text += " at " + Quoted(result.at);
  if (!result.across.empty()) {
    std::vector<std::string> names;
    for (const auto& name : result.across) names.push_back(Quoted(name));
    text += " across " + List(names);
  }
  if (!result.slice.empty()) text += " where " + Pairs(result.slice);
  return text;
}

}  // namespace

std::string List(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

std::string RoundedText(std::string_view decimal) { return Round(decimal, 1); }
std::string PercentText(std::string_view decimal) { return Round(decimal, 100) + " %"; }

std::string Quoted(std::string_view name) {
  bool plain = !name.empty();
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || byte >= 0x80;
    plain = plain && (letter || std::string_view("._-+/@<>").find(c) != std::string_view::npos);
  }
  std::string text = Printable(name, kMaxName);
  if (plain) return text;
  for (char& c : text) {
    if (c == '"') c = '\'';
  }
  return "\"" + text + "\"";
}

namespace {

// What is stated of the number: itself, or where it ends.
std::string NumberOf(const statement::MetricResult& result) {
  return result.bound.empty() ? result.value : result.bound.substr(3);
}

std::string BoundWord(const statement::MetricResult& result) {
  if (result.bound.empty()) return "";
  const std::string end = result.bound_on == "interval.lower"   ? "with the lower end of its interval "
                          : result.bound_on == "interval.upper" ? "with the upper end of its interval "
                                                                : "";
  return end + (result.bound.starts_with(">=") ? "at least " : "at most ");
}

}  // namespace

std::string NumberText(const statement::PropertyClaim& claim, const statement::MetricResult& result) {
  std::string text;
  if (IsPercentage(result.metric)) {
    text = BoundWord(result) + PercentText(NumberOf(result)) + " ";
    text += result.metric == "proportion" ? (result.where.empty() ? "of records" : Pairs(result.where))
                                          : Title(claim.property, result.metric);
    if (!result.given.empty()) text += " among " + Pairs(result.given);
    text += Qualifiers(result);
  } else {
    text = Title(claim.property, result.metric);
    if (!result.where.empty()) text += " of " + Pairs(result.where);
    // With `where` it is a share among some records, alone it is how the number was made: {"steps": "40"}.
    if (!result.given.empty() && !result.where.empty()) text += " among " + Pairs(result.given);
    text += Qualifiers(result);
    if (!result.given.empty() && result.where.empty()) text += " with " + Pairs(result.given);
    text += " " + BoundWord(result) + RoundedText(NumberOf(result));
  }
  if (result.interval) {
    const auto end = [&](const std::string& decimal) {
      return IsPercentage(result.metric) ? PercentText(decimal) : RoundedText(decimal);
    };
    text += " (" + PercentText(result.interval->level) + " interval " + end(result.interval->lower) + " to " +
            end(result.interval->upper) + ")";
  }
  return text;
}

std::string Namer::Name(const statement::ArtifactRef& artifact) {
  return Name(statement::DataRef{artifact.name, {artifact.sha256, false}});
}

std::string Namer::Name(const statement::DataRef& data) {
  const std::string name = data.id.concealed ? "a concealed dataset" : Quoted(data.name);
  const auto [at, first] = names_.try_emplace(data.id, name);
  auto& holders = holders_[at->second];
  holders.insert(data.id);
  if (!first && holders.size() == 1 && !data.id.concealed) return at->second;
  return at->second + " (" + ShortDigest(data.id) + ")";
}

}  // namespace attestml::policy
