// Was this record among the training data? Honest proofs, and every way in which a proof could speak of something else.
#include <deque>

#include "base/hex.h"
#include "base/json.h"
#include "crypto/merkle.h"
#include "policy/record_answer.h"
#include "statement/concealment.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using policy::RecordAnswer;
using statement::ProveLeaf;
using statement::RecordProof;

Bytes Person(int i) { return ToBytes(AsBytes("[\"" + std::to_string(20 + i) + "\",\"Male\",\"<=50K\"]")); }

std::vector<crypto::Digest256> Leaves(int from, int to) {
  std::vector<crypto::Digest256> leaves;
  for (int i = from; i < to; ++i) leaves.push_back(crypto::LeafHash(Person(i)));
  return leaves;
}

statement::DatasetUse Use(const std::string& file, int from, int to, const std::string& role) {
  statement::DatasetUse use = People(file, static_cast<std::uint64_t>(to - from), role);
  use.records.root = ProveLeaf(Leaves(from, to), {}, false).root;
  return use;
}

const char* const kPolicy = "[[require]]\nid = \"training\"\nclaim = \"training\"\n";

// A model trained on people 0 to 9, stopped early on 10 to 14. People from 50 on are in nothing.
struct World {
  statement::TrainingClaim training;
  std::vector<statement::Claim> more;
  policy::Question question;
  policy::RecordQuestion record;
  std::string requirements = kPolicy;

  World() {
    training = Story().training;
    training.run.job["model"] = Json{{"kind", "mlp"}};
    training.datasets = {Use("people.data", 0, 10, "train"), Use("people.data", 0, 10, "fit"),
                         Use("people.validation", 10, 15, "validation")};
  }

  policy::RecordReport Ask(const RecordProof& proof) const {
    Prover prover;
    prover.State(training);
    for (const auto& claim : more) prover.State(claim);
    // Reports borrow from bundles.
    static std::deque<verify::VerifiedBundle> bundles;
    bundles.push_back(Verified(prover.Finish()));
    return policy::AppraiseRecord(proof, record, bundles.back(), Parse(Trust() + requirements), question);
  }
};

RecordProof Proof(int person, bool count = false) {
  const auto leaf = crypto::LeafHash(Person(person));
  return {Person(person), {ProveLeaf(Leaves(0, 10), leaf, count), ProveLeaf(Leaves(10, 15), leaf, count)}};
}

using Ids = std::vector<std::string>;

void ExpectUnknown(const policy::RecordReport& report, const Ids& failed) {
  EXPECT_EQ(report.answer, RecordAnswer::kUnknown);
  EXPECT_NE(policy::ReportExitCode(report.report), 0);
  EXPECT_EQ(report.sentence, "");
  EXPECT_EQ(report.report.sentence, "");
  EXPECT_EQ(Failed(report.report), failed) << policy::RecordReportToText(report, false);
}

void ExpectAnswer(const policy::RecordReport& report, RecordAnswer answer) {
  EXPECT_EQ(report.answer, answer) << policy::RecordReportToText(report, false);
  EXPECT_EQ(policy::ReportExitCode(report.report), 0);
  EXPECT_NE(report.sentence, "");
}

TEST(Record, Present) {
  const auto report = World().Ask(Proof(3, true));
  ExpectAnswer(report, RecordAnswer::kPresent);
  ASSERT_EQ(report.uses.size(), 3U);
  EXPECT_EQ(report.uses[0].answer, RecordAnswer::kPresent);
  EXPECT_EQ(report.uses[0].times, std::optional<std::uint64_t>(1));
  EXPECT_EQ(report.uses[1].answer, RecordAnswer::kPresent);
  EXPECT_EQ(report.uses[2].answer, RecordAnswer::kAbsent);
  EXPECT_NE(report.sentence.find("people.data"), std::string::npos);
  EXPECT_EQ(report.sentence.find("people.validation"), std::string::npos);
  EXPECT_NE(report.sentence.find(", once (role train, fit). SIMULATED: no hardware protection."), std::string::npos);
  const Json json = policy::RecordReportToJson(report);
  EXPECT_EQ(json["record"]["answer"], "present");
  EXPECT_EQ(json["record"]["leaf"], HexEncode(crypto::LeafHash(Person(3))));
  EXPECT_EQ(json["record"]["uses"][0]["times"], 1);
  EXPECT_EQ(json["record"]["uses"][2]["answer"], "absent");
}

TEST(Record, PresentInOneIsEnough) {
  RecordProof proof = Proof(12);
  proof.trees.erase(proof.trees.begin());
  const auto report = World().Ask(proof);
  ExpectAnswer(report, RecordAnswer::kPresent);
  EXPECT_EQ(report.uses[0].answer, RecordAnswer::kUnknown);
}

TEST(Record, AbsentFromAll) {
  const auto report = World().Ask(Proof(50));
  ExpectAnswer(report, RecordAnswer::kAbsent);
  EXPECT_NE(report.sentence.find("not among the training data"), std::string::npos);
  EXPECT_NE(report.sentence.find("people.validation"), std::string::npos);
}

TEST(Record, AbsenceNeedsEverySelection) {
  for (const std::size_t left : {0U, 1U}) {
    RecordProof proof = Proof(50);
    proof.trees.erase(proof.trees.begin() + static_cast<std::ptrdiff_t>(left));
    ExpectUnknown(World().Ask(proof), {"record.coverage"});
  }
}

TEST(Record, WhatIsExpectedIsHeld) {
  World world;
  world.record.expected = RecordAnswer::kAbsent;
  ExpectAnswer(world.Ask(Proof(50)), RecordAnswer::kAbsent);
  ExpectUnknown(world.Ask(Proof(3)), {"record.expected"});
  world.record.expected = RecordAnswer::kPresent;
  ExpectAnswer(world.Ask(Proof(3)), RecordAnswer::kPresent);
  ExpectUnknown(world.Ask(Proof(50)), {"record.expected"});
}

TEST(Record, OneDatasetOrRole) {
  World world;
  world.record.dataset = DigestOf("people.validation");
  RecordProof proof = Proof(3);
  auto report = world.Ask(proof);
  ExpectAnswer(report, RecordAnswer::kAbsent);
  EXPECT_EQ(report.sentence.find("people.data"), std::string::npos);
  EXPECT_EQ(report.sentence.find("the training data of"), std::string::npos);
  EXPECT_FALSE(report.uses[0].asked);
  world.record = {};
  world.record.role = "validation";
  ExpectAnswer(world.Ask(proof), RecordAnswer::kAbsent);
  world.record.role = "train";
  ExpectAnswer(world.Ask(proof), RecordAnswer::kPresent);
  world.record = {};
  world.record.dataset = DigestOf("people.test");
  ExpectUnknown(world.Ask(proof), {"record.coverage"});
  world.record = {};
  world.record.selection = world.training.datasets[0].selection_id.digest;
  ExpectAnswer(world.Ask(proof), RecordAnswer::kPresent);
}

TEST(Record, TheRecordOfTheProofIsTheOneAskedAbout) {
  World world;
  world.record.record = Person(3);
  ExpectAnswer(world.Ask(Proof(3)), RecordAnswer::kPresent);
  world.record.record = Person(4);
  ExpectUnknown(world.Ask(Proof(3)), {"record.given"});
  RecordProof hidden = Proof(3);
  hidden.record.clear();
  ExpectUnknown(world.Ask(hidden), {"record.proof"});
  world.record.record = Person(3);
  ExpectAnswer(world.Ask(hidden), RecordAnswer::kPresent);
  world.record.record.clear();
  ExpectUnknown(world.Ask(hidden), {"record.given"});
}

// A record that no file could hold is in no tree: its absence says nothing.
TEST(Record, WhatIsNoRecordIsNotAbsent) {
  for (const std::string text : {R"(["39.0","Male","no"])", R"(["39","Male"])", R"(["39", "Male","no"])",
                                 R"(["39","","no"])", R"(["39","Male","no","x"])", R"({})", "x"}) {
    const Bytes record = ToBytes(AsBytes(text));
    const auto leaf = crypto::LeafHash(record);
    World world;
    world.record.record = record;
    ExpectUnknown(world.Ask({{}, {ProveLeaf(Leaves(0, 10), leaf, false), ProveLeaf(Leaves(10, 15), leaf, false)}}),
                  {"record.canonical"});
  }
}

TEST(Record, ProofOfAnotherSelection) {
  RecordProof proof = Proof(50);
  proof.trees[1] = ProveLeaf(Leaves(20, 25), crypto::LeafHash(Person(50)), false);
  ExpectUnknown(World().Ask(proof), {"record.tree"});
  // Nor does it help beside good ones.
  proof = Proof(50);
  proof.trees.push_back(ProveLeaf(Leaves(20, 25), crypto::LeafHash(Person(50)), false));
  ExpectUnknown(World().Ask(proof), {"record.tree"});
}

TEST(Record, SizeIsThatOfTheStatement) {
  RecordProof proof = Proof(50);
  proof.trees[0].size += 1;
  const auto report = World().Ask(proof);
  EXPECT_EQ(report.answer, RecordAnswer::kUnknown);
  EXPECT_EQ(Failed(report.report).back(), "record.tree");
  World world;
  world.training.datasets[0].records.count = world.training.datasets[1].records.count = 11;
  ExpectUnknown(world.Ask(Proof(50)), {"record.tree"});
}

TEST(Record, WhatAPropertyWasMeasuredOnIsNoTrainingData) {
  World world;
  statement::PropertyClaim property = Story().accuracy;
  property.dataset = Use("people.test", 20, 25, "");
  world.more.push_back(property);
  ExpectAnswer(world.Ask(Proof(50)), RecordAnswer::kAbsent);
  const auto leaf = crypto::LeafHash(Person(22));
  ExpectUnknown(world.Ask({Person(22), {ProveLeaf(Leaves(20, 25), leaf, false)}}), {"record.tree"});
}

TEST(Record, ProofsMustHold) {
  for (const std::size_t which : {0U, 1U}) {
    RecordProof proof = Proof(50);
    proof.trees[which].before.reset();
    ExpectUnknown(World().Ask(proof), {"record.proof"});
    proof = Proof(3);
    if (which == 0) {
      proof.trees[0].index ^= 1U;
    } else {
      std::swap(proof.trees[1].before, proof.trees[1].after);
    }
    ExpectUnknown(World().Ask(proof), {"record.proof"});
  }
}

TEST(Record, RecordsMustBeReadAlike) {
  const auto other = [](auto change) {
    World world;
    statement::Selection selection = PeopleSelection();
    change(&selection);
    Reselect(&world.training.datasets[2], selection);
    return world;
  };
  using statement::Selection;
  const RecordProof proof = Proof(50);
  ExpectUnknown(other([](Selection* s) { s->columns[1].name = "gender", s->sensitive.clear(); }).Ask(proof),
                {"record.comparable"});
  ExpectUnknown(other([](Selection* s) { s->format.trim = true; }).Ask(proof), {"record.comparable"});
  ExpectUnknown(other([](Selection* s) { s->format.quote = false; }).Ask(proof), {"record.comparable"});
  ExpectUnknown(other([](Selection* s) { s->format.missing = "?"; }).Ask(proof), {"record.comparable"});
  ExpectUnknown(other([](Selection* s) { s->target->strip_suffix = "."; }).Ask(proof), {"record.comparable"});
  // Another delimiter changes nothing about records.
  ExpectAnswer(other([](Selection* s) { s->format.delimiter = ';'; }).Ask(proof), RecordAnswer::kAbsent);
  // Where it is, it is, however others are read.
  ExpectAnswer(other([](Selection* s) { s->format.trim = true; }).Ask(Proof(3)), RecordAnswer::kPresent);
}

TEST(Record, TheWholeLineageCounts) {
  World world;
  world.training.initial_model = statement::ArtifactRef{"base.safetensors", DigestOf("base")};
  ExpectUnknown(world.Ask(Proof(50)), {"policy.missing_edge", "record.lineage"});
  statement::TrainingClaim base = World().training;
  base.model = {"base.safetensors", DigestOf("base")};
  base.datasets = {Use("people.base", 30, 37, "train")};
  world.more.push_back(base);
  ExpectUnknown(world.Ask(Proof(50)), {"record.coverage"});
  RecordProof proof = Proof(50);
  proof.trees.push_back(ProveLeaf(Leaves(30, 37), crypto::LeafHash(Person(50)), false));
  ExpectAnswer(world.Ask(proof), RecordAnswer::kAbsent);
  // Present in what it came from is present.
  const auto leaf = crypto::LeafHash(Person(33));
  const auto report = world.Ask({Person(33), {ProveLeaf(Leaves(30, 37), leaf, false)}});
  ExpectAnswer(report, RecordAnswer::kPresent);
  EXPECT_NE(report.sentence.find("people.base"), std::string::npos);
}

TEST(Record, WeightsThatAFileBringsAreOfNobodyKnowsWhat) {
  World world;
  world.training.run.job["model"]["kind"] = "torchscript";
  ExpectUnknown(world.Ask(Proof(50)), {"record.lineage"});
  ExpectAnswer(world.Ask(Proof(3)), RecordAnswer::kPresent);
  world.training.run.job.erase("model");
  ExpectUnknown(world.Ask(Proof(50)), {"record.lineage"});
}

TEST(Record, TheModelIsTheOneAskedAbout) {
  World world;
  world.question.model = DigestOf("model");
  ExpectAnswer(world.Ask(Proof(3)), RecordAnswer::kPresent);
  world.question.model = DigestOf("another");
  EXPECT_EQ(world.Ask(Proof(3)).answer, RecordAnswer::kUnknown);
  // Two models, each with data of its own: which one is in question must be said.
  world.question.model.reset();
  statement::TrainingClaim other = World().training;
  other.model = {"other.safetensors", DigestOf("other")};
  other.datasets = {Use("people.other", 40, 45, "train")};
  world.more.push_back(other);
  ExpectUnknown(world.Ask(Proof(3)), {"policy.model", "policy.require.training", "record.model"});
  world.question.model = DigestOf("other");
  ExpectUnknown(world.Ask(Proof(3)), {"record.tree"});
}

// What the policy does not accept proves nothing about records.
TEST(Record, ThePolicyComesFirst) {
  World world;
  world.requirements = "";
  ExpectUnknown(world.Ask(Proof(3)), {"policy.require"});
  world.requirements = std::string(kPolicy) + "job = { \"train.epochs\" = 6 }\n";
  ExpectUnknown(world.Ask(Proof(50)), {"policy.require.training"});
  world.requirements = kPolicy;
  Prover stranger("another program");
  stranger.State(world.training);
  const auto bundle = Verified(stranger.Finish());
  const auto report = policy::AppraiseRecord(Proof(3), {}, bundle, Parse(Trust() + kPolicy), {});
  EXPECT_EQ(report.answer, RecordAnswer::kUnknown);
  EXPECT_NE(policy::ReportExitCode(report.report), 0);
}

TEST(Record, TextShowsTheAnswerFirst) {
  const std::string warning = "SIMULATED: no hardware protection\n";
  EXPECT_TRUE(
      policy::RecordReportToText(World().Ask(Proof(3)), false).starts_with(warning + "present  [\"23\",\"Male\""));
  EXPECT_TRUE(policy::RecordReportToText(World().Ask(Proof(50)), false).starts_with(warning + "absent  "));
  RecordProof proof = Proof(50);
  proof.trees.pop_back();
  EXPECT_TRUE(policy::RecordReportToText(World().Ask(proof), false).starts_with(warning + "unknown  "));
}

// Whoever asks about one file asks about what may be that file.
TEST(Record, WhatIsConcealedStaysAskedAbout) {
  World world;
  world.training.initial_model = statement::ArtifactRef{"base", DigestOf("base")};
  statement::TrainingClaim base = World().training;
  base.model = {"base", DigestOf("base")};
  base.datasets = {Use("people.base", 30, 40, "train")};
  statement::Concealer concealer(DigestOf("owner"));
  concealer.SetSaltedRoot(base.datasets[0].records.root, DigestOf("salted"));
  statement::Claim hidden = base;
  ASSERT_TRUE(concealer.Conceal(&hidden).ok());
  std::get<statement::TrainingClaim>(hidden).run = base.run;  // its job is told
  world.more.push_back(hidden);
  world.record.dataset = DigestOf("people.data");
  EXPECT_EQ(world.Ask(Proof(50)).answer, RecordAnswer::kUnknown);
  world.more = {base};
  EXPECT_EQ(world.Ask(Proof(50)).answer, RecordAnswer::kAbsent);
}

TEST(Record, AbsentIsNotSaidOfWhatASuffixTurnsIntoAnotherRecord) {
  World world;
  for (auto& use : world.training.datasets) {
    statement::Selection selection = *use.selection;
    selection.target->strip_suffix = "0K";
    Reselect(&use, selection);
  }
  const auto report = world.Ask(Proof(50));
  EXPECT_EQ(report.answer, RecordAnswer::kUnknown);
  EXPECT_EQ(Failed(report.report), Ids{"record.canonical"});
}

}  // namespace
}  // namespace attestml::policy_test
