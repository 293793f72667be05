// Requirements on the newer properties, and on numbers that a program of others computed: what answers one, and what
// only looks as if it did.
#include "base/hex.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using Ids = std::vector<std::string>;

std::string Custom(const std::string& program, const std::string& name = "accuracy-gap") {
  return "custom:" + HexEncode(DigestOf(program)) + "/" + name;
}

statement::PropertyClaim Of(const std::string& property, const std::vector<statement::MetricResult>& results) {
  statement::PropertyClaim claim = Story().accuracy;
  claim.property = property;
  claim.implementation = property.starts_with("custom:") ? property.substr(72) + "/1" : property + "/1";
  claim.parameters = Json::object();
  claim.results = results;
  return claim;
}

statement::PropertyClaim Gap(const std::string& program = "program", const std::string& value = "0.04") {
  auto claim = Of(Custom(program), {MakeResult("gap-sex", value, 1000)});
  claim.parameters = Json{{"groups", Json::array({"sex"})}};
  return claim;
}

std::string Ask(const std::string& property, const std::string& metric, const std::string& more) {
  return "[[require]]\nid = \"it\"\nclaim = \"property\"\nproperty = \"" + property + "\"\nmetric = \"" + metric +
         "\"\ndataset = \"" + Sha("people.test") + "\"\ntarget = \"income\"\n" + more;
}

const char* const kGroups = "parameters = { groups = [\"sex\"] }\nvalue = \"<= 0.05\"\n";

Ids FailedOf(const std::vector<statement::Claim>& more, const std::string& require) {
  Story story;
  story.more = more;
  return Failed(Appraise(story.Bundle(), Trust() + require).report);
}

std::string ErrorOf(const std::string& require) {
  const auto policy = policy::ParsePolicy(Trust() + require, "p.toml");
  return policy.ok() ? "" : policy.error().id;
}

TEST(CustomRequirement, TheProgramIsPartOfTheName) {
  EXPECT_EQ(FailedOf({Gap()}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{});
  // Other code that calls itself and its number the same.
  EXPECT_EQ(FailedOf({Gap("other")}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{"policy.require.it"});
  EXPECT_EQ(FailedOf({Gap("program", "0.06")}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{"policy.require.it"});
  EXPECT_EQ(FailedOf({Gap()}, Ask(Custom("program"), "gap-group", kGroups)), Ids{"policy.require.it"});
  EXPECT_EQ(FailedOf({Gap()}, Ask(Custom("program", "gap"), "gap-sex", kGroups)), Ids{"policy.require.it"});
  EXPECT_EQ(FailedOf({}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{"policy.require.it"});
  // Both programs spoke, and only one was asked.
  EXPECT_EQ(FailedOf({Gap("other", "0.5"), Gap()}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{});
}

TEST(CustomRequirement, WhatTheProverCouldChooseIsPinned) {
  // The groups that the program was given.
  auto claim = Gap();
  claim.parameters = Json{{"groups", Json::array({"age"})}};
  EXPECT_EQ(FailedOf({claim}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{"policy.require.it"});
  claim.parameters["groups"] = Json::array({"sex"});
  claim.parameters["bins"] = Json{{"age", Json::array({"30"})}};
  EXPECT_EQ(FailedOf({claim}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{"policy.require.it"});
  // Without them, the selection that says which are sensitive.
  const std::string plain = "value = \"<= 0.05\"\n";
  EXPECT_EQ(ErrorOf(Ask(Custom("program"), "gap-sex", plain)), "policy.value");
  const auto use = People("people.test", 1000);
  const std::string selection = "selection = \"sha256:" + HexEncode(use.selection_id.digest) + "\"\n" + plain;
  claim.parameters = Json::object();
  EXPECT_EQ(FailedOf({claim}, Ask(Custom("program"), "gap-sex", selection)), Ids{});
  auto other = *use.selection;
  other.sensitive = {"age"};
  Reselect(&*claim.dataset, other);
  EXPECT_EQ(FailedOf({claim}, Ask(Custom("program"), "gap-sex", selection)), Ids{"policy.require.it"});
  // The model, and the column that it predicts.
  claim = Gap();
  claim.model->sha256 = DigestOf("another model");
  const auto failed =
      FailedOf({claim}, Ask(Custom("program"), "gap-sex", kGroups + ("model = \"" + Sha("model") + "\"\n")));
  EXPECT_NE(std::find(failed.begin(), failed.end(), "policy.require.it"), failed.end());
  claim = Gap();
  other = *use.selection;
  other.sensitive.clear();
  other.target = statement::Target{"sex", "", ""};
  Reselect(&*claim.dataset, other);
  EXPECT_EQ(FailedOf({claim}, Ask(Custom("program"), "gap-sex", kGroups)), Ids{"policy.require.it"});
  std::string untargeted = Ask(Custom("program"), "gap-sex", kGroups);
  untargeted.erase(untargeted.find("target = "), std::string("target = \"income\"\n").size());
  EXPECT_EQ(FailedOf({claim}, untargeted), Ids{"policy.require.it"});
  EXPECT_EQ(FailedOf({Gap()}, untargeted), Ids{});
}

TEST(CustomRequirement, NeverStandsForABuiltIn) {
  // Code that calls itself and its number as a built-in does.
  Story story;
  auto impostor = Of(Custom("program", "accuracy"), {MakeResult("accuracy", "0.99", 1000)});
  impostor.implementation = "accuracy/1";
  story.accuracy = impostor;
  const std::string builtin = Ask("accuracy", "accuracy", "value = \">= 0.9\"\n");
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Trust() + builtin).report), Ids{"policy.require.it"});
  // And the built-in for code.
  EXPECT_EQ(FailedOf({}, Ask(Custom("program", "accuracy"), "accuracy", kGroups)), Ids{"policy.require.it"});
}

TEST(CustomRequirement, NamesAreExact) {
  const std::string hex = HexEncode(DigestOf("program"));
  const std::string upper = "custom:" + std::string(64, 'A') + "/gap";
  for (const std::string& name :
       {"custom:" + hex, "custom:" + hex + "/", "custom:" + hex.substr(1) + "/gap", "custom:" + hex + "0/gap",
        "custom:" + hex + "/Gap", "custom:" + hex + "/a/b", std::string("custom:gap"), upper}) {
    EXPECT_EQ(ErrorOf(Ask(name, "gap-sex", kGroups)), "policy.value") << name;
  }
  // Typos in built-in names are still found.
  EXPECT_EQ(ErrorOf(Ask("acuracy", "accuracy", "value = \">= 0.9\"\n")), "policy.unknown_name");
  EXPECT_EQ(ErrorOf(Ask("accuracy", "acuracy", "value = \">= 0.9\"\n")), "policy.unknown_name");
  EXPECT_EQ(ErrorOf(Ask("accuracy-gap", "gap-sex", kGroups)), "policy.unknown_name");
  EXPECT_EQ(ErrorOf(Ask(Custom("program"), "Gap", kGroups)), "policy.value");
  EXPECT_EQ(ErrorOf(Ask(Custom("program"), "gap-sex", "parameters = { groups = [\"sex\"], other = 1 }\n")),
            "policy.unknown_name");
  EXPECT_EQ(ErrorOf(Ask(Custom("program"), "gap-sex", std::string("predictions = \"column:score\"\n") + kGroups)),
            "policy.value");
}

// One of each, as the properties state them.
struct Newer {
  statement::PropertyClaim robustness, privacy, membership, calibration, compute, noise, duplicates;
  Newer() {
    auto fgsm = MakeResult("adversarial-accuracy", "0.7", 1000);
    fgsm.interval = statement::Interval{"wilson", "0.95", "0.67", "0.73"};
    fgsm.label = "fgsm";
    fgsm.at = "0.01";
    auto pgd = fgsm;
    pgd.label = "pgd-linf";
    pgd.given = {{"steps", "40"}, {"step-factor", "2.5"}, {"restarts", "1"}};
    robustness = Of("robustness", {MakeResult("accuracy", "0.85", 1000), fgsm, pgd});
    robustness.parameters = Json{{"fgsm", {"0.01"}}, {"pgd-linf", {"0.01"}}};
    auto epsilon = MakeResult("epsilon", "2.5", 3000);
    epsilon.at = "1e-05";
    privacy = Of("privacy", {epsilon});
    privacy.dataset = People("people.data", 3000);
    privacy.parameters = Json{{"delta", "1e-05"}};
    membership = Of("membership-inference", {MakeResult("advantage", "0.02", 3000)});
    membership.dataset = People("people.data", 3000);
    membership.references = {People("people.test", 1000)};
    calibration = Of("calibration", {MakeResult("expected-calibration-error", "0.03", 1000)});
    compute = Of("compute", {MakeResult("parameters", "1234", 1)});
    compute.results[0].count.reset();
    noise = Of("label-noise", {MakeResult("noise-rate", "0.01", 3000)});
    noise.dataset = People("people.data", 3000);
    duplicates = Story().distribution;
    duplicates.property = "duplicates";
    duplicates.implementation = "duplicates/1";
    duplicates.results = {MakeResult("with-label-repeated-proportion", "0.002", 3000)};
  }
  std::vector<statement::Claim> All() const {
    return {robustness, privacy, membership, calibration, compute, noise, duplicates};
  }
};

TEST(NewerRequirement, QualifiersChooseTheNumber) {
  const Newer newer;
  const std::string fgsm = "label = \"fgsm\"\nat = 0.01\nvalue = \">= 0.65\"\non = \"interval.lower\"\n";
  const std::string attack = "adversarial-accuracy";
  EXPECT_EQ(FailedOf(newer.All(), Ask("robustness", attack, fgsm)), Ids{});
  EXPECT_EQ(FailedOf(newer.All(), Ask("robustness", attack, "label = \"fgsm\"\nat = \"0.01\"\nvalue = \">= 0.68\"\n")),
            Ids{});
  for (const char* other : {"label = \"fgsm\"\nat = 0.02\nvalue = \">= 0\"\n", "label = \"fgsm\"\nvalue = \">= 0\"\n",
                            "at = 0.01\nvalue = \">= 0\"\n", "label = \"pgd-linf\"\nat = 0.01\nvalue = \">= 0\"\n"}) {
    EXPECT_EQ(FailedOf(newer.All(), Ask("robustness", attack, other)), Ids{"policy.require.it"}) << other;
  }
  const std::string pgd = "label = \"pgd-linf\"\nat = 0.01\nvalue = \">= 0.65\"\n";
  EXPECT_EQ(FailedOf(newer.All(),
                     Ask("robustness", attack, pgd + "given = { steps = 40, step-factor = 2.5, restarts = 1 }\n")),
            Ids{});
  EXPECT_EQ(FailedOf(newer.All(),
                     Ask("robustness", attack, pgd + "given = { steps = 1, step-factor = 2.5, restarts = 1 }\n")),
            Ids{"policy.require.it"});
}

TEST(NewerRequirement, EpsilonIsHeldAtItsDelta) {
  const Newer newer;
  const auto of = [](const std::string& more) {
    std::string text = Ask("privacy", "epsilon", more);
    return text.replace(text.find(Sha("people.test")), Sha("people.test").size(), Sha("people.data"));
  };
  EXPECT_EQ(FailedOf(newer.All(), of("at = 1e-05\nvalue = \"<= 3\"\n")), Ids{});
  EXPECT_EQ(FailedOf(newer.All(), of("at = \"1e-05\"\nvalue = \"<= 3\"\n")), Ids{});
  EXPECT_EQ(FailedOf(newer.All(), of("at = 1e-05\nvalue = \"<= 2\"\n")), Ids{"policy.require.it"});
  EXPECT_EQ(FailedOf(newer.All(), of("at = 1e-06\nvalue = \"<= 3\"\n")), Ids{"policy.require.it"});
}

TEST(NewerRequirement, EpsilonCoversOneTrainingAndItsRecords) {
  std::string require = Ask("privacy", "epsilon", "at = 1e-05\nvalue = \"<= 3\"\n");
  require.replace(require.find(Sha("people.test")), Sha("people.test").size(), Sha("people.data"));
  const auto failed = [&](const Story& story) { return Failed(Appraise(story.Bundle(), Trust() + require).report); };
  Story story;
  story.more = {Newer().privacy};
  EXPECT_EQ(failed(story), Ids{});
  // The model began as one that saw the same file without noise.
  Story tuned = story;
  tuned.training.initial_model = statement::ArtifactRef{"first.safetensors", DigestOf("first")};
  auto first = story.training;
  first.model = *tuned.training.initial_model;
  tuned.more.push_back(first);
  EXPECT_EQ(failed(tuned), Ids{"policy.require.it"});
  // As one that saw another file: what this hides was never in it.
  first.datasets = {People("public.data", 3000, "train")};
  tuned.more.back() = first;
  EXPECT_EQ(failed(tuned), Ids{});
  // As one of which nobody says what it saw.
  tuned.more.pop_back();
  EXPECT_EQ(failed(tuned), (Ids{"policy.missing_edge", "policy.require.it"}));
  // Stated of data that the model was not trained on, or where no training is stated.
  auto elsewhere = Newer().privacy;
  elsewhere.dataset = People("people.test", 1000);
  story.more = {elsewhere};
  require = Ask("privacy", "epsilon", "at = 1e-05\nvalue = \"<= 3\"\n");
  EXPECT_EQ(failed(story), Ids{"policy.require.it"});
}

TEST(NewerRequirement, AStartingPolicyAsksForAllOfThem) {
  Story story;
  story.more = Newer().All();
  story.more.push_back(Gap());
  auto unnamed = Gap("other");
  unnamed.parameters = Json::object();
  story.more.push_back(unnamed);
  const std::string longest = "a" + std::string(63, 'b');
  story.more.push_back(Of(Custom("longest", longest), {MakeResult(longest, "-3", 1000)}));
  const auto bundle = Verified(story.Bundle());
  const std::string text = policy::StartingPolicy(bundle);
  const auto parsed = policy::ParsePolicy(text, "start.toml");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message << "\n" << text;
  const auto report = policy::Appraise(bundle, *parsed, {});
  EXPECT_EQ(report.verdict, policy::Verdict::kAccepted) << text << Explain(report);
  for (const std::string& name :
       {std::string("robustness"), std::string("privacy"), std::string("membership-inference"),
        std::string("calibration"), std::string("compute"), std::string("label-noise"), std::string("duplicates"),
        Custom("program"), Custom("other"), Custom("longest", longest)}) {
    EXPECT_NE(text.find("property = \"" + name + "\""), std::string::npos) << name << "\n" << text;
  }
  // What it asks of them is load-bearing: without the statement the policy rejects.
  for (std::size_t left_out = 0; left_out < story.more.size(); ++left_out) {
    Story less = story;
    less.more.erase(less.more.begin() + static_cast<std::ptrdiff_t>(left_out));
    const auto smaller = Verified(less.Bundle());
    EXPECT_EQ(policy::Appraise(smaller, *parsed, {}).verdict, policy::Verdict::kRejected) << left_out;
  }
}

// Found by a review: each was once accepted.
TEST(NewerRequirement, MembersAreTheRecordsOfTheTraining) {
  const std::string require =
      "[[require]]\nid = \"it\"\nclaim = \"property\"\nproperty = \"membership-inference\"\nmetric = \"advantage\"\n"
      "dataset = \"" +
      Sha("people.data") + "\"\ntarget = \"income\"\nreference = \"" + Sha("people.test") + "\"\nvalue = \"<= 0.05\"\n";
  const auto fails = [&](const statement::DatasetUse& trained) {
    Story story;
    story.training.datasets = {trained};
    story.more = {Newer().membership};
    return Failed(Appraise(story.Bundle(), Trust() + require).report);
  };
  EXPECT_EQ(fails(People("people.data", 3000, "train")), Ids{});
  // One in a hundred of them: the others thin the advantage out.
  statement::DatasetUse part = People("people.data", 30, "train");
  statement::Selection selection = PeopleSelection();
  selection.split = statement::Split{1, false, {{"a", "0.01"}, {"b", "0.99"}}, "a"};
  Reselect(&part, selection);
  EXPECT_EQ(fails(part), Ids{"policy.require.it"});
  EXPECT_EQ(fails(People("other.data", 3000, "train")), Ids{"policy.require.it"});
}

TEST(NewerRequirement, WhatDependsOnTheTargetNamesIt) {
  const auto require = [](const std::string& property, const std::string& metric, const std::string& more) {
    return "[[require]]\nid = \"it\"\nclaim = \"property\"\nproperty = \"" + property + "\"\nmetric = \"" + metric +
           "\"\ndataset = \"" + Sha("people.data") + "\"\nvalue = \"<= 1\"\n" + more;
  };
  const std::string reference = "reference = \"" + Sha("people.test") + "\"\n";
  for (const auto& [property, metric, more] :
       {std::tuple<std::string, std::string, std::string>{"distribution", "class-balance", ""},
        {"duplicates", "label-conflicts", ""},
        {"duplicates", "without-label-repeated", ""},
        {"overlap", "without-label", reference}}) {
    EXPECT_EQ(ErrorOf(require(property, metric, more)), "policy.value") << property;
    EXPECT_EQ(ErrorOf(require(property, metric, more + "target = \"income\"\n")), "") << property;
    EXPECT_EQ(ErrorOf(require(property, metric, more + "selection = \"" + Sha("x") + "\"\n")), "") << property;
  }
  EXPECT_EQ(ErrorOf(require("distribution", "records", "")), "");
}

TEST(NewerRequirement, WeightsInAFileAreOfNobodyKnowsWhat) {
  const std::string private_bound =
      "[[require]]\nid = \"private\"\nclaim = \"property\"\nproperty = \"privacy\"\nmetric = \"epsilon\"\nat = "
      "\"1e-05\"\n"
      "dataset = \"" +
      Sha("people.data") + "\"\ntarget = \"income\"\nvalue = \"<= 3\"\n";
  const auto fails = [&](const std::string& kind, const std::string& more) {
    Story story;
    for (statement::Run* run : {&story.training.run}) {
      run->job["model"] = Json{{"kind", kind}, {"program-sha256", HexEncode(DigestOf("program"))}};
    }
    story.more = {Newer().privacy};
    return Failed(Appraise(story.Bundle(), Trust() + Requirements() + private_bound + more).report);
  };
  EXPECT_EQ(fails("mlp", ""), Ids{});
  EXPECT_EQ(fails("torchscript", ""), (Ids{"policy.require.overlap", "policy.require.private",
                                           "policy.require.training", "policy.require.women"}));
  const auto named = [](const std::string& program) {
    return "[[require]]\nid = \"program\"\nclaim = \"training\"\njob = { \"model.program-sha256\" = \"" +
           HexEncode(DigestOf(program)) + "\" }\n";
  };
  EXPECT_EQ(fails("torchscript", named("program")), Ids{});
  EXPECT_EQ(fails("torchscript", named("another")).size(), 5U);
}

}  // namespace
}  // namespace attestml::policy_test
