// The card as JSON.
#include "base/json.h"
#include "card/card.h"
#include "card/card_model.h"

namespace attestml::card {
namespace {

// `statement` counts from 0, as reports do; `line` from 1, as people do.
void Cite(std::size_t index, Json* out) {
  (*out)["statement"] = index;
  (*out)["line"] = index + 1;
}

Json Render(const CardRow& row) {
  Json out{{"label", row.label}, {"value", row.value}};
  if (row.statement) Cite(*row.statement, &out);
  return out;
}

Json Render(const CardNumber& number) {
  Json out{{"label", number.label}, {"value", number.value}};
  if (!number.reason.empty()) out["reason"] = number.reason;
  if (!number.lower.empty()) {
    out["interval"] = Json{{"lower", number.lower}, {"upper", number.upper}, {"level", number.level}};
  }
  if (number.count) out["count"] = *number.count;
  Cite(number.statement, &out);
  return out;
}

}  // namespace

Result<std::string> WriteJsonCard(const policy::Report& report, const verify::VerifiedBundle& bundle) {
  ATTESTML_TRY(const CardModel card, BuildCard(report, bundle));
  Json sections = Json::array(), statements = Json::array();
  for (const CardSection& section : card.sections) {
    Json rows = Json::array(), numbers = Json::array();
    for (const CardRow& row : section.rows) rows.push_back(Render(row));
    for (const CardNumber& number : section.numbers) numbers.push_back(Render(number));
    sections.push_back(Json{{"title", section.title}, {"rows", std::move(rows)}, {"numbers", std::move(numbers)}});
  }
  for (const CardStatement& each : card.statements) {
    Json out{{"kind", each.kind}, {"summary", each.summary}, {"by", each.by}, {"asked", each.asked}};
    Cite(each.index, &out);
    statements.push_back(std::move(out));
  }
  Json out{{"version", 1},
           {"kind", card.kind},
           {"title", card.title},
           {"simulated", card.simulated},
           {"sentence", card.sentence},
           {"sections", std::move(sections)},
           {"missing", card.missing},
           {"statements", std::move(statements)}};
  if (card.simulated) out["warning"] = "SIMULATED: no hardware protection";
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace attestml::card
