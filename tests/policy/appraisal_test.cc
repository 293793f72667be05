// The honest story is accepted, and every rule about requirements refuses what bends it.
#include <algorithm>

#include "base/hex.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using Ids = std::vector<std::string>;

Ids FailedOf(const Story& story, const std::string& policy = Trust() + Requirements()) {
  return Failed(Appraise(story.Bundle(), policy).report);
}

TEST(Appraisal, HonestStoryIsAccepted) {
  const auto appraised = Appraise(Story().Bundle(), Trust() + Requirements());
  EXPECT_EQ(appraised.report.verdict, policy::Verdict::kAccepted) << Explain(appraised.report);
  EXPECT_EQ(policy::ReportExitCode(appraised.report), 0);
  EXPECT_TRUE(appraised.report.simulated);
  EXPECT_EQ(appraised.report.tees, Ids{"simulated"});
  const std::string& sentence = appraised.report.sentence;
  for (const char* part : {"model.safetensors", "people.data", "33 % sex=Female", "accuracy 0.85 (95 % interval",
                           "people.test", "SIMULATED: no hardware protection", "5 epochs, 60 steps"}) {
    EXPECT_NE(sentence.find(part), std::string::npos) << part << " in " << sentence;
  }
}

TEST(Appraisal, EmptyPolicyAcceptsNothing) {
  EXPECT_EQ(FailedOf(Story(), Trust()), Ids{"policy.require"});
  const auto bundle = Verified(Story().Bundle());
  const auto report = policy::Appraise(bundle, Parse(""), {});
  EXPECT_EQ(report.verdict, policy::Verdict::kRejected);
  EXPECT_EQ(report.sentence, "");
  EXPECT_EQ(policy::ReportExitCode(report), 6);
}

TEST(Appraisal, SliceNeverStandsForTheWhole) {
  Story story;
  story.accuracy.results.erase(story.accuracy.results.begin());
  // With no test selection left, nothing shows that the test was independent either.
  EXPECT_EQ(FailedOf(story), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
}

TEST(Appraisal, FilteredSelectionNeverStandsForTheWhole) {
  Story story;
  auto selection = PeopleSelection();
  selection.filter = {{"sex", statement::Comparison::kIn, {"Female"}}};
  Reselect(&*story.accuracy.dataset, selection);
  EXPECT_EQ(FailedOf(story), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
}

TEST(Appraisal, SplitAndDroppedRecordsAreNotTheWhole) {
  for (const bool drop : {true, false}) {
    Story story;
    auto selection = PeopleSelection();
    if (drop) selection.missing = statement::MissingPolicy::kDrop;
    if (!drop) selection.split = statement::Split{1, false, {{"a", "0.5"}, {"b", "0.5"}}, "a"};
    Reselect(&*story.accuracy.dataset, selection);
    EXPECT_EQ(FailedOf(story), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
  }
}

TEST(Appraisal, ANamedSelectionIsExactlyThatOne) {
  Story story;
  auto selection = PeopleSelection();
  selection.missing = statement::MissingPolicy::kDrop;
  Reselect(&*story.accuracy.dataset, selection);
  const std::string head = Trust() +
                           "[[require]]\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = \"accuracy\"\n" +
                           "dataset = \"" + Sha("people.test") + "\"\nvalue = \">= 0.8\"\nselection = \"sha256:";
  EXPECT_EQ(FailedOf(story, head + HexEncode(statement::SelectionDigest(selection)) + "\"\n"), Ids{});
  EXPECT_EQ(FailedOf(story, head + HexEncode(statement::SelectionDigest(PeopleSelection())) + "\"\n"),
            Ids{"policy.require.1"});
}

TEST(Appraisal, OneGoodResultBesideABadOneFails) {
  Story story;
  auto other = story.accuracy;
  // Another question by its parameters, so no contradiction; both answer the requirement, one of them badly.
  other.parameters = Json{{"slices", Json::array({"age"})}};
  other.results[0].value = "0.5";
  other.results[0].interval = statement::Interval{"wilson", "0.95", "0.4", "0.6"};
  story.more = {other};
  EXPECT_EQ(FailedOf(story), Ids{"policy.require.accuracy"});
}

TEST(Appraisal, TwoValuesForOneQuestionContradict) {
  Story story;
  auto other = story.accuracy;
  other.results[0].value = "0.86";
  story.more = {other};
  EXPECT_EQ(FailedOf(story), Ids{"policy.contradiction"});
  // Also where no requirement asks.
  Story unasked;
  auto slice = unasked.accuracy;
  slice.results[1].value = "0.2";
  unasked.more = {slice};
  EXPECT_EQ(FailedOf(unasked), Ids{"policy.contradiction"});
}

TEST(Appraisal, OneModelHasOneTraining) {
  for (const int which : {0, 1, 2}) {
    Story story;
    auto other = story.training;
    if (which == 0) other.run.job["train"]["epochs"] = 6;
    if (which == 1) other.datasets[0] = People("other.data", 10, "train");
    if (which == 2) other.initial_model = statement::ArtifactRef{"base", DigestOf("base")};
    story.more = {other};
    const auto failed = FailedOf(story);
    EXPECT_TRUE(std::count(failed.begin(), failed.end(), "policy.contradiction")) << which;
  }
}

TEST(Appraisal, OneSelectionHasOneContent) {
  Story story;
  story.distribution.dataset->records.count = 2999;
  EXPECT_EQ(FailedOf(story), Ids{"policy.contradiction"});
}

TEST(Appraisal, UndefinedFails) {
  Story story;
  story.accuracy.results[0].value = "undefined";
  story.accuracy.results[0].reason = "no records";
  story.accuracy.results[0].interval.reset();
  EXPECT_EQ(FailedOf(story), Ids{"policy.require.accuracy"});
}

TEST(Appraisal, BoundsAreHeldAgainstTheEndAskedFor) {
  Story story;
  story.accuracy.results[0].interval->lower = "0.79";
  EXPECT_EQ(FailedOf(story), Ids{"policy.require.accuracy"});
  story.accuracy.results[0].interval.reset();
  EXPECT_EQ(FailedOf(story), Ids{"policy.require.accuracy"});
  Story few;
  few.accuracy.results[0].count = 999;
  EXPECT_EQ(FailedOf(few), Ids{"policy.require.accuracy"});
  Story none;
  none.accuracy.results[0].count.reset();
  EXPECT_EQ(FailedOf(none), Ids{"policy.require.accuracy"});
}

TEST(Appraisal, DistributionOfAnotherSelectionThanTheTrainedOneFails) {
  Story story;
  auto selection = PeopleSelection();
  selection.missing = statement::MissingPolicy::kDrop;
  Reselect(&*story.distribution.dataset, selection);
  EXPECT_EQ(FailedOf(story), Ids{"policy.require.women"});
  Story other;
  other.distribution.dataset = People("other.data", 3000);
  EXPECT_EQ(FailedOf(other), Ids{"policy.require.women"});
}

TEST(Appraisal, TrainingDataIsEveryRoleUnlessThePolicyNarrowsIt) {
  Story story;
  story.training.datasets.push_back(People("validation.data", 500, "validation"));
  auto compared = story.overlap;
  compared.references = {People("validation.data", 500)};
  compared.results[1].at = HexEncode(compared.references[0].records.root);
  story.more = {compared};
  std::string policy = Trust() + Requirements();
  const std::string only = "datasets = [\"" + Sha("people.data") + "\"]";
  policy.replace(policy.find(only), only.size(), "");
  EXPECT_EQ(FailedOf(story, policy), Ids{"policy.require.women"});
  policy.replace(policy.find("of = \"training-data\""), 20, "of = \"training-data\"\nroles = [\"train\"]\n");
  EXPECT_EQ(FailedOf(story, policy), Ids{});
}

TEST(Appraisal, EarlyStoppingOnTheTestSetShows) {
  Story story;
  story.training.datasets.push_back(People("people.test", 1000, "validation"));
  // The overlap with the training role is there and zero; that with the validation role is not stated.
  EXPECT_EQ(FailedOf(story), (Ids{"policy.require.overlap", "policy.require.training", "policy.require.women"}));
  // Stated honestly it is everything.
  auto compared = story.overlap;
  compared.references = {People("people.test", 1000)};
  compared.results = {MakeResult("with-label", "1000", 1000), MakeResult("with-label", "1000", 1000)};
  compared.results[1].at = HexEncode(compared.references[0].records.root);
  story.more = {compared};
  const auto appraised = Appraise(story.Bundle(), Trust() + Requirements());
  EXPECT_EQ(Failed(appraised.report),
            (Ids{"policy.require.overlap", "policy.require.training", "policy.require.women"}));
  EXPECT_NE(Explain(appraised.report).find("1000"), std::string::npos);
}

TEST(Appraisal, OverlapOfAnotherTestSetProvesNothing) {
  Story story;
  story.overlap.dataset = People("other.test", 1000);
  EXPECT_EQ(FailedOf(story), Ids{"policy.require.overlap"});
}

TEST(Appraisal, OverlapWithSeveralReferencesIsHeldAgainstEach) {
  Story story;
  story.training.datasets.push_back(People("validation.data", 500, "validation"));
  story.overlap.references.push_back(People("validation.data", 500));
  const std::string policy = Trust() + R"(
[[require]]
id = "overlap"
claim = "property"
property = "overlap"
metric = "with-label"
dataset = ")" + Sha("people.test") +
                             "\"\nvalue = \"= 0\"\n";
  // No number for the second reference.
  EXPECT_EQ(FailedOf(story, policy), Ids{"policy.require.overlap"});
  auto second = MakeResult("with-label", "0", 1000);
  second.at = HexEncode(story.overlap.references[1].records.root);
  story.overlap.results.push_back(second);
  EXPECT_EQ(FailedOf(story, policy), Ids{});
  // The number for all references together counts too.
  story.overlap.results[0].value = "1";
  EXPECT_EQ(FailedOf(story, policy), Ids{"policy.require.overlap"});
}

TEST(Appraisal, AnInitialModelWithoutTrainingIsAMissingEdge) {
  Story story;
  story.training.initial_model = statement::ArtifactRef{"base.safetensors", DigestOf("base")};
  EXPECT_EQ(FailedOf(story),
            (Ids{"policy.missing_edge", "policy.require.overlap", "policy.require.training", "policy.require.women"}));
  // With its training stated, its data counts as training data as well.
  auto base = story.training;
  base.model = *story.training.initial_model;
  base.initial_model.reset();
  base.datasets = {People("base.data", 100, "train")};
  story.more = {base};
  EXPECT_EQ(FailedOf(story), (Ids{"policy.require.overlap", "policy.require.training", "policy.require.women"}));
  const auto appraised = Appraise(story.Bundle(), Trust() + R"(
[[require]]
claim = "training"
datasets = [")" + Sha("people.data") + "\", \"" + Sha("base.data") +
                                                      "\"]\n");
  EXPECT_EQ(appraised.report.verdict, policy::Verdict::kAccepted) << Explain(appraised.report);
  EXPECT_NE(appraised.report.sentence.find("base.data"), std::string::npos);
  EXPECT_NE(appraised.report.sentence.find("base.safetensors"), std::string::npos);
}

TEST(Appraisal, TrainingIsHeldAgainstTheJobAndTheData) {
  Story story;
  story.training.run.job["train"]["epochs"] = 50;
  EXPECT_EQ(FailedOf(story), Ids{"policy.require.training"});
  Story key;
  key.training.run.job["train"].erase("learning-rate");
  EXPECT_EQ(FailedOf(key), Ids{"policy.require.training"});
  const std::string none = Trust() + "[[require]]\nclaim = \"training\"\ndatasets = []\n";
  EXPECT_EQ(FailedOf(Story(), none), Ids{"policy.require.1"});
}

TEST(Appraisal, AnotherImplementationIsAnotherMeasurement) {
  Story story;
  story.accuracy.implementation = "accuracy/2";
  EXPECT_EQ(FailedOf(story), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
  Story custom;
  custom.accuracy.property = "custom:" + HexEncode(DigestOf("code")) + "/accuracy";
  EXPECT_EQ(FailedOf(custom), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
}

TEST(Appraisal, AParameterThePolicyIsSilentAboutMustNotMatter) {
  Story story;
  story.accuracy.parameters["threshold"] = "0.9";
  EXPECT_EQ(FailedOf(story), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
}

TEST(Appraisal, PredictionsOfAColumnNeverStandForTheModels) {
  Story story;
  story.accuracy.model.reset();
  story.accuracy.predictions = "column:age";
  story.accuracy.run.job["property"] =
      Json::array({Json{{"name", "accuracy"}, {"predictions", Json{{"column", "age"}, {"threshold", "0.5"}}}}});
  EXPECT_EQ(FailedOf(story), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
  const std::string audit =
      Trust() + "[[require]]\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = \"accuracy\"\n" + "dataset = \"" +
      Sha("people.test") + "\"\nvalue = \">= 0.8\"\ntarget = \"income\"\npredictions = \"column:age\"\n";
  EXPECT_EQ(FailedOf(story, audit + "threshold = 0.5\n"), Ids{});
  EXPECT_EQ(FailedOf(story, audit + "threshold = 0.6\n"), Ids{"policy.require.1"});
  EXPECT_EQ(FailedOf(story, audit + "positive-values = [\"0.5\"]\n"), Ids{"policy.require.1"});
}

TEST(Appraisal, TheTargetCanBePinned) {
  const std::string pinned = Trust() +
                             "[[require]]\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = \"accuracy\"\n" +
                             "dataset = \"" + Sha("people.test") + "\"\ntarget = \"income\"\npositive = \">50K\"\n";
  EXPECT_EQ(FailedOf(Story(), pinned), Ids{});
  Story story;
  auto selection = PeopleSelection();
  selection.target = statement::Target{"sex", "Female", ""};
  selection.sensitive = {};
  Reselect(&*story.accuracy.dataset, selection);
  EXPECT_EQ(FailedOf(story, pinned), Ids{"policy.require.1"});
}

TEST(Appraisal, UnaskedStatementsAreListedAndCanBeRefused) {
  Story story;
  auto other = story.accuracy;
  other.dataset = People("third.test", 10);
  story.more = {other};
  const auto appraised = Appraise(story.Bundle(), Trust() + Requirements());
  EXPECT_EQ(appraised.report.verdict, policy::Verdict::kAccepted);
  // That one and the inference.
  EXPECT_EQ(appraised.report.notes.size(), 2U);
  std::string strict = Trust() + Requirements();
  strict.replace(strict.find("[trust]"), 7, "[trust]\nallow-unrequired = false");
  EXPECT_EQ(FailedOf(story, strict), Ids{"policy.unrequired"});
}

}  // namespace
}  // namespace attestml::policy_test
