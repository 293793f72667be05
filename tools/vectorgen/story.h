// The claims of one honest run, for tests and vectors: each may be bent before it is stated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "statement/claims.h"

namespace attestml::vectorgen {

// Digest of a name: artifacts here are files that hold their name.
crypto::Digest256 DigestOf(std::string_view name);
std::string Sha(std::string_view name);  // "sha256:…" of DigestOf

statement::Selection
PeopleSelection();  // columns age, sex, income; target income, positive ">50K"; sensitive sex; whole file
statement::DatasetUse People(const std::string& file, std::uint64_t count, const std::string& role = "");
// Recomputes the selection digest after a change.
void Reselect(statement::DatasetUse* use, const statement::Selection& selection);
// The rows of an inference read so.
void Reread(statement::InferenceClaim* inference, const statement::Selection& selection);

statement::Run RunOf(const std::string& nonce = "");
statement::MetricResult MakeResult(const std::string& metric, const std::string& value, std::uint64_t count);

// Model M trained on people.data, tested on people.test.
struct Story {
  statement::TrainingClaim training;
  statement::PropertyClaim distribution;  // of people.data: P(sex=Female) = 0.33
  statement::PropertyClaim accuracy;      // of M on people.test: 0.85 over 1000, and 0.9 where sex=Female
  statement::PropertyClaim overlap;       // of people.test with people.data: 0
  statement::InferenceClaim inference;    // M, rows.csv → answers.csv, nonce 0a0b
  std::vector<statement::Claim> more;
  Story();
  // Those above in this order, then `more`.
  std::vector<statement::Claim> Claims() const;
};

// The requirements of a policy that the honest story meets.
std::string Requirements();

}  // namespace attestml::vectorgen
