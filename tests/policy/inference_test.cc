// Answers: input, output and nonce are matched together.
#include "base/hex.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using Ids = std::vector<std::string>;

std::string Policy() { return Trust() + Requirements() + "[[require]]\nid = \"answer\"\nclaim = \"inference\"\n"; }

policy::Question Asked() {
  policy::Question question;
  question.input = DigestOf("rows");
  question.output = DigestOf("answers");
  question.nonce = Bytes{0x0a, 0x0b};
  return question;
}

Ids FailedOf(const Story& story, const policy::Question& question, const std::string& policy = Policy()) {
  return Failed(Appraise(story.Bundle(), policy, question).report);
}

TEST(Inference, InputOutputAndNonceTogether) {
  const auto appraised = Appraise(Story().Bundle(), Policy(), Asked());
  EXPECT_EQ(Failed(appraised.report), Ids{}) << Explain(appraised.report);
  EXPECT_NE(appraised.report.sentence.find("This output answers.csv"), std::string::npos);
  EXPECT_NE(appraised.report.sentence.find("rows.csv"), std::string::npos);
}

TEST(Inference, AnOutputAloneNeverSatisfies) {
  policy::Question question = Asked();
  question.input.reset();
  EXPECT_EQ(FailedOf(Story(), question), (Ids{"policy.input", "policy.require.answer"}));
  EXPECT_EQ(FailedOf(Story(), question, Trust() + Requirements()), Ids{"policy.input"});
  question = Asked();
  question.output.reset();
  EXPECT_EQ(FailedOf(Story(), question), (Ids{"policy.output", "policy.require.answer"}));
  EXPECT_EQ(FailedOf(Story(), {}), Ids{"policy.require.answer"});
}

TEST(Inference, AnotherInferenceWithAnEqualOutput) {
  policy::Question question = Asked();
  question.input = DigestOf("my rows");
  EXPECT_EQ(FailedOf(Story(), question), (Ids{"policy.input", "policy.require.answer"}));
}

TEST(Inference, AnotherOutput) {
  policy::Question question = Asked();
  question.output = DigestOf("better answers");
  EXPECT_EQ(FailedOf(Story(), question), (Ids{"policy.output", "policy.require.answer"}));
}

TEST(Inference, TheNonceMustBeInTheStatement) {
  policy::Question question = Asked();
  question.nonce = Bytes{0x0a, 0x0c};
  EXPECT_EQ(FailedOf(Story(), question), (Ids{"policy.nonce", "policy.require.answer"}));
  Story old;
  old.inference.run.nonce = "";
  EXPECT_EQ(FailedOf(old, Asked()), (Ids{"policy.nonce", "policy.require.answer"}));
  // An empty nonce is no nonce, also where none is stated.
  question.nonce = Bytes{};
  EXPECT_EQ(FailedOf(old, question), (Ids{"policy.nonce", "policy.require.answer"}));
}

TEST(Inference, ANonceWithoutAnAnswerAsksForEveryStatement) {
  policy::Question question;
  question.nonce = Bytes{0x0a, 0x0b};
  EXPECT_EQ(FailedOf(Story(), question, Trust() + Requirements()), Ids{"policy.nonce"});
  Story fresh;
  for (auto* run : {&fresh.training.run, &fresh.distribution.run, &fresh.accuracy.run, &fresh.overlap.run})
    run->nonce = "0a0b";
  EXPECT_EQ(FailedOf(fresh, question, Trust() + Requirements()), Ids{});
}

TEST(Inference, TheAnswerOfAnotherModel) {
  Story story;
  story.inference.model = {"cheap.safetensors", DigestOf("cheap")};
  policy::Question question = Asked();
  // Without the model file the answer says which model is in question, and that one has no accuracy.
  EXPECT_EQ(FailedOf(story, question),
            (Ids{"policy.inference.reading", "policy.missing_edge", "policy.require.accuracy", "policy.require.overlap",
                 "policy.require.training", "policy.require.women"}));
  question.model = DigestOf("model");
  EXPECT_EQ(FailedOf(story, question), (Ids{"policy.model", "policy.require.answer"}));
}

TEST(Inference, OneAnswerOfTwoModelsIsAmbiguous) {
  Story story;
  auto other = story.inference;
  other.model = {"cheap.safetensors", DigestOf("cheap")};
  story.more = {other};
  const auto failed = FailedOf(story, Asked());
  EXPECT_NE(std::find(failed.begin(), failed.end(), "policy.model"), failed.end());
}

}  // namespace
}  // namespace attestml::policy_test
