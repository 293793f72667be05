// Cards say what was stated, by whom, and what was not.
#include "card/card.h"

#include "base/hex.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

TEST(Card, EachValueCitesItsStatement) {
  const auto appraised = Appraise(Story().Bundle(), Trust() + Requirements());
  const auto markdown = card::WriteMarkdownCard(appraised.report, *appraised.bundle);
  ASSERT_TRUE(markdown.ok());
  EXPECT_TRUE(markdown->starts_with("# model.safetensors: model card\n\n**SIMULATED: no hardware protection.**"))
      << *markdown;
  EXPECT_NE(markdown->find("| Accuracy | 0.85 | 0.8265 to 0.8708 (0.95) | 1000 | [[3]](#statement-3) |"),
            std::string::npos)
      << *markdown;
  EXPECT_NE(markdown->find("[[1]](#statement-1)"), std::string::npos);
  EXPECT_NE(markdown->find("How equally it serves groups of people."), std::string::npos);

  const auto text = card::WriteJsonCard(appraised.report, *appraised.bundle);
  ASSERT_TRUE(text.ok());
  const auto json = ParseJson(*text);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["kind"], "model card");
  EXPECT_EQ((*json)["simulated"], true);
  std::size_t numbers = 0;
  for (const Json& section : (*json)["sections"]) {
    for (const Json& number : section["numbers"]) {
      ++numbers;
      EXPECT_TRUE(number.contains("statement"));
    }
  }
  EXPECT_EQ(numbers, 5U);
  EXPECT_EQ((*json)["statements"].size(), 5U);
}

TEST(Card, OnlyOfAnAcceptedReport) {
  const auto appraised = Appraise(Story().Bundle(), Trust());
  for (const auto& card : {card::WriteMarkdownCard(appraised.report, *appraised.bundle),
                           card::WriteJsonCard(appraised.report, *appraised.bundle)}) {
    ASSERT_FALSE(card.ok());
    EXPECT_EQ(card.error().id, "card.not_accepted");
    EXPECT_EQ(card.error().kind, ErrorKind::kRejected);
  }
}

TEST(Card, NamesOfOthersAreNoMarkup) {
  Story story;
  story.accuracy.dataset->file.name = "x](http://evil)<script>|*";
  const auto appraised = Appraise(story.Bundle(), Trust() + Requirements());
  const auto markdown = card::WriteMarkdownCard(appraised.report, *appraised.bundle);
  ASSERT_TRUE(markdown.ok());
  EXPECT_EQ(markdown->find("<script>"), std::string::npos);
  EXPECT_EQ(markdown->find("](http"), std::string::npos);
}

TEST(Card, OfADatasetAloneIsADatasheet) {
  Prover prover;
  prover.State(Story().distribution);
  const auto envelopes = prover.Finish();
  const auto policy = policy::StartingPolicy(Verified(envelopes));
  const auto appraised = Appraise(envelopes, policy);
  const auto markdown = card::WriteMarkdownCard(appraised.report, *appraised.bundle);
  ASSERT_TRUE(markdown.ok()) << Explain(appraised.report);
  EXPECT_TRUE(markdown->starts_with("# people.data: datasheet\n"));
}

}  // namespace
}  // namespace attestml::policy_test
