// What one format's verifier hands to VerifyEvidence, which alone makes VerifiedEvidence of it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "evidence/package.h"
#include "verify/chain.h"
#include "verify/evidence.h"

namespace attestml::verify {

// Vouched is evidence whose signature, chain, windows and revocation held.
struct Vouched {
  EvidenceFacts facts;
  crypto::Digest256 root{};  // key id of the anchor at which its chain ended
  Bytes platform_id;
  std::optional<unsigned> evaluation_number;
  Window window;
  std::optional<Time> collateral_issued;
  std::vector<crypto::Digest256> certificates;  // for each certificate used: its key's id and its own SHA-256
  std::optional<Since> since = std::nullopt;
};

struct FormatOutcome {
  Checks checks;
  Result<Vouched> vouched;
  std::optional<EvidenceFacts> facts;
};

// FormatInput borrows all that a format's verifier may look at.
struct FormatInput {
  const evidence::EvidencePackage& package;
  std::span<const evidence::CollateralItem> extra;  // brought by the relying party: looked at first
  std::span<const TrustAnchor> anchors;             // those of the format's vendor, and those of none
  Time time;
  Memo* memo;
};

}  // namespace attestml::verify
