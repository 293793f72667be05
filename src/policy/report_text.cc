// The report for people.
#include <algorithm>
#include <map>

#include "policy/as_of.h"
#include "policy/describe.h"
#include "policy/report.h"

namespace attestml::policy {
namespace {

using verify::CheckVerdict;

std::string Paint(std::string_view text, std::string_view code, bool color) {
  if (!color) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string_view Word(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::kPass:
      return "pass";
    case CheckVerdict::kFail:
      return "FAIL";
    case CheckVerdict::kNotChecked:
      return "not checked";
  }
  return "FAIL";
}

std::string_view Code(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::kPass:
      return "32";
    case CheckVerdict::kFail:
      return "31;1";
    case CheckVerdict::kNotChecked:
      return "33";
  }
  return "31;1";
}

// Breaks at spaces; nothing is hyphenated, so a digest stays whole.
std::string Wrap(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out, line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      out += std::string(indent) + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    at = end + 1;
  }
  return line.empty() ? out : out + std::string(indent) + line + "\n";
}

std::string CheckLine(const verify::Check& check, std::size_t width, bool color) {
  const std::string_view word = Word(check.verdict);
  std::string line = "  " + Printable(check.id) + std::string(width - std::min(width, check.id.size()), ' ') + "  " +
                     Paint(word, Code(check.verdict), color) + std::string(11 - word.size(), ' ') + "  " +
                     Printable(check.seen, 2000);
  if (check.verdict != CheckVerdict::kPass && !check.wanted.empty()) {
    line += (check.seen.empty() ? "want " : ", want ") + Printable(check.wanted, 2000);
  }
  return line + "\n";
}

// A check that passed several times (one line a piece of evidence) is shown once, with how often; what failed or was
// not made is always shown. The JSON report has every one.
std::string CheckLines(const verify::Checks& checks, std::size_t width, bool color) {
  std::map<std::string_view, std::size_t> passed;
  for (const auto& check : checks) {
    if (check.verdict == CheckVerdict::kPass) ++passed[check.id];
  }
  std::string out;
  for (const auto& check : checks) {
    if (check.verdict != CheckVerdict::kPass) {
      out += CheckLine(check, width, color);
      continue;
    }
    std::size_t& times = passed[check.id];
    if (times == 0) continue;
    verify::Check shown = check;
    if (times > 1) shown.seen += " (and " + std::to_string(times - 1) + " more)";
    times = 0;
    out += CheckLine(shown, width, color);
  }
  return out;
}

std::string Headline(const Report& report, bool color) {
  const bool accepted = report.verdict == Verdict::kAccepted;
  std::string line = Paint(VerdictName(report.verdict), accepted ? "32;1" : "31;1", color);
  line += "  at " + FormatTime(report.time);
  if (!report.time_source.empty()) line += " by " + Printable(report.time_source);
  const auto failed = std::count_if(report.checks.begin(), report.checks.end(),
                                    [](const auto& check) { return check.verdict == CheckVerdict::kFail; });
  const auto unchecked = std::count_if(report.checks.begin(), report.checks.end(),
                                       [](const auto& check) { return check.verdict == CheckVerdict::kNotChecked; });
  line += ", " + std::to_string(report.checks.size()) + " checks";
  if (failed > 0) line += ", " + std::to_string(failed) + " failed";
  if (unchecked > 0) line += ", " + std::to_string(unchecked) + " not made";
  return line + "\n";
}

}  // namespace

std::string ReportToText(const Report& report, bool color) {
  std::string out;
  if (report.simulated) out += Paint("SIMULATED: no hardware protection", "33;1", color) + "\n";
  out += Headline(report, color);
  if (report.error) {
    out += "  " + Paint(report.error->id, "31;1", color) + ": " + Printable(report.error->message, 2000) + "\n";
  }
  for (const std::string& line : AsOfLines(report)) out += "  " + line + "\n";
  std::size_t width = 0;
  for (const auto& check : report.checks) width = std::max(width, check.id.size());
  if (!report.sentence.empty()) out += "\n" + Wrap(report.sentence, 100, "  ") + "\n";
  out += CheckLines(report.checks, width, color);
  if (!report.claims.empty()) {
    out += "\nstatements\n";
    for (const auto& claim : report.claims) {
      out += "  [" + std::to_string(claim.index + 1) + "] " + (claim.used ? "" : "(not used) ") + claim.kind + ": " +
             Printable(claim.summary, 2000) + "\n";
    }
  }
  if (!report.notes.empty()) {
    out += "\nnotes\n";
    for (const auto& note : report.notes) out += "  " + Printable(note, 2000) + "\n";
  }
  return out;
}

}  // namespace attestml::policy
