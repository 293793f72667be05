// A starting policy is a valid policy that accepts the bundle it was made from.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/hex.h"
#include "crypto/key.h"
#include "policy/claimed_roots.h"
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

TEST(StartingPolicy, AsksForTheConservativeEndAndOneAttributeAtATime) {
  Story story;
  story.distribution.results.push_back(MakeResult("records", "3000", 3000));
  auto of_target = MakeResult("proportion", "0.24", 3000);
  of_target.where = {{"income", ">50K"}};
  story.distribution.results.push_back(of_target);
  auto auc = MakeResult("roc-auc", "0.9", 1000);
  story.accuracy.results.push_back(auc);
  statement::PropertyClaim fairness = story.accuracy;
  fairness.property = "fairness";
  fairness.implementation = "fairness/1";
  fairness.parameters = Json{{"attributes", Json::array({"sex", "age"})}};
  fairness.results.clear();
  for (const char* metric : {"demographic-parity-difference", "equalized-odds-difference", "disparate-impact"}) {
    auto result = MakeResult(metric, "0.123", 1000);
    result.across = {"sex"};
    fairness.results.push_back(result);
    result.across = {"age", "sex"};
    fairness.results.push_back(result);
  }
  story.more = {fairness};
  ExpectAccepted(story.Bundle(), 6);
  const std::string text = policy::StartingPolicy(Verified(story.Bundle()));
  EXPECT_NE(text.find("value = \">= 0.82\"\non = \"interval.lower\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find("value = \"<= 0.13\"\n"), std::string::npos) << text;
}

TEST(StartingPolicy, AcceptsAnswersAlone) {
  Prover prover;
  prover.State(Story().inference);
  const auto bundle = Verified(prover.Finish());
  const auto parsed = policy::ParsePolicy(policy::StartingPolicy(bundle), "start.toml");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  policy::Question question;
  EXPECT_EQ(policy::Appraise(bundle, *parsed, question).verdict, policy::Verdict::kRejected);
  question.input = DigestOf("rows");
  question.output = DigestOf("answers");
  const auto report = policy::Appraise(bundle, *parsed, question);
  EXPECT_EQ(report.verdict, policy::Verdict::kAccepted) << Explain(report);
  question.output = DigestOf("other answers");
  EXPECT_EQ(policy::Appraise(bundle, *parsed, question).verdict, policy::Verdict::kRejected);
}

TEST(StartingPolicy, SaysWhichRootsNobodyVouchesFor) {
  const auto bundle = Verified(Story().Bundle());
  const std::vector<crypto::Digest256> claimed = {AuthorityRoot()};
  const std::string text = policy::StartingPolicy(bundle, claimed);
  const std::size_t root = text.find("root = \"sha256:" + HexEncode(AuthorityRoot()));
  const std::size_t warning = text.find("this root was taken from the bundle itself");
  ASSERT_NE(warning, std::string::npos) << text;
  EXPECT_LT(warning, root);
  EXPECT_TRUE(policy::ParsePolicy(text, "start.toml").ok());
  EXPECT_EQ(policy::StartingPolicy(bundle).find("taken from the bundle"), std::string::npos);
}

TEST(ClaimedRoots, AreTheSelfSignedAuthoritiesOfTheEvidence) {
  auto envelopes = Story().Bundle();
  EXPECT_EQ(policy::ClaimedRoots(envelopes), std::vector<crypto::Digest256>{AuthorityRoot()});
  Prover other("prover", "second");
  other.State(Story().distribution);
  for (const auto& envelope : other.Finish()) envelopes.push_back(envelope);
  EXPECT_EQ(policy::ClaimedRoots(envelopes).size(), 2U);
  // No evidence, no roots.
  const std::vector<statement::Envelope> first(envelopes.begin(), envelopes.begin() + 1);
  EXPECT_EQ(policy::ClaimedRoots(first).size(), 0U);
}

// A root that evidence shows must never become an anchor of a verdict: one command may look, and no other code.
TEST(ClaimedRoots, AreForStartingPoliciesOnly) {
  std::set<std::string> users;
  const std::filesystem::path source = std::filesystem::path(ATTESTML_SOURCE_DIR) / "src";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    if (text.str().find("ClaimedRoots(") != std::string::npos) {
      users.insert(std::filesystem::relative(entry.path(), source).string());
    }
  }
  EXPECT_EQ(users,
            (std::set<std::string>{"cli/attestml/policy.cc", "policy/claimed_roots.cc", "policy/claimed_roots.h"}));
}

TEST(StartingPolicy, DoesNotAcceptAnotherProgram) {
  const std::string policy = policy::StartingPolicy(Verified(Story().Bundle("prover")));
  EXPECT_NE(Failed(Appraise(Story().Bundle("patched"), policy).report), std::vector<std::string>{});
}

}  // namespace
}  // namespace attestml::policy_test
