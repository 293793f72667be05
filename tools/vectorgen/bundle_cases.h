// Bundles, policies and questions that must be refused, each beside an honest twin: what an attacker would offer, and
// what comes back. They become the files of vectors/bundles, which any implementation can run.
//
// Everything here comes out the same each time (vectorgen/test_random.h): the keys are public and protect nothing.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"
#include "evidence/package.h"
#include "statement/envelope.h"
#include "tee/simulated_authority.h"
#include "vectorgen/story.h"

namespace attestml::vectorgen {

// When the evidence was issued and, unless a case says otherwise, as of when it is judged. It lies in every reader's
// past, so a policy that accepts says `as-of = true`.
inline constexpr Time kBundleTime{1'738'368'000};  // 2025-02-01T00:00:00Z
inline constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr Time DaysLater(std::int64_t days) { return {kBundleTime.unix_seconds + days * kSecondsPerDay}; }

// Text with runs in it, so that a bomb need not be written out.
struct Piece {
  std::string text;
  std::size_t times = 1;
};
using Text = std::vector<Piece>;

// What the relying party holds: bytes, not digests.
struct Held {
  std::optional<std::string> model, input, output, receipt, nonce;  // the nonce in hexadecimal
  std::vector<std::string> datasets;
};

struct BundleCase {
  std::string name;
  std::string attack;  // the family it belongs to; each family has refused and accepted cases
  std::string why;     // what a wrong answer would mean
  // "accepted"; "rejected ID…" with every failed check; "KIND ID" of the error that ends verification; or "none KIND
  // ID" where the policy or the receipt is refused before the bundle is looked at.
  std::string expect;
  Time at = kBundleTime;
  std::vector<Text> bundles;  // one a file
  Text policy;
  Held held;
  std::vector<evidence::CollateralItem> collateral;
};

// The vendor that all share, and another with keys of its own. Kept by name, so that the same is made but once.
const tee::SimulatedKeys& VendorKeys(const std::string& name = "vendor");
crypto::PrivateKey TestKey(const std::string& name, crypto::KeyType type = crypto::KeyType::kEcdsaP256);
// The platform of this vendor as of `now`, running the program with this name.
tee::SimulatedAuthority Platform(const std::string& program = "prover", Time now = kBundleTime,
                                 const std::string& vendor = "vendor");
std::string RootOf(const std::string& vendor = "vendor");  // "sha256:…", as a policy names it

// A program on a platform with one session key, which is a function of `key_name`.
class BundleProver {
 public:
  explicit BundleProver(tee::SimulatedAuthority platform = Platform(), const std::string& key_name = "session");

  const crypto::PrivateKey& key() const { return key_; }
  std::string Line(const statement::Claim& claim) const;  // one line, no newline
  std::string LineOf(const std::string& payload) const;
  std::string Evidence(const std::string& nonce = "") const { return Line(KeyEvidence(nonce)); }
  statement::EvidenceClaim KeyEvidence(const std::string& nonce = "") const;
  statement::EvidenceClaim StatementEvidence(const std::string& payload) const;
  // The lines of a story, its evidence last.
  std::vector<std::string> Lines(const Story& story) const;

 private:
  std::string Package(const crypto::Digest256& target, const std::string& nonce) const;
  tee::SimulatedAuthority platform_;
  crypto::PrivateKey key_;
};

std::string SignLine(const std::string& payload, const crypto::PrivateKey& key);

Text Bundle(const std::vector<std::string>& lines);
// `text` with the one place where `from` stands changed; aborts when there is none or two, for a case that changes
// nothing would prove nothing.
std::string Replaced(std::string text, std::string_view from, std::string_view to);
std::string Flipped(std::string text, std::size_t at);  // the lowest bit of the byte there
// The tables of a policy: [trust] with `trust` in it, and one [[program]].
std::string TrustTable(const std::string& trust = "");
std::string ProgramTable(const std::string& program = "prover", const std::string& tee = "simulated",
                         const std::string& root = RootOf(),
                         const std::string& may_state = R"(["training", "property", "inference"])");
std::string HonestPolicy();

class BundleCaseBuilder {
 public:
  void Attack(std::string_view attack) { attack_ = attack; }
  // Adds a case: until it is changed, the honest bundle under the honest policy.
  BundleCase& Add(std::string_view name, std::string_view expect, std::string_view why);
  // The same with the claims of `story`.
  BundleCase& Add(std::string_view name, std::string_view expect, std::string_view why, const Story& story);
  std::deque<BundleCase> Take() && { return std::move(cases_); }

 private:
  std::string attack_;
  std::deque<BundleCase> cases_;
};

// By topic, in the order in which a reader should meet them.
void AddByteCases(BundleCaseBuilder* b);      // damage, JSON, bombs, numbers, unknown fields
void AddWordCases(BundleCaseBuilder* b);      // whose word it is: evidence, keys, programs
void AddTimeCases(BundleCaseBuilder* b);      // collateral, revocation, time
void AddStampCases(BundleCaseBuilder* b);     // time stamps
void AddClaimCases(BundleCaseBuilder* b);     // what is claimed, and of what
void AddQuestionCases(BundleCaseBuilder* b);  // answers, nonces, receipts, certifications
void AddPolicyCases(BundleCaseBuilder* b);    // policies that are wrong, or empty

std::deque<BundleCase> MakeBundleCases();

}  // namespace attestml::vectorgen
