// Was this record among the training data? A record proof shows where a record stands in trees; which trees those are,
// and whether they are all that shaped the model, is known from verified training statements. spec/record-proof.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "policy/report.h"
#include "statement/record_proof.h"

namespace attestml::policy {

enum class RecordAnswer : unsigned char { kUnknown, kPresent, kAbsent };
std::string_view RecordAnswerName(RecordAnswer answer);  // "unknown", "present", "absent"

struct RecordQuestion {
  Bytes record;  // what the relying party asks about; empty: what the proof shows
  // Only uses of this dataset file, of this selection, in this role. Without any of them the question is about the
  // training data: every selection in every role of the model and of all it came from.
  std::optional<crypto::Digest256> dataset, selection;
  std::string role;
  std::optional<RecordAnswer> expected;  // any other answer is a failed check
};

// One selection that shaped the model, and what the proof shows of it.
struct RecordUse {
  statement::DatasetUse use;
  crypto::Digest256 model{};
  std::size_t line = 0;  // of the training statement, from 0
  bool asked = true;     // false: outside of the question
  RecordAnswer answer = RecordAnswer::kUnknown;
  std::optional<std::uint64_t> times;  // how often the record stands in it, when the proof shows that
};

struct RecordReport {
  Report report;  // of the bundle, with the checks record.* in front
  RecordAnswer answer = RecordAnswer::kUnknown;
  std::string sentence;                   // what is shown, and of what; "" when nothing is
  std::string record;                     // the text of the record asked about; "" when none is known
  std::optional<crypto::Digest256> leaf;  // of that record, images and tensors included
  std::vector<RecordUse> uses;
};

// AppraiseRecord appraises the bundle under the policy, then asks where the record is. An answer other than unknown is
// given if and only if the policy accepts and no check failed. Presence takes one selection that has the record;
// absence takes a proof for every selection asked about, all of whose records are read alike, and a lineage whose
// trainings are all stated. The report borrows from the bundle. Checks record.given, .canonical, .tree, .proof,
// .coverage, .comparable, .lineage, .model, .expected.
RecordReport AppraiseRecord(const statement::RecordProof& proof, const RecordQuestion& record,
                            const verify::VerifiedBundle& bundle, const Policy& policy, const Question& question);

// The report for people, the answer first (after the warning, when the evidence is simulated); and as JSON, with the
// member "record".
std::string RecordReportToText(const RecordReport& report, bool color);
Json RecordReportToJson(const RecordReport& report);

}  // namespace attestml::policy
