// Concealed statements before policies: what is hidden is never taken as shown, and an opening shows it.
#include "statement/concealment.h"

#include "base/hex.h"
#include "statement/opening.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using statement::Concealer;

crypto::Digest256 SaltedRoot(const crypto::Digest256& root) { return DigestOf("salted " + HexEncode(root)); }

// The honest story, its statements concealed under an owner's secret.
struct Hidden {
  Story story;
  std::string secret = "owner";
  std::string policy;
  policy::Question question;
  std::vector<statement::OpeningItem> items;
  statement::TrainingClaim training;  // as concealed
  statement::PropertyClaim accuracy;

  Hidden() { question.model = story.training.model.sha256; }

  std::vector<statement::Envelope> Bundle() {
    Concealer concealer(DigestOf(secret));
    for (const char* file : {"people.data", "people.test", "people.validation", "other.data"}) {
      const auto root = People(file, 1).records.root;
      concealer.SetSaltedRoot(root, SaltedRoot(root));
    }
    Prover prover;
    for (statement::Claim claim : story.Claims()) {
      if (std::holds_alternative<statement::InferenceClaim>(claim)) continue;
      EXPECT_TRUE(concealer.Conceal(&claim).ok());
      if (const auto* one = std::get_if<statement::TrainingClaim>(&claim);
          one != nullptr && one->model.sha256 == story.training.model.sha256)
        training = *one;
      if (const auto* one = std::get_if<statement::PropertyClaim>(&claim);
          one != nullptr && one->property == "accuracy")
        accuracy = *one;
      prover.State(claim);
    }
    items = concealer.items();
    return prover.Finish();
  }

  // Appraised by these requirements, with items of these kinds opened.
  std::vector<std::string> Fails(const std::string& requirements,
                                 const std::vector<statement::ConcealedKind>& open = {}) {
    auto bundle = Verified(Bundle());
    std::vector<statement::OpeningItem> shown;
    for (const auto& item : items) {
      if (std::find(open.begin(), open.end(), item.kind) != open.end()) shown.push_back(item);
    }
    statement::Opener opener;
    opener.Add(shown);
    EXPECT_TRUE(bundle.Open(opener).ok());
    const policy::Report report = policy::Appraise(bundle, Parse(Trust() + requirements), question);
    const std::string json = DumpJson(policy::ReportToJson(report));
    if (open.empty() && requirements.find("sha256:") == std::string::npos && question.datasets.empty()) {
      for (const char* file : {"people.data", "people.test"}) {
        EXPECT_EQ(json.find(file), std::string::npos) << json;
        EXPECT_EQ(json.find(HexEncode(DigestOf(file))), std::string::npos) << json;
      }
    }
    EXPECT_EQ(Failed(report).empty(), report.verdict == policy::Verdict::kAccepted);
    text = Explain(report);
    return Failed(report);
  }
  std::string text;
};

using Ids = std::vector<std::string>;
using Kind = statement::ConcealedKind;
const std::vector<Kind> kAll = {Kind::kFile, Kind::kSelection, Kind::kReading, Kind::kRecords,
                                Kind::kJob,  Kind::kByproduct, Kind::kSeed};

std::string Commitment(const statement::DataId& id) { return "\"commitment:" + HexEncode(id.digest) + "\""; }

std::string Accuracy(const std::string& data, const std::string& value = ">= 0.8") {
  return "[[require]]\nid = \"accuracy\"\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = \"accuracy\"\n" +
         data + "value = \"" + value + "\"\n";
}
const char* const kShare =
    "[[require]]\nid = \"women\"\nclaim = \"property\"\nproperty = \"distribution\"\nof = \"training-data\"\n"
    "metric = \"proportion\"\nwhere = { column = \"sex\", value = \"Female\" }\nvalue = \"0.3..0.4\"\n";
const char* const kOverlap =
    "[[require]]\nid = \"overlap\"\nclaim = \"property\"\nproperty = \"overlap\"\nmetric = \"with-label\"\nvalue = \"= "
    "0\"\n";

TEST(Concealed, RelationsUnderOneSecretAreKnown) {
  Hidden world;
  static_cast<void>(world.Bundle());
  const std::string pinned = "dataset = " + Commitment(world.accuracy.dataset->file.id) +
                             "\nselection = " + Commitment(world.accuracy.dataset->selection_id) + "\n";
  EXPECT_EQ(world.Fails(Accuracy(pinned) + kShare + kOverlap), Ids()) << world.text;
  EXPECT_EQ(world.Fails(Accuracy(pinned, ">= 0.9")), Ids{"policy.require.accuracy"});
}

TEST(Concealed, WhatIsNotKnownFails) {
  Hidden world;
  static_cast<void>(world.Bundle());
  const std::string file = "dataset = " + Commitment(world.accuracy.dataset->file.id) + "\n";
  const std::string selection = "selection = " + Commitment(world.accuracy.dataset->selection_id) + "\n";
  const Ids fails = {"policy.require.accuracy"};
  // The file alone: whether it is all of it is not known.
  EXPECT_EQ(world.Fails(Accuracy(file)), fails);
  EXPECT_EQ(world.Fails(Accuracy(file + selection + "target = \"income\"\n")), fails);
  EXPECT_EQ(world.Fails(Accuracy(file + "selection = " + Commitment(world.training.datasets[0].file.id) + "\n")),
            fails);
  // A digest is no commitment, nor is a commitment one.
  EXPECT_EQ(world.Fails(Accuracy("dataset = \"" + Sha("people.test") + "\"\n")), fails);
  EXPECT_EQ(world.Fails(Accuracy("dataset = \"sha256:" + HexEncode(world.accuracy.dataset->file.id.digest) + "\"\n" +
                                 selection)),
            fails);
  EXPECT_EQ(world.Fails("[[require]]\nid = \"t\"\nclaim = \"training\"\njob = { \"train.epochs\" = 5 }\n"),
            Ids{"policy.require.t"});
  EXPECT_EQ(world.Fails("[[require]]\nid = \"t\"\nclaim = \"training\"\ndatasets = [\"" + Sha("people.data") + "\"]\n"),
            Ids{"policy.require.t"});
  EXPECT_EQ(world.Fails("[[require]]\nid = \"t\"\nclaim = \"training\"\ndatasets = [" +
                        Commitment(world.training.datasets[0].file.id) + "]\n"),
            Ids());
  world.question.datasets = {DigestOf("people.data")};
  EXPECT_EQ(world.Fails(kShare), Ids{"policy.dataset"});
}

TEST(Concealed, RelationsUnderTwoSecretsAreUnknown) {
  // The distribution is stated by another run, under another secret.
  Hidden world;
  statement::Claim distribution = world.story.distribution;
  Concealer other(DigestOf("stranger"));
  const auto root = People("people.data", 1).records.root;
  other.SetSaltedRoot(root, SaltedRoot(root));
  ASSERT_TRUE(other.Conceal(&distribution).ok());
  world.story.distribution = std::get<statement::PropertyClaim>(distribution);
  EXPECT_EQ(world.Fails(kShare), Ids{"policy.require.women"});
  // Plain data is not the concealed data either, although it is.
  Hidden half;
  auto bundle = half.Bundle();
  Prover plain;
  plain.State(half.story.distribution);
  for (auto& line : plain.Finish()) bundle.push_back(line);
  const auto report = Appraise(bundle, Trust() + kShare, half.question);
  EXPECT_EQ(Failed(report.report), Ids()) << "its own concealed distribution still answers";
}

TEST(Concealed, OverlapNeedsTheSameReading) {
  Hidden world;
  statement::Selection selection = PeopleSelection();
  selection.format.trim = true;
  Reselect(&*world.story.overlap.dataset, selection);
  Reselect(&*world.story.accuracy.dataset, selection);
  static_cast<void>(world.Bundle());
  const std::string pinned = "dataset = " + Commitment(world.accuracy.dataset->file.id) +
                             "\nselection = " + Commitment(world.accuracy.dataset->selection_id) + "\n";
  EXPECT_EQ(world.Fails(Accuracy(pinned) + kOverlap), Ids{"policy.require.overlap"});
}

TEST(Concealed, AnOpeningShowsWhatWasHidden) {
  Hidden world;
  world.question.datasets = {DigestOf("people.data"), DigestOf("people.test")};
  const std::string job = "[[require]]\nid = \"t\"\nclaim = \"training\"\njob = { \"train.epochs\" = 5 }\n";
  const std::string named = Accuracy("dataset = \"" + Sha("people.test") + "\"\ntarget = \"income\"\n");
  EXPECT_EQ(world.Fails(job + named + kShare + kOverlap, kAll), Ids()) << world.text;
  // Commitments name what they were to, also when that is shown.
  const std::string pinned = "dataset = " + Commitment(world.accuracy.dataset->file.id) +
                             "\nselection = " + Commitment(world.accuracy.dataset->selection_id) + "\n";
  EXPECT_EQ(world.Fails(Accuracy(pinned) + kShare + kOverlap, kAll), Ids()) << world.text;
  EXPECT_EQ(world.Fails("[[require]]\nid = \"t\"\nclaim = \"training\"\ndatasets = [" +
                            Commitment(world.training.datasets[0].file.id) + "]\n",
                        kAll),
            Ids());
  // In part: the job for one reader, the data for another.
  world.question.datasets.clear();
  EXPECT_EQ(world.Fails(job, {Kind::kJob}), Ids());
  EXPECT_EQ(world.Fails(job + named, {Kind::kJob}), Ids{"policy.require.accuracy"});
  EXPECT_EQ(world.Fails(job + named, {Kind::kFile, Kind::kSelection}), Ids{"policy.require.t"});
  EXPECT_EQ(world.Fails(named, {Kind::kFile}), Ids{"policy.require.accuracy"});
  EXPECT_EQ(world.Fails(named, {Kind::kSelection}), Ids{"policy.require.accuracy"});
  EXPECT_EQ(world.Fails(named + kShare + kOverlap, {Kind::kFile, Kind::kSelection}), Ids()) << world.text;
}

TEST(Concealed, EpsilonIsRefusedWhereAnAncestorMayHaveSeenTheRecords) {
  Hidden world;
  statement::PropertyClaim privacy = world.story.accuracy;
  privacy.property = "privacy";
  privacy.implementation = "privacy/1";
  privacy.parameters = Json::object();
  privacy.dataset = People("people.data", 3000);
  privacy.results = {MakeResult("epsilon", "2", 3000)};
  privacy.results[0].at = "1e-05";
  world.story.more.push_back(privacy);
  static_cast<void>(world.Bundle());
  const auto& data = world.training.datasets[0];
  const std::string require =
      "[[require]]\nid = \"private\"\nclaim = \"property\"\nproperty = \"privacy\"\nmetric = \"epsilon\"\nat = "
      "\"1e-05\"\n"
      "value = \"<= 3\"\ndataset = " +
      Commitment(data.file.id) + "\nselection = " + Commitment(data.selection_id) + "\n";
  EXPECT_EQ(world.Fails(require), Ids()) << world.text;
  // It started from a model that was trained on other data: other, or the same in other bytes, is not known.
  statement::TrainingClaim earlier = world.story.training;
  earlier.model = {"earlier", DigestOf("earlier")};
  earlier.datasets = {People("other.data", 10, "train")};
  world.story.training.initial_model = earlier.model;
  world.story.more.push_back(earlier);
  EXPECT_EQ(world.Fails(require), Ids{"policy.require.private"});
  EXPECT_NE(world.text.find("concealed"), std::string::npos) << world.text;
}

TEST(Concealed, ABoundAnswersWhatEveryNumberWithinItWould) {
  Story story;
  story.accuracy.results.resize(1);
  auto& result = story.accuracy.results[0];
  result.value.clear();
  result.interval.reset();
  result.bound = ">= 0.8";
  result.bound_on = "value";
  const std::string data = "dataset = \"" + Sha("people.test") + "\"\ntarget = \"income\"\n";
  const auto fails = [&](const std::string& more, const std::string& value) {
    return Failed(Appraise(story.Bundle(), Trust() + Accuracy(data + more, value)).report);
  };
  const Ids no = {"policy.require.accuracy"};
  EXPECT_EQ(fails("", ">= 0.8"), Ids());
  EXPECT_EQ(fails("", ">= 0.75"), Ids());
  EXPECT_EQ(fails("", "> 0.75"), Ids());
  EXPECT_EQ(fails("", "> 0.8"), no);
  EXPECT_EQ(fails("", ">= 0.81"), no);
  EXPECT_EQ(fails("", "0.8..1"), no);
  EXPECT_EQ(fails("", "<= 0.9"), no);
  EXPECT_EQ(fails("", "= 0.8"), no);
  EXPECT_EQ(fails("on = \"interval.lower\"\n", ">= 0.7"), no);
  EXPECT_EQ(fails("min-count = 1000\n", ">= 0.8"), Ids());
  EXPECT_EQ(fails("min-count = 1001\n", ">= 0.8"), no);
  result.bound = "<= 0.9";
  EXPECT_EQ(fails("", "<= 0.9"), Ids());
  EXPECT_EQ(fails("", "< 0.9"), no);
  EXPECT_EQ(fails("", ">= 0.1"), no);
  EXPECT_EQ(fails("", "0..0.95"), no);
  result.bound = ">= 0.8";
  result.bound_on = "interval.lower";
  EXPECT_EQ(fails("on = \"interval.lower\"\n", ">= 0.7"), Ids());
  EXPECT_EQ(fails("", ">= 0.7"), no);
  EXPECT_EQ(fails("on = \"interval.upper\"\n", ">= 0.7"), no);
  const auto report = Appraise(story.Bundle(), Trust() + Accuracy(data + "on = \"interval.lower\"\n", ">= 0.7")).report;
  EXPECT_NE(report.sentence.find("at least 0.8"), std::string::npos) << report.sentence;
  EXPECT_EQ(report.sentence.find("undefined"), std::string::npos) << report.sentence;
}

}  // namespace
}  // namespace attestml::policy_test
