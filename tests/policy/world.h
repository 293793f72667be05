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
#include "vectorgen/story.h"
#include "verify/bundle.h"

namespace attestml::policy_test {

inline constexpr Time kNow{1'780'000'000};

using vectorgen::DigestOf;
using vectorgen::MakeResult;
using vectorgen::People;
using vectorgen::PeopleSelection;
using vectorgen::Requirements;
using vectorgen::Reread;
using vectorgen::Reselect;
using vectorgen::RunOf;
using vectorgen::Sha;

// The key id of the simulated authority that signs for everybody here, and of a second one.
crypto::Digest256 AuthorityRoot(const std::string& authority = "first");

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

// The honest run, stated by one prover with this measurement.
struct Story : vectorgen::Story {
  std::vector<statement::Envelope> Bundle(const std::string& measurement = "prover") const;
};

// The [trust] and [[program]] tables that the honest story meets, before Requirements().
std::string Trust(const std::string& measurement = "prover");

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
