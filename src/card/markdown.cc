// The card as Markdown.
#include "card/card.h"
#include "card/card_model.h"
#include "policy/describe.h"

namespace attestml::card {
namespace {

// Text of others must not become markup: every character that CommonMark or a table gives a meaning is escaped.
std::string Escape(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_{}[]()<>#+!|~&";
  std::string out;
  for (const char c : policy::Printable(text, 4000)) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string Cite(std::size_t index) {
  const std::string line = std::to_string(index + 1);
  return "[[" + line + "]](#statement-" + line + ")";
}

std::string Interval(const CardNumber& number) {
  if (number.lower.empty()) return "";
  return Escape(number.lower) + " to " + Escape(number.upper) + " (" + Escape(number.level) + ")";
}

std::string Render(const CardSection& section) {
  std::string out = "\n## " + Escape(section.title) + "\n\n";
  if (!section.rows.empty()) {
    out += "| | | Source |\n|---|---|---|\n";
    for (const CardRow& row : section.rows) {
      out += "| " + Escape(row.label) + " | " + Escape(row.value) + " | " +
             (row.statement ? Cite(*row.statement) : "verifier") + " |\n";
    }
  }
  if (!section.numbers.empty()) {
    out += "\n| Measure | Value | Interval | Records | Source |\n|---|---|---|---|---|\n";
    for (const CardNumber& number : section.numbers) {
      out += "| " + Escape(number.label) + " | " + Escape(number.value) +
             (number.reason.empty() ? "" : ": " + Escape(number.reason)) + " | " + Interval(number) + " | " +
             (number.count ? std::to_string(*number.count) : "") + " | " + Cite(number.statement) + " |\n";
    }
  }
  return out;
}

std::string Render(const CardModel& card) {
  std::string out = "# " + Escape(card.title) + ": " + card.kind + "\n\n";
  if (card.simulated) out += "**SIMULATED: no hardware protection.** The evidence below is of a simulated TEE.\n\n";
  out += Escape(card.sentence) + "\n\nEach value names the statement it stands in: [3] is line 3 of the bundle.\n";
  for (const CardSection& section : card.sections) out += Render(section);
  out += "\n## Not claimed\n\n";
  for (const std::string& missing : card.missing) out += "- " + Escape(missing) + "\n";
  out += "\n## Statements\n\n| | Kind | What it says | By | Asked about |\n|---|---|---|---|---|\n";
  for (const CardStatement& each : card.statements) {
    const std::string line = std::to_string(each.index + 1);
    out += "| <a id=\"statement-" + line + "\"></a>[" + line + "] | " + Escape(each.kind) + " | " +
           Escape(each.summary) + " | " + Escape(each.by) + " | " + (each.asked ? "yes" : "no") + " |\n";
  }
  return out;
}

}  // namespace

Result<std::string> WriteMarkdownCard(const policy::Report& report, const verify::VerifiedBundle& bundle) {
  ATTESTML_TRY(const CardModel card, BuildCard(report, bundle));
  return Render(card);
}

}  // namespace attestml::card
