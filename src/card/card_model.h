// What a card says, before it is written in any format. Every renderer reads this and nothing else.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/report.h"
#include "verify/bundle.h"

namespace attestml::card {

// One fact. `statement` is the index of the statement that says so (from 0), or nothing for what the verifier itself
// found.
struct CardRow {
  std::string label;
  std::string value;
  std::optional<std::size_t> statement;
};

// One number of a property.
struct CardNumber {
  std::string label;                // "Accuracy where sex=Female"
  std::string value;                // decimal, or "undefined"
  std::string reason;               // why, when undefined
  std::string lower, upper, level;  // of the interval, "" when there is none
  std::optional<std::uint64_t> count;
  std::size_t statement = 0;
};

struct CardSection {
  std::string title;
  std::vector<CardRow> rows;
  std::vector<CardNumber> numbers;
};

struct CardStatement {
  std::size_t index = 0;
  std::string kind, summary;
  std::string by;  // the program and its TEE, or the certifier's key
  bool asked = false;
};

struct CardModel {
  std::string kind;   // "model card", "datasheet", "inference card"
  std::string title;  // names of artifacts are the prover's; renderers escape
  bool simulated = false;
  std::string sentence;
  std::vector<CardSection> sections;
  std::vector<std::string> missing;  // what nobody claimed, said outright
  std::vector<CardStatement> statements;
};

// Error card.not_accepted (rejected) when the report is not.
Result<CardModel> BuildCard(const policy::Report& report, const verify::VerifiedBundle& bundle);

}  // namespace attestml::card
