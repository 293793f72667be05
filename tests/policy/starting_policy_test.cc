// A starting policy is a valid policy that accepts the bundle it was made from.
#include "base/hex.h"
#include "crypto/key.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

void ExpectAccepted(const std::vector<statement::Envelope>& envelopes, std::size_t requirements) {
  const auto bundle = Verified(envelopes);
  const std::string text = policy::StartingPolicy(bundle);
  const auto parsed = policy::ParsePolicy(text, "start.toml");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message << "\n" << text;
  EXPECT_EQ(parsed->requirements.size(), requirements) << text;
  const auto report = policy::Appraise(bundle, *parsed, {});
  EXPECT_EQ(report.verdict, policy::Verdict::kAccepted) << text << Explain(report);
}

TEST(StartingPolicy, AcceptsItsBundle) { ExpectAccepted(Story().Bundle(), 4); }

TEST(StartingPolicy, AcceptsAFilteredAndSplitRun) {
  Story story;
  auto selection = PeopleSelection();
  selection.missing = statement::MissingPolicy::kDrop;
  selection.split = statement::Split{7, true, {{"train", "0.8"}, {"validation", "0.1"}, {"test", "0.1"}}, "train"};
  Reselect(&story.training.datasets[0], selection);
  Reselect(&*story.distribution.dataset, selection);
  Reselect(&story.overlap.references[0], selection);
  ExpectAccepted(story.Bundle(), 4);
  // A validation role that nothing was compared with: the overlap with all of the training cannot be proposed.
  selection.split->part = "validation";
  story.training.datasets.push_back(People("people.data", 300, "validation"));
  story.training.datasets[1].records.root = DigestOf("validation records");
  Reselect(&story.training.datasets[1], selection);
  ExpectAccepted(story.Bundle(), 4);
}

TEST(StartingPolicy, AcceptsDatasetStatementsAlone) {
  Prover prover;
  prover.State(Story().distribution);
  prover.State(Story().overlap);
  ExpectAccepted(prover.Finish(), 2);
}

TEST(StartingPolicy, NamesCertifiers) {
  const auto key = crypto::PrivateKey::Generate(crypto::KeyType::kEd25519);
  statement::CertificationClaim claim;
  claim.subject = {"model.safetensors", DigestOf("model")};
  claim.kind = "model";
  claim.name = "A \"quoted\" name \\ with [brackets]";
  claim.certifier_key = key.public_key().spki();
  auto envelopes = Story().Bundle();
  envelopes.push_back(statement::SignEnvelope(statement::WriteStatement(claim), key));
  ExpectAccepted(envelopes, 5);
}

TEST(StartingPolicy, OfABundleThatContradictsItselfAcceptsNothing) {
  Story story;
  auto other = story.accuracy;
  other.results[0].value = "0.99";
  other.results[0].interval.reset();
  story.more = {other};
  const auto bundle = Verified(story.Bundle());
  const auto parsed = policy::ParsePolicy(policy::StartingPolicy(bundle), "start.toml");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(Failed(policy::Appraise(bundle, *parsed, {})), std::vector<std::string>{"policy.contradiction"});
}

TEST(StartingPolicy, DoesNotAcceptAnotherProgram) {
  const std::string policy = policy::StartingPolicy(Verified(Story().Bundle("prover")));
  EXPECT_NE(Failed(Appraise(Story().Bundle("patched"), policy).report), std::vector<std::string>{});
}

}  // namespace
}  // namespace attestml::policy_test
