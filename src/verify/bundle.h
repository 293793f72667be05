// Bundle → VerifiedBundle: every signature, every piece of evidence, every binding.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "statement/claims.h"
#include "statement/envelope.h"
#include "statement/opening.h"
#include "verify/evidence.h"
#include "verify/session.h"

namespace attestml::verify {

struct VerifiedStatement {
  std::size_t index = 0;  // its line in the order given, from 0; messages for people say "line N", from 1
  statement::Claim claim;
  crypto::Digest256 key_id{};
  crypto::Digest256 pae_sha256{};
  // Index into VerifiedBundle::evidence(), set where evidence vouches for the statement: always for training, property
  // and inference. A certification is signed by the key it names instead; whether that key may speak is the policy's to
  // say. A statement of unknown type has neither when nothing here names its key, and then its signature was not
  // checked.
  std::optional<std::size_t> evidence;
};

// Evidence of a key that signs nothing else, and evidence for a statement that is not there, are kept: harmless, and
// listed.
struct BundleEvidence {
  std::size_t index = 0;  // line of the evidence statement
  VerifiedEvidence evidence;
  crypto::Digest256 key_id{};
  bool for_statement = false;
  crypto::Digest256 target{};
  std::string nonce;
};

// Only VerifyBundle makes one: every statement in it has a good signature and, unless it is a certification or of a
// type that is not ours, good evidence for the key or for that very statement. Evidence lines are not among the
// statements. Lines with the same payload and key count once, at the first place.
class VerifiedBundle {
 public:
  const std::vector<VerifiedStatement>& statements() const { return statements_; }
  const std::vector<BundleEvidence>& evidence() const { return evidence_; }
  // By when each line existed, by the word of the time-stamping authorities that the relying party named: for every
  // line, evidence too, but for statements of types that are not ours.
  const std::vector<LineDates>& dates() const { return dates_; }
  Time time() const { return time_; }

  // Puts in what the openings show of concealed claims. The bundle is spoiled when this fails. Error ids opening.*.
  Status Open(const statement::Opener& opener) {
    for (VerifiedStatement& statement : statements_) ATTESTML_CHECK(opener.Open(&statement.claim));
    return {};
  }

 private:
  friend struct BundleVerifier;
  VerifiedBundle() = default;
  std::vector<VerifiedStatement> statements_;
  std::vector<BundleEvidence> evidence_;
  std::vector<LineDates> dates_;
  Time time_;
};

struct BundleOutcome {
  Checks checks;  // bundle.*, binding.*, certifier.*, and those of each piece of evidence
  Result<VerifiedBundle> bundle;
};

// VerifyBundle checks lines of one or several files, in any order. Any bad signature, binding or evidence fails the
// whole bundle: a bundle is a set of statements that somebody wants believed. spec/bundle.md has the rules and their
// ids. May use a second thread; the outcome is the same without.
BundleOutcome VerifyBundle(std::span<const statement::Envelope> envelopes,
                           std::span<const evidence::CollateralItem> extra_collateral,
                           std::span<const TrustAnchor> anchors, Time time,
                           std::span<const TimeAuthority> time_authorities = {});

// Whether a second thread verifies evidence while the statements are read (verify/evidence_ahead.h).
enum class SecondThread : std::uint8_t { kNever, kWhereItPays, kAlways };

// The same for one bundle of many: what the session has seen is not verified again. Who verifies many has better use
// for further threads than one bundle has.
BundleOutcome VerifyBundle(std::span<const statement::Envelope> envelopes, Session& session,
                           SecondThread second = SecondThread::kNever);

}  // namespace attestml::verify
