// What values mean: as in the file, or as the policy says; in the rows of an answer, as the model learned it.
#include "base/hex.h"
#include "statement/concealment.h"
#include "statement/opening.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using Ids = std::vector<std::string>;
const Ids kBoth = {"policy.require.accuracy", "policy.require.overlap"};
const Ids kAll = {"policy.require.accuracy", "policy.require.overlap", "policy.require.women"};

// The honest story with every file read under a changed selection.
template <typename Change>
Story Read(Change change) {
  Story story;
  auto selection = PeopleSelection();
  change(selection);
  for (auto* use : {&*story.accuracy.dataset, &*story.overlap.dataset, &*story.distribution.dataset,
                    &story.training.datasets[0], &story.overlap.references[0]}) {
    Reselect(use, selection);
  }
  return story;
}

std::string Naming(const std::string& reading) {
  std::string policy = Trust() + Requirements();
  const std::string target = "target = \"income\"\n";
  const std::string of = "of = \"training-data\"\n";
  policy.insert(policy.find(of) + of.size(), "reading = " + reading + "\n");
  return policy.insert(policy.find(target) + target.size(), "reading = " + reading + "\n");
}

Ids FailedOf(const Story& story, const std::string& policy = Trust() + Requirements()) {
  return Failed(Appraise(story.Bundle(), policy).report);
}

TEST(Reading, MergedLabelsAreNotTheFile) {
  const Story story = Read([](auto& s) { s.target->strip_suffix = "+"; });
  const auto refused = Appraise(story.Bundle(), Trust() + Requirements()).report;
  EXPECT_EQ(Failed(refused), kAll);
  EXPECT_NE(Explain(refused).find("reads the file with strip-suffix = \"+\", the policy has \"\": want reading = { "
                                  "strip-suffix = \"+\" }, or selection"),
            std::string::npos)
      << Explain(refused);
  const auto accepted = Appraise(story.Bundle(), Naming("{ strip-suffix = \"+\" }")).report;
  EXPECT_EQ(Failed(accepted), Ids{}) << Explain(accepted);
  EXPECT_NE(accepted.sentence.find("all 1000 records (labels without \"+\" at their end) of people.test"),
            std::string::npos)
      << accepted.sentence;
  EXPECT_NE(Explain(accepted).find("of people.test (sha256:"), std::string::npos);
  EXPECT_EQ(FailedOf(story, Naming("{ strip-suffix = \".\" }")), kAll);
  EXPECT_EQ(FailedOf(Story(), Naming("{ strip-suffix = \"+\" }")), kAll);
  // A selection names everything.
  std::string policy = Naming("{}");
  policy.replace(policy.find("reading = {}"), 12,
                 "selection = \"sha256:" + HexEncode(story.accuracy.dataset->selection_id.digest) + "\"");
  EXPECT_EQ(FailedOf(story, policy), Ids{"policy.require.women"});
}

TEST(Reading, EveryWayThatMakesOtherValues) {
  const auto check = [](const std::string& reading, auto change) {
    const Story story = Read(change);
    EXPECT_EQ(FailedOf(story), kAll) << reading;
    EXPECT_EQ(FailedOf(story, Naming("{}")), kAll) << reading;
    EXPECT_EQ(FailedOf(story, Naming(reading)), Ids{}) << reading;
  };
  check("{ missing-mark = \"?\" }", [](auto& s) { s.format.missing = "?"; });
  check("{ trim = true }", [](auto& s) { s.format.trim = true; });
  check("{ quote = false }", [](auto& s) { s.format.quote = false; });
  check("{ missing-mark = \"none\", trim = true, strip-suffix = \".\", quote = false }", [](auto& s) {
    s.format.missing = "none";
    s.format.trim = true;
    s.format.quote = false;
    s.target->strip_suffix = ".";
  });
  EXPECT_EQ(FailedOf(Read([](auto& s) {
                       s.format.trim = true;
                       s.format.delimiter = ' ';
                     }),
                     Naming("{ trim = true }")),
            kBoth);
  // What the file itself bears out.
  EXPECT_EQ(FailedOf(Read([](auto& s) { s.format.delimiter = ';'; })), Ids{});
  EXPECT_EQ(FailedOf(Read([](auto& s) { s.format.skip_lines = 1; })), Ids{});
  EXPECT_EQ(FailedOf(Read([](auto& s) { s.sensitive.clear(); })), Ids{});
}

TEST(Reading, ColumnsThatTheFileDoesNotName) {
  const auto labels = [](statement::FileType type, int count) {
    return FailedOf(Read([&](statement::Selection& s) {
      s.format = {};
      s.format.type = type;
      s.sensitive.clear();
      s.columns = {{"image", statement::ColumnType::kImage, true, {3, 32, 32}}};
      for (int i = 0; i < count; ++i) {
        s.columns.insert(s.columns.end() - 1, {i == 0 ? "income" : "other", statement::ColumnType::kCategorical, true});
      }
    }));
  };
  EXPECT_EQ(labels(statement::FileType::kCifar10, 1), Ids{});
  EXPECT_EQ(labels(statement::FileType::kCifar100, 2), kBoth);
  EXPECT_EQ(labels(statement::FileType::kNpy, 1), Ids{});
  EXPECT_EQ(labels(statement::FileType::kNpy, 2), kBoth);
  EXPECT_EQ(labels(statement::FileType::kSafetensors, 2), Ids{});
}

TEST(Reading, OfTrainingData) {
  Story story = Read([](auto& s) { s.target->strip_suffix = "+"; });
  const std::string head =
      "[[require]]\nid = \"women\"\nclaim = \"property\"\nproperty = \"distribution\"\nof = "
      "\"training-data\"\nwhere = { column = \"sex\", value = \"Female\" }\nmetric = "
      "\"proportion\"\n";
  const auto refused = Appraise(story.Bundle(), Trust() + head).report;
  EXPECT_EQ(Failed(refused), Ids{"policy.require.women"});
  EXPECT_NE(Explain(refused).find("want reading = { strip-suffix = \"+\" }"), std::string::npos) << Explain(refused);
  EXPECT_EQ(FailedOf(story, Trust() + head + "reading = {}\n"), Ids{"policy.require.women"});
  const auto named = Appraise(story.Bundle(), Trust() + head + "reading = { strip-suffix = \"+\" }\n").report;
  EXPECT_EQ(Failed(named), Ids{});
  EXPECT_NE(named.sentence.find("labels without \"+\" at their end"), std::string::npos) << named.sentence;
  // A part of the file is the training's to choose; how it is read is not.
  auto part = PeopleSelection();
  part.missing = statement::MissingPolicy::kDrop;
  Reselect(&story.training.datasets[0], part);
  Reselect(&*story.distribution.dataset, part);
  EXPECT_EQ(FailedOf(story, Trust() + head), Ids{});
}

TEST(Reading, AStartingPolicyNamesIt) {
  const auto bundle = Verified(Read([](auto& s) {
                                 s.target->strip_suffix = ".";
                                 s.format.trim = true;
                               }).Bundle());
  const std::string text = policy::StartingPolicy(bundle);
  EXPECT_NE(text.find("reading = { strip-suffix = \".\", trim = true }\n"), std::string::npos) << text;
  EXPECT_EQ(policy::Appraise(bundle, Parse(text), {}).verdict, policy::Verdict::kAccepted) << text;
}

TEST(Reading, PoliciesThatSayTooMuch) {
  const auto id = [](const std::string& keys) {
    const auto parsed = policy::ParsePolicy(
        Trust() + "[[require]]\nclaim = \"property\"\nproperty = \"overlap\"\nmetric = \"with-label\"\n" + keys, "p");
    return parsed.ok() ? "ok" : parsed.error().id;
  };
  const std::string file = "dataset = \"" + Sha("a") + "\"\n";
  EXPECT_EQ(id(file + "reading = {}\n"), "ok");
  EXPECT_EQ(id("reading = {}\n"), "policy.value");
  EXPECT_EQ(id(file + "selection = \"" + Sha("b") + "\"\nreading = {}\n"), "policy.value");
  EXPECT_EQ(id(file + "reading = { strip-sufix = \".\" }\n"), "policy.unknown_key");
  EXPECT_EQ(id(file + "reading = { trim = \"yes\" }\n"), "policy.type");
  EXPECT_EQ(id(file + "reading = \".\"\n"), "policy.type");
}

std::string Asking(const std::string& selection = "") {
  return Trust() + "[[require]]\nid = \"answer\"\nclaim = \"inference\"\n" +
         (selection.empty() ? "" : "selection = \"" + selection + "\"\n");
}

policy::Question Asked() {
  policy::Question question;
  question.input = DigestOf("rows");
  question.output = DigestOf("answers");
  return question;
}

std::string RowsId(const Story& story) { return "sha256:" + HexEncode(story.inference.rows.selection_id.digest); }

TEST(Rows, ExchangedColumnsAreAnotherInput) {
  Story story;
  auto selection = PeopleSelection();
  selection.format.header = false;
  Reselect(&story.training.datasets[0], selection);
  Reread(&story.inference, selection);
  const auto fine = Appraise(story.Bundle(), Asking(), Asked()).report;
  EXPECT_EQ(Failed(fine), Ids{}) << Explain(fine);
  EXPECT_EQ(fine.sentence.find("read as"), std::string::npos) << fine.sentence;
  std::swap(selection.columns[0], selection.columns[1]);
  Reread(&story.inference, selection);
  const auto refused = Appraise(story.Bundle(), Asking(), Asked()).report;
  EXPECT_EQ(Failed(refused), Ids{"policy.inference.reading"});
  EXPECT_NE(Explain(refused).find("column 1 is \"sex\", categorical, in training \"age\", numeric"), std::string::npos)
      << Explain(refused);
  // Also where no requirement is about the answer: the sentence would be.
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Trust() + "[[require]]\nclaim = \"training\"\n", Asked()).report),
            Ids{"policy.inference.reading"});
  // A policy may name what it knows, and then the sentence says so.
  const auto named = Appraise(story.Bundle(), Asking(RowsId(story)), Asked()).report;
  EXPECT_EQ(Failed(named), Ids{}) << Explain(named);
  EXPECT_NE(named.sentence.find("its rows read as selection sha256:"), std::string::npos) << named.sentence;
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Asking(Sha("another")), Asked()).report),
            (Ids{"policy.inference.reading", "policy.require.answer"}));
}

TEST(Rows, OneOfTwoStatementsIsEnoughInAnyOrder) {
  Story story;
  const auto honest = story.inference;
  auto selection = PeopleSelection();
  selection.format.missing = "0.5";
  Reread(&story.inference, selection);
  story.more = {honest};
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Asking(), Asked()).report), Ids{});
  std::swap(story.inference, std::get<statement::InferenceClaim>(story.more[0]));
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Asking(), Asked()).report), Ids{});
}

TEST(Rows, AStartingPolicyNamesWhatNoTrainingShows) {
  Prover prover;
  const Story story;
  prover.State(story.inference);
  const std::string text = policy::StartingPolicy(Verified(prover.Finish()));
  EXPECT_NE(text.find("\nselection = \"" + RowsId(story) + "\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# ATTENTION: no training of model.safetensors"), std::string::npos) << text;
  const std::string whole = policy::StartingPolicy(Verified(Story().Bundle()));
  EXPECT_EQ(whole.find("# selection"), std::string::npos) << whole;
}

// The rows are concealed with the training data: under one secret the relation is known, else it is not.
TEST(Rows, Concealed) {
  const auto appraise = [](const statement::Selection& rows, const std::string& secret, bool opened,
                           const std::string& policy = "") {
    Story story;
    Reread(&story.inference, rows);
    statement::Concealer trainer(DigestOf("owner")), answerer(DigestOf(secret));
    const auto root = story.training.datasets[0].records.root;
    trainer.SetSaltedRoot(root, DigestOf("salted"));
    statement::Claim training = story.training, inference = story.inference;
    EXPECT_TRUE(trainer.Conceal(&training).ok());
    EXPECT_TRUE(answerer.Conceal(&inference).ok());
    Prover prover;
    prover.State(training);
    prover.State(inference);
    auto bundle = Verified(prover.Finish());
    if (opened) {
      statement::Opener opener;
      opener.Add(trainer.items());
      opener.Add(answerer.items());
      EXPECT_TRUE(bundle.Open(opener).ok());
    }
    const std::string commitment =
        "commitment:" + HexEncode(std::get<statement::InferenceClaim>(inference).rows.selection_id.digest);
    const auto report = policy::Appraise(bundle, Parse(policy == "named" ? Asking(commitment) : Asking()), Asked());
    if (!opened) {
      EXPECT_EQ(DumpJson(policy::ReportToJson(report)).find(RowsId(story)), std::string::npos);
    }
    return Failed(report);
  };
  const auto selection = PeopleSelection();
  auto swapped = selection;
  std::swap(swapped.columns[0], swapped.columns[1]);
  auto delimited = selection;
  delimited.format.delimiter = ';';
  const Ids bad = {"policy.inference.reading"};
  EXPECT_EQ(appraise(selection, "owner", false), Ids{});
  EXPECT_EQ(appraise(selection, "owner", true), Ids{});
  EXPECT_EQ(appraise(swapped, "owner", false), bad);
  EXPECT_EQ(appraise(swapped, "owner", true), bad);
  EXPECT_EQ(appraise(selection, "another", false), bad);
  EXPECT_EQ(appraise(selection, "another", true), Ids{});
  EXPECT_EQ(appraise(swapped, "another", false, "named"), Ids{});
  EXPECT_EQ(appraise(swapped, "another", true, "named"), Ids{});
  // The delimiter is no part of what the commitment to a reading is to; an opening shows it.
  EXPECT_EQ(appraise(delimited, "owner", false), Ids{});
  EXPECT_EQ(appraise(delimited, "owner", true), bad);
}

TEST(Rows, TwoAnswersContradict) {
  Story story;
  auto second = story.inference;
  second.output.sha256 = DigestOf("other answers");
  story.more = {second};
  const auto report = Appraise(story.Bundle(), Asking(), Asked()).report;
  EXPECT_EQ(Failed(report), Ids{"policy.contradiction"});
  EXPECT_NE(Explain(report).find("answer of model.safetensors"), std::string::npos) << Explain(report);
  auto selection = PeopleSelection();
  selection.format.header = true;
  selection.target.reset();
  Reread(&second, selection);
  story.more = {second};
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Asking(), Asked()).report), Ids{});
}

}  // namespace
}  // namespace attestml::policy_test
