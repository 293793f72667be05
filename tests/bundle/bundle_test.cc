// What honest bundles look like once verified.
#include <gtest/gtest.h>

#include <algorithm>

#include "provers.h"

namespace attestml::bundle_test {
namespace {

using namespace statement::sample;

TEST(Bundle, OneKeyVouchesForAllItsStatements) {
  const Prover prover;
  const crypto::PrivateKey certifier = crypto::PrivateKey::Generate(crypto::KeyType::kEd25519);
  const Lines lines = {
      prover.Sign(SampleTraining()), prover.Sign(SampleProperty()), prover.Sign(SampleInference()),
      statement::SignEnvelope(statement::WriteStatement(SampleCertification(certifier.public_key().spki())), certifier),
      prover.Sign(prover.KeyEvidence("c0ffee"))};
  const auto outcome = Verify(lines);
  ASSERT_EQ(Ends(outcome), "ok") << outcome.bundle.error().message;
  const auto& bundle = *outcome.bundle;

  ASSERT_EQ(bundle.statements().size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(bundle.statements()[i].index, i);
    EXPECT_EQ(bundle.statements()[i].key_id, lines[i].key_id);
    EXPECT_EQ(bundle.statements()[i].pae_sha256, crypto::Sha256(statement::Pae(lines[i].payload)));
    EXPECT_EQ(statement::WriteStatement(bundle.statements()[i].claim), lines[i].payload);
    EXPECT_EQ(bundle.statements()[i].evidence.has_value(), i != 3);
  }
  ASSERT_EQ(bundle.evidence().size(), 1u);
  const auto& evidence = bundle.evidence()[0];
  EXPECT_EQ(evidence.index, 4u);
  EXPECT_EQ(evidence.key_id, prover.key_id());
  EXPECT_EQ(evidence.nonce, "c0ffee");
  EXPECT_FALSE(evidence.for_statement);
  EXPECT_TRUE(evidence.evidence.simulated());
  EXPECT_EQ(evidence.evidence.measurement(), Bytes(32, 1));
  EXPECT_EQ(bundle.time(), kNow);
  for (const auto& check : outcome.checks) EXPECT_EQ(check.verdict, verify::CheckVerdict::kPass) << check.id;
  EXPECT_TRUE(std::any_of(outcome.checks.begin(), outcome.checks.end(), [](const verify::Check& check) {
    return check.id == "sgx.quote.signature" && check.seen.starts_with("line 5: ");
  }));
}

TEST(Bundle, OrderOfLinesDecidesNothing) {
  const Prover prover;
  Lines lines = {prover.Sign(SampleTraining()), prover.Sign(SampleProperty()), prover.Sign(prover.KeyEvidence("01")),
                 prover.Sign(prover.KeyEvidence("02"))};
  std::vector<std::size_t> order = {0, 1, 2, 3};
  std::optional<std::string> chosen;
  do {
    Lines shuffled;
    for (const std::size_t i : order) shuffled.push_back(lines[i]);
    const auto outcome = Verify(shuffled);
    ASSERT_EQ(Ends(outcome), "ok");
    for (const auto& statement : outcome.bundle->statements()) {
      const std::string nonce = outcome.bundle->evidence()[*statement.evidence].nonce;
      if (!chosen) chosen = nonce;
      EXPECT_EQ(nonce, *chosen);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Bundle, QuoteForEachStatement) {
  const Prover prover;
  const auto training = prover.Sign(SampleTraining());
  const auto property = prover.Sign(SampleProperty());
  const Lines lines = {training, prover.Sign(prover.StatementEvidence(training)), property,
                       prover.Sign(prover.StatementEvidence(property, "aa"))};
  const auto outcome = Verify(lines);
  ASSERT_EQ(Ends(outcome), "ok") << outcome.bundle.error().message;
  ASSERT_EQ(outcome.bundle->statements().size(), 2u);
  for (const auto& statement : outcome.bundle->statements()) {
    const auto& evidence = outcome.bundle->evidence()[*statement.evidence];
    EXPECT_TRUE(evidence.for_statement);
    EXPECT_EQ(evidence.target, statement.pae_sha256);
    EXPECT_EQ(evidence.index, statement.index + 1);
  }
}

TEST(Bundle, EvidenceForTheStatementComesBeforeThatForTheKey) {
  const Prover prover;
  const auto training = prover.Sign(SampleTraining());
  const auto property = prover.Sign(SampleProperty());
  const auto outcome =
      Verify({prover.Sign(prover.KeyEvidence()), prover.Sign(prover.StatementEvidence(training)), training, property});
  ASSERT_EQ(Ends(outcome), "ok");
  EXPECT_EQ(outcome.bundle->statements()[0].evidence, 1u);
  EXPECT_EQ(outcome.bundle->statements()[1].evidence, 0u);
}

TEST(Bundle, NewerCollateralComesFirst) {
  const crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  const Prover older{Tee(1, Vendor(), {kNow.unix_seconds - 5 * kDay}), key};
  const Prover newer{Tee(1), key};
  for (const bool turned : {false, true}) {
    Lines lines = {newer.Sign(newer.KeyEvidence()), older.Sign(older.KeyEvidence())};
    if (turned) std::swap(lines[0], lines[1]);
    lines.push_back(newer.Sign(SampleTraining()));
    const auto outcome = Verify(lines);
    ASSERT_EQ(Ends(outcome), "ok") << outcome.bundle.error().message;
    EXPECT_EQ(outcome.bundle->statements()[0].evidence, turned ? 1u : 0u);
  }
}

TEST(Bundle, SeveralProversAndFiles) {
  const Prover owner{Tee(1)}, trainer{Tee(2)}, evaluator{Tee(3)};
  const auto outcome = Verify({owner.Sign(owner.KeyEvidence()), owner.Sign(SampleInference()),
                               trainer.Sign(SampleTraining()), trainer.Sign(trainer.KeyEvidence()),
                               evaluator.Sign(SampleProperty()), evaluator.Sign(evaluator.KeyEvidence())});
  ASSERT_EQ(Ends(outcome), "ok");
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& statement = outcome.bundle->statements()[i];
    EXPECT_EQ(outcome.bundle->evidence()[*statement.evidence].evidence.measurement(),
              Bytes(32, static_cast<std::uint8_t>(i + 1)));
  }
}

TEST(Bundle, RepeatedLinesCountOnce) {
  const Prover prover;
  const auto evidence = prover.Sign(prover.KeyEvidence());
  const auto training = prover.Sign(SampleTraining());
  // The same line, and the same statement with another good signature by the same key.
  const auto again = prover.Sign(SampleTraining());
  ASSERT_NE(training.signature, again.signature);
  const auto outcome = Verify({evidence, training, evidence, training, again});
  ASSERT_EQ(Ends(outcome), "ok");
  ASSERT_EQ(outcome.bundle->statements().size(), 1u);
  EXPECT_EQ(outcome.bundle->statements()[0].index, 1u);
  EXPECT_EQ(outcome.bundle->evidence().size(), 1u);
  // Every signature that is there must be good.
  auto bad = again;
  bad.signature = prover.key.Sign(AsBytes("something else"));
  EXPECT_EQ(Ends(Verify({evidence, training, bad})), "untrusted bundle.signature");
  // Another key's statement of the same bytes is another statement.
  const Prover other;
  const auto two = Verify({evidence, training, other.Sign(SampleTraining()), other.Sign(other.KeyEvidence())});
  ASSERT_EQ(Ends(two), "ok");
  EXPECT_EQ(two.bundle->statements().size(), 2u);
}

TEST(Bundle, IdleEvidenceIsListed) {
  const Prover prover, idle;
  const auto absent = idle.Sign(SampleProperty());
  const auto outcome = Verify(
      {prover.Sign(SampleTraining()), prover.Sign(prover.KeyEvidence()), idle.Sign(idle.StatementEvidence(absent))});
  ASSERT_EQ(Ends(outcome), "ok");
  EXPECT_EQ(outcome.bundle->evidence().size(), 2u);
  EXPECT_EQ(outcome.bundle->statements().size(), 1u);
}

TEST(Bundle, TypesOfOthersAreKeptAndVouchForNothing) {
  const Prover prover, stranger;
  const std::string foreign =
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a"}],"predicateType":"https://example.org/v1"})";
  const auto training = prover.Sign(SampleTraining());
  const auto evidence = prover.Sign(prover.KeyEvidence());
  auto by_stranger = statement::SignEnvelope(foreign, stranger.key);
  auto by_prover = statement::SignEnvelope(foreign, prover.key);
  const auto outcome = Verify({training, evidence, by_stranger, by_prover});
  ASSERT_EQ(Ends(outcome), "ok");
  ASSERT_EQ(outcome.bundle->statements().size(), 3u);
  EXPECT_EQ(statement::ClaimKind(outcome.bundle->statements()[1].claim), "unknown");
  EXPECT_FALSE(outcome.bundle->statements()[1].evidence.has_value());
  EXPECT_EQ(outcome.bundle->statements()[2].evidence, 0u);
  // Where the key is known, its signature counts even there.
  by_prover.signature = prover.key.Sign(AsBytes("other"));
  EXPECT_EQ(Ends(Verify({training, evidence, by_prover})), "untrusted bundle.signature");
}

}  // namespace
}  // namespace attestml::bundle_test
