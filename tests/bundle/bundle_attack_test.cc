// Bundles that a prover would like to have believed, and the one reason for which each is refused.
#include <gtest/gtest.h>

#include "crypto/certificate_builder.h"
#include "provers.h"

namespace attestml::bundle_test {
namespace {

using namespace statement::sample;

TEST(BundleAttack, StatementByAKeyWithoutEvidence) {
  const Prover prover, stranger;
  const auto evidence = prover.Sign(prover.KeyEvidence());
  const auto training = prover.Sign(SampleTraining());
  for (const statement::Claim& claim :
       {statement::Claim(SampleTraining()), statement::Claim(SampleProperty()), statement::Claim(SampleInference())}) {
    EXPECT_EQ(Ends(Verify({training, evidence, stranger.Sign(claim)})), "untrusted bundle.no_evidence");
  }
  EXPECT_EQ(Ends(Verify({training})), "untrusted bundle.no_evidence");
  // Its key id may be borrowed, its signature not.
  auto borrowed = stranger.Sign(SampleProperty());
  borrowed.key_id = prover.key_id();
  EXPECT_EQ(Ends(Verify({training, evidence, borrowed})), "untrusted bundle.signature");
}

TEST(BundleAttack, EvidenceFromAnotherBundle) {
  const Prover prover, other;
  const auto training = prover.Sign(SampleTraining());
  EXPECT_EQ(Ends(Verify({training, other.Sign(other.KeyEvidence())})), "untrusted bundle.no_evidence");
  // The other's quote, in a line that names and is signed by this key.
  EXPECT_EQ(Ends(Verify({training, prover.Sign(WithCmwOf(prover.KeyEvidence(), other.KeyEvidence()))})),
            "untrusted binding.report_data");
  // The other's line, signed by this key.
  EXPECT_EQ(Ends(Verify({training, prover.Sign(other.KeyEvidence())})), "untrusted bundle.session_key");
  auto claimed = prover.Sign(other.KeyEvidence());
  claimed.key_id = other.key_id();
  EXPECT_EQ(Ends(Verify({training, claimed})), "untrusted bundle.no_evidence");
  EXPECT_EQ(Ends(Verify({claimed})), "untrusted bundle.signature");
}

TEST(BundleAttack, EvidenceForAnotherNonce) {
  const Prover prover;
  const auto training = prover.Sign(SampleTraining());
  const auto line = [&](const std::string& of, const std::string& says) {
    auto evidence = prover.KeyEvidence(of);
    evidence.nonce = says;
    return Ends(Verify({training, prover.Sign(evidence)}));
  };
  EXPECT_EQ(line("0102", "0102"), "ok");
  EXPECT_EQ(line("0102", "0103"), "untrusted binding.report_data");
  EXPECT_EQ(line("0102", "010200"), "untrusted binding.report_data");
  EXPECT_EQ(line("0102", ""), "untrusted binding.report_data");
  EXPECT_EQ(line("", "00"), "untrusted binding.report_data");
}

TEST(BundleAttack, FreshEvidenceDoesNotRefreshAnOldStatement) {
  const Prover prover;
  statement::InferenceClaim old = SampleInference();
  old.run.nonce = "01";
  const auto outcome = Verify({prover.Sign(old), prover.Sign(prover.KeyEvidence("02"))});
  ASSERT_EQ(Ends(outcome), "ok");
  // The two nonces stay apart: a verifier that asked with 02 finds 01 in the statement.
  EXPECT_EQ(std::get<statement::InferenceClaim>(outcome.bundle->statements()[0].claim).run.nonce, "01");
  EXPECT_EQ(outcome.bundle->evidence()[0].nonce, "02");
}

TEST(BundleAttack, EvidenceForAnotherStatement) {
  const Prover prover;
  const auto training = prover.Sign(SampleTraining());
  const auto property = prover.Sign(SampleProperty());
  const auto for_training = prover.Sign(prover.StatementEvidence(training));
  EXPECT_EQ(Ends(Verify({training, for_training})), "ok");
  EXPECT_EQ(Ends(Verify({training, property, for_training})), "untrusted bundle.no_evidence");
  EXPECT_EQ(Ends(Verify({property, for_training})), "untrusted bundle.no_evidence");
  // The target rewritten.
  auto retargeted = prover.StatementEvidence(property);
  retargeted.cmw = prover.StatementEvidence(training).cmw;
  EXPECT_EQ(Ends(Verify({property, prover.Sign(retargeted)})), "untrusted binding.report_data");
  // A statement's evidence offered for the key, and the key's for a statement.
  EXPECT_EQ(Ends(Verify({property, prover.Sign(WithCmwOf(prover.KeyEvidence(), prover.StatementEvidence(training)))})),
            "untrusted binding.report_data");
  EXPECT_EQ(Ends(Verify({property, prover.Sign(WithCmwOf(prover.StatementEvidence(property), prover.KeyEvidence()))})),
            "untrusted binding.report_data");
  // Evidence for the very statement, but by another key.
  const Prover other;
  const auto by_other = other.Sign(other.StatementEvidence(property));
  EXPECT_EQ(Ends(Verify({property, by_other})), "untrusted bundle.no_evidence");
  EXPECT_EQ(Ends(Verify({property, by_other, for_training})), "untrusted bundle.no_evidence");
}

TEST(BundleAttack, OneKeyTwoPrograms) {
  const crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  const Prover one{Tee(1), key};
  const auto with = [&](const std::function<void(tee::SimulatedAuthority&)>& bend) {
    Prover two{Tee(1), key};
    bend(two.tee.authority);
    return Ends(Verify({one.Sign(SampleTraining()), one.Sign(one.KeyEvidence()), two.Sign(two.KeyEvidence())}));
  };
  EXPECT_EQ(with([](auto&) {}), "ok");
  EXPECT_EQ(with([](auto& a) { a.program.mrenclave[31] ^= 1; }), "untrusted bundle.key_two_programs");
  EXPECT_EQ(with([](auto& a) { a.program.mrsigner[0] ^= 1; }), "untrusted bundle.key_two_programs");
  EXPECT_EQ(with([](auto& a) { a.program.isvprodid ^= 1; }), "untrusted bundle.key_two_programs");
  EXPECT_EQ(with([](auto& a) { a.program.isvsvn ^= 1; }), "untrusted bundle.key_two_programs");
  EXPECT_EQ(with([](auto& a) { a.program.flags |= tee::kSgxFlagDebug; }), "untrusted bundle.key_two_programs");

  // The same program under another root is another program: anybody can run a root.
  const Prover elsewhere{Tee(1, OtherVendor()), key};
  const Lines lines = {one.Sign(SampleTraining()), one.Sign(one.KeyEvidence()),
                       elsewhere.Sign(elsewhere.KeyEvidence())};
  const std::vector<verify::TrustAnchor> both = {Anchor(), Anchor(OtherVendor())};
  EXPECT_EQ(Ends(verify::VerifyBundle(lines, {}, both, kNow)), "untrusted bundle.key_two_programs");
  // And so is the same program where the evidence is for a statement.
  Prover patched{Tee(2), key};
  const auto property = patched.Sign(SampleProperty());
  EXPECT_EQ(Ends(Verify({one.Sign(SampleTraining()), one.Sign(one.KeyEvidence()), property,
                         patched.Sign(patched.StatementEvidence(property))})),
            "untrusted bundle.key_two_programs");
}

TEST(BundleAttack, RootThatNobodyTrusts) {
  const Prover elsewhere{Tee(1, OtherVendor())};
  const Lines lines = {elsewhere.Sign(SampleTraining()), elsewhere.Sign(elsewhere.KeyEvidence())};
  EXPECT_EQ(Ends(Verify(lines)), "untrusted sgx.pck.chain");
  EXPECT_EQ(Ends(verify::VerifyBundle(lines, {}, verify::VendorAnchors(), kNow)), "untrusted sgx.pck.chain");
  EXPECT_EQ(Ends(verify::VerifyBundle(lines, {}, {}, kNow)), "untrusted sgx.pck.chain");
  // One line of bad evidence fails the others too.
  const Prover prover;
  EXPECT_EQ(Ends(Verify({prover.Sign(SampleTraining()), prover.Sign(prover.KeyEvidence()),
                         elsewhere.Sign(elsewhere.KeyEvidence())})),
            "untrusted sgx.pck.chain");
}

TEST(BundleAttack, TimeAndRevocation) {
  const Prover prover;
  const Lines lines = {prover.Sign(SampleTraining()), prover.Sign(prover.KeyEvidence())};
  EXPECT_EQ(Ends(Verify(lines, {kNow.unix_seconds + 20 * kDay})), "ok");
  EXPECT_EQ(Ends(Verify(lines, {kNow.unix_seconds + 40 * kDay})), "untrusted sgx.crl.root.expired");
  EXPECT_EQ(Ends(Verify(lines, {kNow.unix_seconds - kDay})), "untrusted sgx.crl.root.not_yet_valid");
  EXPECT_EQ(Ends(Verify(lines, {kNow.unix_seconds - 400 * kDay})), "untrusted sgx.pck.validity");
  // What the relying party brings counts, although the bundle is silent about it, and whatever the time.
  auto later = tee::SimulatedAuthority::Create(Vendor(), {kNow.unix_seconds + 10 * kDay});
  later.pck_crl.crl.revoked_serials = {later.pck.certificate.serial};
  const auto collateral = tee::IssueCollateral(later);
  ASSERT_TRUE(collateral.ok());
  const std::vector<evidence::CollateralItem> extra = {{"newer", collateral->pck_crl}};
  const std::vector<verify::TrustAnchor> anchors = {Anchor()};
  EXPECT_EQ(Ends(verify::VerifyBundle(lines, extra, anchors, {kNow.unix_seconds + 11 * kDay})),
            "untrusted sgx.revocation.pck");
  EXPECT_EQ(Ends(verify::VerifyBundle(lines, extra, anchors, kNow)), "untrusted sgx.revocation.pck");
}

TEST(BundleAttack, KeysHaveOneRole) {
  const Prover prover;
  const crypto::PrivateKey certifier = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  const auto training = prover.Sign(SampleTraining());
  const auto evidence = prover.Sign(prover.KeyEvidence());
  const auto certify = [](const crypto::PrivateKey& named, const crypto::PrivateKey& signer) {
    return statement::SignEnvelope(statement::WriteStatement(SampleCertification(named.public_key().spki())), signer);
  };
  EXPECT_EQ(Ends(Verify({training, evidence, certify(certifier, certifier)})), "ok");
  EXPECT_EQ(Ends(Verify({certify(certifier, certifier)})), "ok");
  EXPECT_EQ(Ends(Verify({training, evidence, certify(prover.key, prover.key)})), "untrusted bundle.key_role");
  EXPECT_EQ(Ends(Verify({training, evidence, certify(certifier, prover.key)})), "untrusted bundle.certifier_key");
  EXPECT_EQ(Ends(Verify({training, evidence, certify(prover.key, certifier)})), "untrusted bundle.certifier_key");
  const Prover both{Tee(1), certifier};
  EXPECT_EQ(Ends(Verify({certify(certifier, certifier), both.Sign(SampleTraining())})), "untrusted bundle.key_role");
  auto forged = certify(certifier, prover.key);
  forged.key_id = certifier.public_key().id();
  EXPECT_EQ(Ends(Verify({forged})), "untrusted bundle.signature");
}

TEST(BundleAttack, SessionKeysAreP256) {
  const Prover prover{Tee(1), crypto::PrivateKey::Generate(crypto::KeyType::kEd25519)};
  EXPECT_EQ(Ends(Verify({prover.Sign(SampleTraining()), prover.Sign(prover.KeyEvidence())})),
            "unsupported bundle.session_key");
  auto evidence = Prover().KeyEvidence();
  evidence.session_key[30] ^= 1;  // no longer a point on the curve
  const auto line = statement::SignEnvelope(statement::WriteStatement(evidence), prover.key);
  EXPECT_EQ(Ends(Verify({line})), "malformed key.point");
}

TEST(BundleAttack, CertifierChains) {
  const crypto::PrivateKey root = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  const crypto::PrivateKey leaf = crypto::PrivateKey::Generate(crypto::KeyType::kEd25519);
  crypto::CertificateTemplate t;
  t.subject = {{"CN", "ml.example.org"}};
  t.issuer = {{"CN", "Example Root"}};
  t.serial = {1};
  t.not_before = {kNow.unix_seconds - kDay};
  t.not_after = {kNow.unix_seconds + kDay};
  t.key_usage = {"digitalSignature"};
  crypto::CertificateTemplate r = t;
  r.subject = r.issuer;
  r.is_ca = true;
  r.key_usage = {"keyCertSign"};
  const auto claim = [&](const crypto::PrivateKey& issuer) {
    auto out = SampleCertification(leaf.public_key().spki());
    out.certifier_chain = {*crypto::IssueCertificate(t, leaf.public_key(), issuer),
                           *crypto::IssueCertificate(r, root.public_key(), root)};
    return Lines{statement::SignEnvelope(statement::WriteStatement(out), leaf)};
  };
  EXPECT_EQ(Ends(Verify(claim(root))), "ok");
  EXPECT_EQ(Ends(Verify(claim(leaf))), "untrusted certifier.signature");
  EXPECT_EQ(Ends(Verify(claim(root), {kNow.unix_seconds + 2 * kDay})), "untrusted certifier.time");
}

TEST(BundleAttack, Bounds) {
  EXPECT_EQ(Ends(Verify({})), "malformed bundle.empty");
  const Prover prover;
  EXPECT_EQ(Ends(Verify(Lines(4097, prover.Sign(SampleTraining())))), "malformed bundle.lines");
  statement::Envelope big;
  big.payload.assign((std::size_t{16} << 20), ' ');
  EXPECT_EQ(Ends(Verify(Lines(5, big))), "malformed bundle.size");
}

TEST(BundleAttack, TheFailureSaysWhereAndTheRestIsNotChecked) {
  const Prover prover;
  auto training = prover.Sign(SampleTraining());
  training.signature = prover.key.Sign(AsBytes("other"));
  const auto outcome = Verify({prover.Sign(prover.KeyEvidence()), prover.Sign(SampleProperty()), training});
  ASSERT_EQ(Ends(outcome), "untrusted bundle.signature");
  EXPECT_NE(outcome.bundle.error().message.find("line 3"), std::string::npos);
  std::size_t failed = 0, skipped = 0;
  for (const auto& check : outcome.checks) {
    failed += check.verdict == verify::CheckVerdict::kFail ? 1 : 0;
    skipped += check.verdict == verify::CheckVerdict::kNotChecked ? 1 : 0;
    EXPECT_EQ(check.verdict == verify::CheckVerdict::kFail, check.id == "bundle.signature") << check.id;
  }
  EXPECT_EQ(failed, 1u);
  EXPECT_EQ(skipped, 3u);
}

}  // namespace
}  // namespace attestml::bundle_test
