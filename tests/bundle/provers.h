// Provers for tests: simulated platforms, programs and session keys that say whatever a test wants.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/hex.h"
#include "statement/binding.h"
#include "statement/envelope.h"
#include "statement/sample_claims.h"
#include "tee/simulated_authority.h"
#include "verify/bundle.h"

namespace attestml::bundle_test {

inline constexpr Time kNow{1790000000};  // 2026-09-21T14:13:20Z
inline constexpr std::int64_t kDay = 86400;

using Lines = std::vector<statement::Envelope>;

// One vendor, whose keys every prover shares but those that ask for another.
inline const tee::SimulatedKeys& Vendor() {
  static const tee::SimulatedKeys keys = tee::SimulatedKeys::Generate();
  return keys;
}
inline const tee::SimulatedKeys& OtherVendor() {
  static const tee::SimulatedKeys keys = tee::SimulatedKeys::Generate();
  return keys;
}
inline verify::TrustAnchor Anchor(const tee::SimulatedKeys& keys = Vendor()) {
  return {"simulated", keys.root.public_key().id(), true};
}

// A TEE that runs one program. Nothing in here is honest by necessity.
struct Tee {
  tee::SimulatedAuthority authority = tee::SimulatedAuthority::Create(Vendor(), kNow);

  explicit Tee(std::uint8_t measurement = 1, const tee::SimulatedKeys& keys = Vendor(), Time now = kNow)
      : authority(tee::SimulatedAuthority::Create(keys, now)) {
    authority.program.mrenclave.fill(measurement);
  }

  std::string Quote(const std::array<std::uint8_t, 64>& report_data) const {
    const auto package = tee::IssueEvidence(authority, report_data);
    return evidence::EncodeCmw(*package);
  }
};

struct Prover {
  Tee tee;
  crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);

  const crypto::Digest256& key_id() const { return key.public_key().id(); }

  statement::Envelope Sign(const statement::Claim& claim) const {
    return statement::SignEnvelope(statement::WriteStatement(claim), key);
  }

  statement::EvidenceClaim KeyEvidence(const std::string& nonce = "") const {
    const auto report_data = statement::ReportData(key_id(), {}, statement::NonceDigest(*HexDecode(nonce)));
    auto out = statement::sample::SampleEvidence(key.public_key().spki(), tee.Quote(report_data));
    out.nonce = nonce;
    return out;
  }

  statement::EvidenceClaim StatementEvidence(const statement::Envelope& of, const std::string& nonce = "") const {
    const crypto::Digest256 target = crypto::Sha256(statement::Pae(of.payload));
    const auto report_data = statement::ReportData(key_id(), target, statement::NonceDigest(*HexDecode(nonce)));
    auto out = statement::sample::SampleEvidence(key.public_key().spki(), tee.Quote(report_data), &target);
    out.nonce = nonce;
    return out;
  }
};

// The quote of one piece of evidence in the wrapping of another.
inline statement::EvidenceClaim WithCmwOf(statement::EvidenceClaim claim, const statement::EvidenceClaim& other) {
  claim.cmw = other.cmw;
  return claim;
}

// "ok", or "kind id".
inline std::string Ends(const verify::BundleOutcome& outcome) {
  if (outcome.bundle.ok()) return "ok";
  return std::string(KindName(outcome.bundle.error().kind)) + " " + outcome.bundle.error().id;
}

inline bool Same(const verify::BundleOutcome& a, const verify::BundleOutcome& b) {
  if (Ends(a) != Ends(b) || a.checks.size() != b.checks.size()) return false;
  if (!a.bundle.ok() && a.bundle.error().message != b.bundle.error().message) return false;
  for (std::size_t i = 0; i < a.checks.size(); ++i) {
    const auto& x = a.checks[i];
    const auto& y = b.checks[i];
    if (x.id != y.id || x.verdict != y.verdict || x.seen != y.seen || x.wanted != y.wanted) return false;
  }
  return true;
}

// A second thread must never change what is said, whatever is wrong with the bundle.
inline verify::BundleOutcome Verify(const Lines& lines, Time time = kNow) {
  const std::vector<verify::TrustAnchor> anchors = {Anchor()};
  auto outcome = verify::VerifyBundle(lines, {}, anchors, time);
  for (const auto second : {verify::SecondThread::kNever, verify::SecondThread::kAlways}) {
    verify::Session session({}, anchors, time);
    EXPECT_TRUE(Same(verify::VerifyBundle(lines, session, second), outcome));
  }
  return outcome;
}

}  // namespace attestml::bundle_test
