// A small honest world for policy tests: a simulated authority, programs in it, and the statements of one training run,
// each of which a test may bend before it is stated.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "crypto/key.h"
#include "policy/report.h"
#include "statement/claims.h"
#include "statement/envelope.h"
#include "verify/bundle.h"

namespace attestml::policy_test {

inline constexpr Time kNow{1'780'000'000};

// Digest of a name: artifacts in these tests are names.
crypto::Digest256 DigestOf(std::string_view name);
std::string Sha(std::string_view name);  // "sha256:…" of DigestOf

// The key id of the simulated authority that signs for everybody here, and of a second one.
crypto::Digest256 AuthorityRoot(const std::string& authority = "first");

statement::Selection
PeopleSelection();  // columns age, sex, income; target income, positive ">50K"; sensitive sex; whole file
statement::DatasetUse People(const std::string& file, std::uint64_t count, const std::string& role = "");
// Recomputes the selection digest after a change.
void Reselect(statement::DatasetUse* use, const statement::Selection& selection);

statement::Run RunOf(const std::string& nonce = "");
statement::MetricResult MakeResult(const std::string& metric, const std::string& value, std::uint64_t count);

// A program in the simulated TEE with one session key.
class Prover {
 public:
  explicit Prover(const std::string& measurement = "prover", const std::string& authority = "first");
  void State(const statement::Claim& claim);
  // The statements and the evidence for the key.
  std::vector<statement::Envelope> Finish();

 private:
  std::string measurement_, authority_;
  crypto::PrivateKey key_;
  std::vector<statement::Envelope> lines_;
};

// The statements of an honest run: model M trained on people.data, tested on people.test.
struct Story {
  statement::TrainingClaim training;
  statement::PropertyClaim distribution;  // of people.data: P(sex=Female) = 0.33
  statement::PropertyClaim accuracy;      // of M on people.test: 0.85 over 1000, and 0.9 where sex=Female
  statement::PropertyClaim overlap;       // of people.test with people.data: 0
  statement::InferenceClaim inference;    // M, rows.csv → answers.csv, nonce 0a0b
  std::vector<statement::Claim> more;
  Story();
  std::vector<statement::Envelope> Bundle(const std::string& measurement = "prover") const;
};

// A policy that the honest story meets: the [trust] and [[program]] tables, and with `requirements` all of it.
std::string Trust(const std::string& measurement = "prover");
std::string Requirements();

verify::VerifiedBundle Verified(const std::vector<statement::Envelope>& envelopes,
                                const std::vector<std::string>& authorities = {"first"});
policy::Policy Parse(const std::string& toml);

// Verifies and appraises; the bundle outlives the report only within Appraised.
struct Appraised {
  std::unique_ptr<verify::VerifiedBundle> bundle;
  policy::Report report;
};
Appraised Appraise(const std::vector<statement::Envelope>& envelopes, const std::string& policy,
                   const policy::Question& question = {});

// The ids of failed checks, sorted, each once.
std::vector<std::string> Failed(const policy::Report& report);
std::string Explain(const policy::Report& report);

}  // namespace attestml::policy_test
