// Every case of the table, and every damage to an honest package, against the verifier that programs use.
#include <gtest/gtest.h>

#include <set>

#include "base/hex.h"
#include "vectorgen/evidence_cases.h"
#include "verify/evidence.h"

namespace attestml {
namespace {

using vectorgen::EvidenceCase;

const std::vector<EvidenceCase>& Cases() {
  static const std::vector<EvidenceCase> cases = vectorgen::MakeEvidenceCases();
  return cases;
}

// Without making the others, of which SEV-SNP's keys take seconds.
const EvidenceCase& Honest() {
  static const EvidenceCase honest = vectorgen::MakeHonestCase();
  return honest;
}

verify::EvidenceOutcome Verify(const EvidenceCase& c) {
  return verify::VerifyEvidence(c.package, c.extra, c.anchors, c.time);
}

// What a refusal must be: an error of a kind that evidence can have, with an id.
void ExpectRefused(const EvidenceCase& c, const std::string& what) {
  const auto outcome = Verify(c);
  ASSERT_FALSE(outcome.evidence.ok()) << what;
  const Error& error = outcome.evidence.error();
  EXPECT_TRUE(error.kind == ErrorKind::kMalformed || error.kind == ErrorKind::kUnsupported ||
              error.kind == ErrorKind::kUntrusted || error.kind == ErrorKind::kUnavailable)
      << what << ": " << KindName(error.kind);
  EXPECT_FALSE(error.id.empty()) << what;
}

TEST(EvidenceAttack, EveryCaseEndsAsItMust) {
  std::set<std::string> names;
  for (const EvidenceCase& c : Cases()) {
    const auto outcome = Verify(c);
    const std::string message = outcome.evidence.ok() ? "" : outcome.evidence.error().message;
    EXPECT_EQ(vectorgen::Outcome(outcome.evidence), c.expect) << c.name << ": " << c.why << "\n  " << message;
    EXPECT_TRUE(names.insert(c.name).second) << c.name << " stands twice";
  }
}

TEST(EvidenceAttack, TheReportAgreesWithTheVerdict) {
  for (const EvidenceCase& c : Cases()) {
    const auto outcome = Verify(c);
    std::size_t num_failed = 0;
    std::size_t num_passed = 0;
    for (const verify::Check& check : outcome.checks) {
      num_failed += check.verdict == verify::CheckVerdict::kFail;
      // An event log and AMD's CRL need not be there; evidence without the CRL says so to the policy.
      const bool optional =
          check.id == "tdx.event_log" || check.id.starts_with("snp.crl") || check.id.starts_with("snp.revocation");
      num_passed += check.verdict == verify::CheckVerdict::kPass ||
                    (optional && check.verdict == verify::CheckVerdict::kNotChecked);
    }
    ASSERT_FALSE(outcome.checks.empty());
    if (outcome.evidence.ok()) {
      EXPECT_EQ(num_passed, outcome.checks.size()) << c.name << ": verified although a check was not made";
    } else {
      EXPECT_EQ(num_failed, 1U) << c.name << ": it stops at the first failure";
    }
  }
}

TEST(EvidenceAttack, VerifiedEvidenceSaysWhatTheAuthorityWrote) {
  const auto evidence = Verify(Honest()).evidence;
  ASSERT_TRUE(evidence.ok());
  EXPECT_EQ(evidence->tee(), "simulated");
  EXPECT_TRUE(evidence->simulated());
  EXPECT_EQ(evidence->root(), Honest().anchors[0].key_id);
  EXPECT_EQ(evidence->platform(), "0053494d0000");
  EXPECT_EQ(evidence->platform_id().size(), 16U);
  EXPECT_EQ(evidence->product_id(), 1U);
  EXPECT_EQ(evidence->evaluation_number(), 1U);
  EXPECT_EQ(evidence->report_data()[63], 63);
  EXPECT_EQ(evidence->time(), vectorgen::kIssued);
  EXPECT_EQ(evidence->valid_from().unix_seconds, vectorgen::kIssued.unix_seconds - tee::kClockSkew);
  EXPECT_EQ(evidence->valid_until().unix_seconds, evidence->valid_from().unix_seconds + tee::kCollateralSeconds);
}

TEST(EvidenceAttack, AnAnchorThatIsNotMarkedSimulatedStillEndsAtItsOwnRoot) {
  EvidenceCase c = Honest();
  c.anchors.push_back(c.anchors[0]);
  c.anchors[0].simulated = false;
  const auto evidence = Verify(c).evidence;
  ASSERT_TRUE(evidence.ok());
  EXPECT_TRUE(evidence->simulated()) << "one key under two names: the worse name counts";
}

TEST(EvidenceAttack, EveryFlippedByteOfTheQuoteIsRefused) {
  EvidenceCase c = Honest();
  for (std::size_t at = 0; at < c.package.evidence.size(); ++at) {
    c.package.evidence[at] ^= 1;
    ExpectRefused(c, "quote byte " + std::to_string(at));
    c.package.evidence[at] ^= 1;
  }
}

TEST(EvidenceAttack, EveryTruncationOfTheQuoteIsRefused) {
  EvidenceCase c = Honest();
  while (!c.package.evidence.empty()) {
    c.package.evidence.pop_back();
    ExpectRefused(c, "quote of " + std::to_string(c.package.evidence.size()) + " bytes");
  }
}

TEST(EvidenceAttack, EveryFlippedByteOfTheCollateralIsRefused) {
  EvidenceCase c = Honest();
  // The root's certificate is in the quote, too; here only the signer's would be missed.
  std::string chain(AsText(c.package.collateral[vectorgen::kTcbChain].bytes));
  chain.resize(chain.find("-----BEGIN", 1));
  c.package.collateral[vectorgen::kTcbChain].bytes = ToBytes(AsBytes(chain));
  ASSERT_EQ(vectorgen::Outcome(Verify(c).evidence), "verified UpToDate");
  for (evidence::CollateralItem& item : c.package.collateral) {
    for (std::size_t at = 0; at < item.bytes.size(); ++at) {
      // Line ends are no part of what is encoded: LF may become CR LF, but never vertical tab.
      item.bytes[at] ^= 1;
      ExpectRefused(c, item.label + " byte " + std::to_string(at));
      item.bytes[at] ^= 1;
    }
  }
}

TEST(EvidenceAttack, EveryTruncationOfTheCollateralIsRefused) {
  for (std::size_t i = 0; i < Honest().package.collateral.size(); ++i) {
    EvidenceCase c = Honest();
    Bytes& bytes = c.package.collateral[i].bytes;
    if (i == vectorgen::kTcbChain) bytes.resize(AsText(bytes).find("-----BEGIN", 1) - 1);  // the signer's, without LF
    while (!bytes.empty()) {
      bytes.pop_back();
      ExpectRefused(c, c.package.collateral[i].label + " of " + std::to_string(bytes.size()) + " bytes");
    }
  }
}

TEST(EvidenceAttack, EveryLyingLengthIsRefused) {
  constexpr std::size_t kAuthSizeAt = 436 + 64 + 64 + 384 + 64;
  constexpr std::size_t kCertSizeAt = kAuthSizeAt + 2 + 32 + 2;
  const struct { std::size_t at, width; } fields[] = {{432, 4}, {kAuthSizeAt, 2}, {kCertSizeAt, 4}};
  for (const auto& field : fields) {
    EvidenceCase c = Honest();
    Bytes& quote = c.package.evidence;
    std::uint64_t truth = 0;
    for (std::size_t i = 0; i < field.width; ++i) truth |= std::uint64_t{quote[field.at + i]} << (8 * i);
    for (const std::uint64_t lie : {std::uint64_t{0}, std::uint64_t{1}, truth - 1, truth + 1, std::uint64_t{0x7fff},
                                    std::uint64_t{0x8000}, std::uint64_t{0x80000000}, std::uint64_t{0xffffffff}}) {
      for (std::size_t i = 0; i < field.width; ++i) quote[field.at + i] = static_cast<std::uint8_t>(lie >> (8 * i));
      ExpectRefused(c, "length " + std::to_string(lie) + " at " + std::to_string(field.at));
    }
  }
}

// A prover who sends more than any genuine set holds must cost little and win nothing.
TEST(EvidenceAttack, FloodsOfCollateralAreRefusedOrIgnored) {
  const auto with = [](auto make) {
    EvidenceCase c = Honest();
    for (int i = 0; i < 300; ++i) c.package.collateral.push_back({"flood", make(i)});
    return vectorgen::Outcome(Verify(c).evidence);
  };
  const tee::SimulatedAuthority authority =
      tee::SimulatedAuthority::Create(tee::SimulatedKeys::Generate(), vectorgen::kIssued);
  EXPECT_EQ(with([](int) { return Bytes{1, 2, 3}; }), "verified UpToDate");
  EXPECT_EQ(with([&](int i) {
              return ToBytes(AsBytes("{\"tcbInfo\":{\"n\":" + std::to_string(i) + "},\"signature\":\"\"}"));
            }),
            "malformed sgx.collateral.count");
  EXPECT_EQ(with([&](int i) {
              auto crl = authority.pck_crl;
              crl.crl.number = static_cast<std::uint64_t>(i);
              return crypto::IssueCrl(crl.crl, crl.issuer).value();
            }),
            "malformed sgx.collateral.count");
  EXPECT_EQ(with([&](int i) {
              auto leaf = authority.pck;
              leaf.certificate.serial = {1, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i / 256 + 1)};
              return crypto::IssueCertificate(leaf.certificate, leaf.key.public_key(), leaf.issuer).value();
            }),
            "malformed chain.count");
}

}  // namespace
}  // namespace attestml
