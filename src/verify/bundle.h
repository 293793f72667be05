// Bundle → VerifiedBundle: every signature, every piece of evidence, every binding.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "statement/claims.h"
#include "statement/envelope.h"
#include "verify/evidence.h"

namespace attestml::verify {

// Who vouches for a statement.
struct Attested {
  std::size_t evidence = 0;  // index into VerifiedBundle::evidence()
};
struct Certified {
  crypto::Digest256 key_id{};
};

struct VerifiedStatement {
  std::size_t index = 0;  // its line in the order given, from 0: what reports and cards cite
  statement::Claim claim;
  crypto::Digest256 key_id{};
  crypto::Digest256 pae_sha256{};
  // Set for statements that evidence vouches for. A certification is signed by the key it names instead; whether that key
  // may speak is the policy's to say. A statement of unknown type may have neither.
  std::optional<std::size_t> evidence;
};

struct BundleEvidence {
  std::size_t index = 0;  // line of the evidence statement
  VerifiedEvidence evidence;
  crypto::Digest256 key_id{};
  bool for_statement = false;
  crypto::Digest256 target{};
  std::string nonce;
};

// Only VerifyBundle makes one: every statement in it has a good signature and, unless it is a certification or of a type
// that is not ours, good evidence for the key or for that very statement.
class VerifiedBundle {
 public:
  const std::vector<VerifiedStatement>& statements() const { return statements_; }
  const std::vector<BundleEvidence>& evidence() const { return evidence_; }
  Time time() const { return time_; }

 private:
  friend struct BundleVerifier;
  VerifiedBundle() = default;
  std::vector<VerifiedStatement> statements_;
  std::vector<BundleEvidence> evidence_;
  Time time_;
};

struct BundleOutcome {
  Checks checks;  // bundle.*, binding.*, and those of each piece of evidence
  Result<VerifiedBundle> bundle;
};

// VerifyBundle checks lines of one or several files, in any order. Any bad signature, binding or evidence fails the whole
// bundle: a bundle is a set of statements that somebody wants believed.
BundleOutcome VerifyBundle(std::span<const statement::Envelope> envelopes,
                           std::span<const evidence::CollateralItem> extra_collateral,
                           std::span<const TrustAnchor> anchors, Time time);

}  // namespace attestml::verify
