// Time stamps of a bundle's lines, honest and not: what they date, and what they do not.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/pem.h"
#include "provers.h"
#include "time_authority.h"

namespace attestml::bundle_test {
namespace {

using namespace statement::sample;
using verify::CheckVerdict;
using verify::TimeAuthority;

constexpr Time Later(std::int64_t days) { return Time{kNow.unix_seconds + days * kDay}; }

const Prover& TheProver() {
  static const Prover prover;
  return prover;
}
const Stamper& Tsa() {
  static const Stamper stamper(Later(-100), Later(100));
  return stamper;
}

Lines Honest() {
  const Prover& prover = TheProver();
  return {prover.Sign(SampleTraining()), prover.Sign(SampleProperty()), prover.Sign(prover.KeyEvidence())};
}

Lines Stamped(Time time = kNow) {
  Lines lines = Honest();
  Tsa().Stamp(&lines, time);
  return lines;
}

verify::BundleOutcome VerifyWith(const Lines& lines, const std::vector<TimeAuthority>& authorities,
                                 const std::vector<evidence::CollateralItem>& collateral = {}) {
  const std::vector<verify::TrustAnchor> anchors = {Anchor()};
  return verify::VerifyBundle(lines, collateral, anchors, kNow, authorities);
}

// By when, or the id of why not; and what the check said: "pass", "fail", "not_checked", "" where there is none.
std::string Dated(const verify::BundleOutcome& outcome) {
  if (!outcome.bundle.ok()) return outcome.bundle.error().id;
  const auto date = verify::DateOf(outcome.bundle->dates());
  return date.ok() ? FormatTime(date->by) : date.error().id;
}
std::string Said(const verify::BundleOutcome& outcome) {
  std::string out;
  for (const auto& check : outcome.checks) {
    if (check.id == "bundle.timestamp") out += (out.empty() ? "" : " ") + std::string(CheckVerdictName(check.verdict));
  }
  return out;
}

TEST(BundleTimestamps, DateEveryLine) {
  const auto outcome = VerifyWith(Stamped(Later(-3)), {Tsa().Authority()});
  ASSERT_EQ(Ends(outcome), "ok") << outcome.bundle.error().message;
  EXPECT_EQ(Dated(outcome), FormatTime(Later(-3)));
  EXPECT_EQ(Said(outcome), "pass");  // one token for all
  ASSERT_EQ(outcome.bundle->dates().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& line = outcome.bundle->dates()[i];
    EXPECT_EQ(line.index, i);
    ASSERT_EQ(line.stamps.size(), 1U);
    EXPECT_EQ(line.stamps[0].time, Later(-3));
    EXPECT_EQ(line.stamps[0].authority, "the test authority");
    EXPECT_EQ(line.stamps[0].signer, "CN=Test TSA");
  }
  const auto date = verify::DateOf(outcome.bundle->dates());
  EXPECT_EQ(date->authorities, std::vector<std::string>{"the test authority"});
  const auto ahead = verify::DateEnvelopes(Stamped(Later(-3)), std::vector{Tsa().Authority()}, {});
  ASSERT_TRUE(ahead.ok());
  EXPECT_EQ(ahead->by, Later(-3));
}

TEST(BundleTimestamps, NoneIsNoCheckAndNoDate) {
  const auto outcome = VerifyWith(Honest(), {Tsa().Authority()});
  EXPECT_EQ(Said(outcome), "");
  EXPECT_EQ(Dated(outcome), "bundle.undated");
}

// What nobody who is named vouches for harms nothing and helps nothing.
TEST(BundleTimestamps, OfAnAuthorityThatIsNotNamed) {
  const Stamper stranger(Later(-100), Later(100));
  for (const auto& authorities :
       {std::vector<TimeAuthority>{}, std::vector<TimeAuthority>{stranger.Authority()},
        // The key that is named, in no certificate that is at hand.
        std::vector<TimeAuthority>{{"rootless", Tsa().root_key.public_key().id(), {}, {}}},
        // A certificate of the root with another key named.
        std::vector<TimeAuthority>{{"mixed up", stranger.root_key.public_key().id(), {Tsa().root}, {}}},
        // The authority's own key is no root.
        std::vector<TimeAuthority>{{"leaf", Tsa().key.public_key().id(), {Tsa().certificate}, {}}}}) {
    const auto outcome = VerifyWith(Stamped(), authorities);
    EXPECT_EQ(Ends(outcome), "ok");
    EXPECT_EQ(Said(outcome), "not_checked");
    EXPECT_EQ(Dated(outcome), "bundle.undated");
  }
}

// Of several that are named, each stamp is the word of the one whose root it ends at.
TEST(BundleTimestamps, OfOneAuthorityAmongOthers) {
  const Stamper stranger(Later(-100), Later(100));
  TimeAuthority other = stranger.Authority();
  other.name = "another authority";
  const auto outcome = VerifyWith(Stamped(), {other, Tsa().Authority()});
  ASSERT_EQ(Ends(outcome), "ok");
  const auto date = verify::DateOf(outcome.bundle->dates());
  ASSERT_TRUE(date.ok()) << date.error().message;
  EXPECT_EQ(date->authorities, std::vector<std::string>{"the test authority"});
}

// Where there is nothing that needs a date there is no date, rather than the beginning of time.
TEST(BundleTimestamps, NoLineHasNoDate) {
  const auto date = verify::DateOf(std::span<const verify::LineDates>());
  EXPECT_EQ(date.ok() ? FormatTime(date->by) : date.error().id, "bundle.undated");
}

TEST(BundleTimestamps, TheRootsCertificateMayLieInTheCollateral) {
  const TimeAuthority bare{"bare", Tsa().root_key.public_key().id(), {}, {}};
  EXPECT_EQ(Dated(VerifyWith(Stamped(), {bare}, {{"root.der", Tsa().root}})), FormatTime(kNow));
}

TEST(BundleTimestamps, UnderAnotherPolicy) {
  TimeAuthority authority = Tsa().Authority();
  authority.policies = {"1.2.3.4", "1.2.3.5"};
  EXPECT_EQ(Dated(VerifyWith(Stamped(), {authority})), FormatTime(kNow));
  authority.policies = {"1.2.3"};
  const auto outcome = VerifyWith(Stamped(), {authority});
  EXPECT_EQ(Said(outcome), "not_checked");
  EXPECT_EQ(Dated(outcome), "bundle.undated");
  // Two entries for one root: either will do.
  EXPECT_EQ(Dated(VerifyWith(Stamped(), {authority, Tsa().Authority()})), FormatTime(kNow));
}

TEST(BundleTimestamps, OfARevokedAuthority) {
  for (const std::int64_t days : {-50, 0, 50}) {
    const auto outcome = VerifyWith(Stamped(), {Tsa().Authority()}, {Tsa().Revocation(Later(days))});
    EXPECT_EQ(Ends(outcome), "ok");
    EXPECT_EQ(Said(outcome), "not_checked");
    EXPECT_EQ(Dated(outcome), "bundle.undated");
  }
  const Stamper stranger(Later(-100), Later(100));
  EXPECT_EQ(Dated(VerifyWith(Stamped(), {Tsa().Authority()}, {stranger.Revocation(kNow)})), FormatTime(kNow));
}

TEST(BundleTimestamps, Banned) {
  const auto outcome = VerifyWith(Stamped(), {Tsa().Authority()});
  for (const crypto::Digest256& banned : {Tsa().key.public_key().id(), crypto::Sha256(Tsa().certificate),
                                          Tsa().root_key.public_key().id(), crypto::Sha256(Tsa().root)}) {
    const auto date = verify::DateOf(outcome.bundle->dates(), std::vector{banned});
    EXPECT_EQ(date.ok() ? "ok" : date.error().id, "bundle.undated");
  }
  EXPECT_TRUE(verify::DateOf(outcome.bundle->dates(), std::vector{crypto::Sha256({})}).ok());
}

TEST(BundleTimestamps, WhatIsBrokenFails) {
  const auto with = [](const std::function<void(Lines&)>& change) {
    Lines lines = Stamped();
    change(lines);
    const auto outcome = VerifyWith(lines, {Tsa().Authority()});
    return Ends(outcome);
  };
  EXPECT_EQ(with([](Lines&) {}), "ok");
  EXPECT_EQ(with([](Lines& l) { l[1].timestamps[0].token = {1}; }), "malformed timestamp.der");
  EXPECT_EQ(with([](Lines& l) { l[1].timestamps[0].token.pop_back(); }), "malformed timestamp.der");
  EXPECT_EQ(with([](Lines& l) { l[1].timestamps[0].token.back() ^= 1; }), "untrusted timestamp.signature");
  // Of other lines: moved, of another place, of another signature.
  EXPECT_EQ(with([](Lines& l) { l[0].timestamps = l[1].timestamps; }), "untrusted timestamp.mismatch");
  EXPECT_EQ(with([](Lines& l) { l[0].timestamps[0].index = 1; }), "untrusted timestamp.mismatch");
  EXPECT_EQ(with([](Lines& l) { l[0].timestamps[0].path[0][0] ^= 1; }), "untrusted timestamp.mismatch");
  EXPECT_EQ(with([](Lines& l) { l[0].timestamps[0].path.clear(); }), "malformed envelope.timestamp");
  EXPECT_EQ(with([](Lines& l) {
              const auto again = TheProver().Sign(SampleTraining());
              l[0].signature = again.signature;
            }),
            "untrusted timestamp.mismatch");
  EXPECT_EQ(with([](Lines& l) {
              Lines others = {TheProver().Sign(SampleInference())};
              l[0].timestamps[0].token = Tsa().Token(statement::TimestampedRoot(others), kNow);
            }),
            "untrusted timestamp.mismatch");
}

// A token that cannot be what it says is refused whoever made it.
TEST(BundleTimestamps, WhatIsBrokenFailsWithoutAnAuthorityToo) {
  Lines lines = Stamped();
  lines[1].timestamps[0].token = {0x30, 0x00};
  EXPECT_EQ(Ends(VerifyWith(lines, {})), "malformed timestamp.der");
  lines = Stamped();
  lines[0].timestamps[0].index = 1;
  EXPECT_EQ(Ends(VerifyWith(lines, {})), "untrusted timestamp.mismatch");
}

TEST(BundleTimestamps, OutsideTheAuthoritysOwnWindow) {
  EXPECT_EQ(Ends(VerifyWith(Stamped(Later(101)), {Tsa().Authority()})), "untrusted timestamp.validity");
  EXPECT_EQ(Ends(VerifyWith(Stamped(Later(-101)), {Tsa().Authority()})), "untrusted timestamp.validity");
}

// Lines can be taken out, moved, repeated and mixed with others.
TEST(BundleTimestamps, LinesKeepTheirDates) {
  Lines lines = Stamped();
  std::reverse(lines.begin(), lines.end());
  EXPECT_EQ(Dated(VerifyWith(lines, {Tsa().Authority()})), FormatTime(kNow));
  lines.erase(lines.begin() + 1);
  EXPECT_EQ(Dated(VerifyWith(lines, {Tsa().Authority()})), FormatTime(kNow));
  lines.push_back(lines.front());
  EXPECT_EQ(Dated(VerifyWith(lines, {Tsa().Authority()})), FormatTime(kNow));
  // A statement made later, by a key that was alive then, has no date, and the bundle as a whole has none.
  lines.push_back(TheProver().Sign(SampleInference()));
  const auto outcome = VerifyWith(lines, {Tsa().Authority()});
  EXPECT_EQ(Ends(outcome), "ok");
  EXPECT_EQ(Dated(outcome), "bundle.undated");
  // Evidence needs its date as much as statements do: a quote made later vouches for all of them.
  Lines evidence_later = Honest();
  Lines statements(evidence_later.begin(), evidence_later.begin() + 2);
  Tsa().Stamp(&statements, kNow);
  std::copy(statements.begin(), statements.end(), evidence_later.begin());
  EXPECT_EQ(Dated(VerifyWith(evidence_later, {Tsa().Authority()})), "bundle.undated");
}

std::string RevocationSaid(const verify::BundleOutcome& outcome) {
  std::string out;
  for (const auto& check : outcome.checks) {
    if (check.id != "bundle.timestamp.revocation") continue;
    out += (out.empty() ? "" : " ") + std::string(CheckVerdictName(check.verdict));
  }
  return out;
}

// The report says whether revocation was looked at.
TEST(BundleTimestamps, SaysWhatRevocationWasLookedAt) {
  EXPECT_EQ(RevocationSaid(VerifyWith(Stamped(), {Tsa().Authority()})), "not_checked");
  const auto outcome = VerifyWith(Stamped(), {Tsa().Authority()}, {Tsa().Crl(kNow, 99)});
  EXPECT_EQ(RevocationSaid(outcome), "pass");
  EXPECT_EQ(Dated(outcome), FormatTime(kNow));
  EXPECT_EQ(RevocationSaid(VerifyWith(Stamped(), {Tsa().Authority()}, {Tsa().Revocation(kNow)})), "");
  EXPECT_EQ(RevocationSaid(VerifyWith(Honest(), {Tsa().Authority()})), "");
}

// A CRL as people have it: PEM, with text before it. And what may have been one.
TEST(BundleTimestamps, CrlsInOtherForms) {
  const Bytes der = Tsa().Revocation(kNow).bytes;
  const auto dated = [](const std::string& text, const std::vector<evidence::CollateralItem>& beside = {}) {
    std::vector<evidence::CollateralItem> collateral = beside;
    collateral.push_back({"crl", ToBytes(AsBytes(text))});
    return Dated(VerifyWith(Stamped(), {Tsa().Authority()}, collateral));
  };
  const std::string pem = crypto::DerToPem("X509 CRL", der);
  EXPECT_EQ(dated(pem), "bundle.undated");
  EXPECT_EQ(dated("Certificate Revocation List (CRL):\n    Version 2 (0x1)\n" + pem), "bundle.undated");
  std::string broken = pem;
  broken[broken.size() / 2] = '!';
  EXPECT_EQ(dated(broken), "bundle.undated");
  EXPECT_EQ(dated(broken, {Tsa().Crl(kNow, 99)}), FormatTime(kNow));  // there is one that can be read
  EXPECT_EQ(dated("a note about -----BEGIN X509 CRL-----"), FormatTime(kNow));
  const Bytes cut(der.begin(), der.end() - 1);
  EXPECT_EQ(dated(std::string(AsText(cut))), "bundle.undated");
}

// A bundle without evidence meets no other limit on collateral.
TEST(BundleTimestamps, ACrlBehindAFloodIsNotLost) {
  Lines lines = Stamped();
  std::vector<evidence::CollateralItem> flood;
  for (int i = 0; i < 129; ++i) flood.push_back(Tsa().Crl(Later(i - 200), 99));
  flood.push_back(Tsa().Revocation(kNow));
  const auto date = verify::DateEnvelopes(lines, std::vector{Tsa().Authority()}, flood);
  ASSERT_FALSE(date.ok());
  EXPECT_EQ(date.error().id, "timestamp.collateral");
  EXPECT_TRUE(verify::DateEnvelopes(lines, std::vector{Tsa().Authority()}, std::span(flood).first(128)).ok());
}

TEST(BundleTimestamps, StatementsOfOthersNeedNone) {
  Lines lines = Stamped();
  lines.push_back(TheProver().Sign(statement::UnknownClaim{}));
  const std::string payload =
      R"({"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"https://example.com/p","subject":[{"digest":{"sha256":")" +
      std::string(64, 'a') + R"("},"name":"x"}]})";
  lines.back() = statement::SignEnvelope(payload, TheProver().key);
  EXPECT_EQ(Dated(VerifyWith(lines, {Tsa().Authority()})), FormatTime(kNow));
  const auto ahead = verify::DateEnvelopes(lines, std::vector{Tsa().Authority()}, {});
  EXPECT_EQ(ahead.ok() ? FormatTime(ahead->by) : ahead.error().id, FormatTime(kNow));
}

// Of several, each line's earliest counts, and of all lines the latest.
TEST(BundleTimestamps, EarliestOfALineLatestOfAll) {
  Lines lines = Stamped(Later(-5));
  Tsa().Stamp(&lines, Later(-7));
  Tsa().Stamp(&lines, Later(-2));
  EXPECT_EQ(Dated(VerifyWith(lines, {Tsa().Authority()})), FormatTime(Later(-7)));
  lines[1].timestamps.erase(lines[1].timestamps.begin() + 1);
  EXPECT_EQ(Dated(VerifyWith(lines, {Tsa().Authority()})), FormatTime(Later(-5)));
  // One by a stranger beside it changes nothing.
  const Stamper stranger(Later(-100), Later(100));
  stranger.Stamp(&lines, Later(-50));
  const auto outcome = VerifyWith(lines, {Tsa().Authority()});
  EXPECT_EQ(Dated(outcome), FormatTime(Later(-5)));
  EXPECT_EQ(Said(outcome), "pass pass pass not_checked");
}

// Each copy of a line that stands twice has a signature of its own, and each is good: the stamp of either dates it.
TEST(BundleTimestamps, OfEitherCopyOfALine) {
  Lines lines = Honest();
  Lines with_copy = lines;
  with_copy[0] = TheProver().Sign(SampleTraining());
  ASSERT_NE(with_copy[0].signature, lines[0].signature);
  Tsa().Stamp(&with_copy, kNow);
  with_copy.insert(with_copy.begin(), lines[0]);  // the first place has no stamp
  EXPECT_EQ(Dated(VerifyWith(with_copy, {Tsa().Authority()})), FormatTime(kNow));
}

// What a verifier does for tokens is bounded.
TEST(BundleTimestamps, AtMost64DifferentOnes) {
  Lines lines;
  for (int i = 0; i < 9; ++i) {
    Lines one = {TheProver().Sign(SampleTraining())};
    for (int j = 0; j < (i < 8 ? 8 : 1); ++j) Tsa().Stamp(&one, kNow);
    lines.push_back(one[0]);
  }
  lines.push_back(TheProver().Sign(TheProver().KeyEvidence()));
  EXPECT_EQ(Ends(VerifyWith(lines, {Tsa().Authority()})), "malformed bundle.timestamps");
  lines.erase(lines.begin() + 8);
  EXPECT_EQ(Ends(VerifyWith(lines, {Tsa().Authority()})), "ok");
}

// A failure before the stamps are looked at says that they were not.
TEST(BundleTimestamps, NotReached) {
  Lines lines = Stamped();
  lines[0].signature.back() ^= 1;
  const auto outcome = VerifyWith(lines, {Tsa().Authority()});
  EXPECT_EQ(Ends(outcome), "untrusted bundle.signature");
  EXPECT_EQ(Said(outcome), "not_checked");
}

}  // namespace
}  // namespace attestml::bundle_test
