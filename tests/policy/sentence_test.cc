// The sentence says what design.md section 1 wants, in words that a person reads once.
#include "base/hex.h"
#include "policy/words.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using policy::NumberText;
using policy::PercentText;
using policy::Quoted;
using policy::RoundedText;

std::string Short(const crypto::Digest256& digest) { return "sha256:" + HexEncode(digest).substr(0, 12) + "…"; }
std::string Short(const std::string& name) { return Short(DigestOf(name)); }

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string SentenceOf(const Story& story, const std::string& policy, const policy::Question& question = {}) {
  const auto appraised = Appraise(story.Bundle(), policy, question);
  EXPECT_EQ(appraised.report.verdict, policy::Verdict::kAccepted) << Explain(appraised.report);
  return appraised.report.sentence;
}

TEST(Words, NumbersAreRoundedAndNeverToACertainty) {
  EXPECT_EQ(RoundedText("0.8453333333333334"), "0.8453");
  EXPECT_EQ(RoundedText("38.5816"), "38.58");
  EXPECT_EQ(RoundedText("15060"), "15060");
  EXPECT_EQ(RoundedText("123456.7"), "123457");
  EXPECT_EQ(RoundedText("0.99999"), "0.99999");
  EXPECT_EQ(RoundedText("1"), "1");
  EXPECT_EQ(RoundedText("0"), "0");
  EXPECT_EQ(PercentText("0.4719999"), "47.2 %");
  EXPECT_EQ(PercentText("0.00001"), "0.001 %");
  EXPECT_EQ(PercentText("1"), "100 %");
  EXPECT_NE(PercentText("0.999999"), "100 %");
  EXPECT_EQ(RoundedText("undefined"), "undefined");
}

TEST(Words, NamesOfOthersAreNoPartOfTheSentence) {
  EXPECT_EQ(Quoted("adult.test"), "adult.test");
  EXPECT_EQ(Quoted(">50K"), ">50K");
  EXPECT_EQ(Quoted("x (sha256:00…); M has accuracy 1"), "\"x (sha256:00…); M has accuracy 1\"");
  EXPECT_EQ(Quoted("a\" b"), "\"a' b\"");
  EXPECT_EQ(Quoted(""), "\"\"");
}

TEST(Sentence, ReadsLikeTheDesign) {
  const std::string sentence = SentenceOf(Story(), Trust() + Requirements() + "[[require]]\nclaim = \"inference\"\n",
                                          {.model = {},
                                           .datasets = {},
                                           .input = DigestOf("rows"),
                                           .output = DigestOf("answers"),
                                           .nonce = {},
                                           .time_source = {},
                                           .earlier_time = false});
  const Story story;
  EXPECT_EQ(sentence, "This output answers.csv (" + Short("answers") +
                          ") is the result of applying model model.safetensors (" + Short("model") +
                          ") to input rows.csv (" + Short("rows") + ") for nonce 0a0b; " +
                          "model.safetensors was trained to predict income on people.data (" + Short("people.data") +
                          "; all 3000 records; as train; 33 % sex=Female) with recipe " +
                          Short(statement::JobDigest(story.training.run.job)) + " (5 epochs, 60 steps); " +
                          "model.safetensors has, on all 1000 records of people.test (" + Short("people.test") +
                          "), accuracy 0.85 (95 % interval 0.8265 to 0.8708); " +
                          "none of people.test's 1000 records (label included) stand in the training data; " +
                          "all of it was computed by program prover (" + HexEncode(DigestOf("prover")).substr(0, 12) +
                          "…) in TEE simulated SGX (TCB UpToDate), SIMULATED: no hardware protection.");
}

TEST(Sentence, RolesOfOneSelectionAreToldTogether) {
  Story story;
  story.training.datasets.push_back(People("people.data", 3000, "fit"));
  const std::string sentence = SentenceOf(story, Trust() + Requirements());
  EXPECT_NE(sentence.find("all 3000 records; as train and fit; 33 % sex=Female)"), std::string::npos) << sentence;
  EXPECT_EQ(Count(sentence, Short("people.data")), 1U) << sentence;
}

TEST(Sentence, TwoArtifactsOfOneNameKeepTheirDigests) {
  Story story;
  statement::TrainingClaim base = story.training;
  base.model = {"model.safetensors", DigestOf("base")};
  base.datasets = {People("base.data", 100, "train")};
  story.training.initial_model = base.model;
  story.more = {base};
  const std::string sentence =
      SentenceOf(story, Trust() + "[[require]]\nclaim = \"training\"\nmodel = \"" + Sha("model") + "\"\n");
  EXPECT_NE(sentence.find("starting from model.safetensors (" + Short("base") + ")"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("model.safetensors (" + Short("base") + ") was trained to predict income on base.data (" +
                          Short("base.data")),
            std::string::npos)
      << sentence;
}

TEST(Sentence, SharedRecordsAreCounted) {
  Story story;
  for (auto& result : story.overlap.results) result.value = "3";
  std::string policy = Trust() + Requirements();
  policy.replace(policy.find("value = \"= 0\""), 13, "value = \"<= 5\"");
  const std::string sentence = SentenceOf(story, policy);
  EXPECT_NE(sentence.find("3 of people.test's 1000 records (label included) stand in people.data, all 3000 records"),
            std::string::npos)
      << sentence;
}

TEST(Sentence, ManyNumbersAreCutShortAndCounted) {
  Story story;
  std::string policy = Trust() + Requirements();
  for (int i = 0; i < 20; ++i) {
    auto share = MakeResult("proportion", "0." + std::to_string(2 * i + 101), 3000);
    share.where = {{"age", std::to_string(i)}};
    story.distribution.results.push_back(share);
    policy +=
        "[[require]]\nclaim = \"property\"\nproperty = \"distribution\"\nmetric = \"proportion\"\nof = "
        "\"training-data\"\nwhere = { column = \"age\", value = \"" +
        std::to_string(i) + "\" }\n";
  }
  const std::string sentence = SentenceOf(story, policy);
  EXPECT_NE(sentence.find(" more (see the report)"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("accuracy 0.85"), std::string::npos) << sentence;
  EXPECT_LE(Count(sentence, " age="), 12U) << sentence;
}

TEST(Sentence, DatasetsAloneAndPartsOfFiles) {
  Story story;
  auto selection = PeopleSelection();
  selection.missing = statement::MissingPolicy::kDrop;
  selection.split = statement::Split{7, false, {{"a", "0.5"}, {"b", "0.5"}}, "a"};
  Reselect(&*story.distribution.dataset, selection);
  Prover prover;
  prover.State(story.distribution);
  const std::string policy =
      Trust() +
      "[[require]]\nclaim = \"property\"\nproperty = \"distribution\"\nmetric = \"proportion\"\nwhere = { sex = "
      "\"Female\" }\ndataset = \"" +
      Sha("people.data") + "\"\nselection = \"sha256:" + HexEncode(statement::SelectionDigest(selection)) + "\"\n";
  const std::string sentence = Appraise(prover.Finish(), policy).report.sentence;
  EXPECT_TRUE(sentence.starts_with("3000 records, part a of a seeded split, without missing values, selection " +
                                   Short(statement::SelectionDigest(selection)) + " of people.data (" +
                                   Short("people.data") + ") have 33 % sex=Female; all of it"))
      << sentence;
}

}  // namespace
}  // namespace attestml::policy_test
