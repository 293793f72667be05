// What concealed statements show and what opens them. spec/concealment.md.
#include "statement/concealment.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/hex.h"
#include "statement/opening.h"
#include "statement/record_proof.h"
#include "statement/sample_claims.h"

namespace attestml::statement {
namespace {

crypto::Digest256 Secret(std::uint8_t first = 0) {
  crypto::Digest256 out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

crypto::Digest256 Filled(std::uint8_t value) {
  crypto::Digest256 out;
  out.fill(value);
  return out;
}

// The samples, with every root that they name salted.
Concealer Ready(std::uint8_t first = 0) {
  Concealer concealer(Secret(first));
  concealer.SetSaltedRoot(sample::DigestOf("records"), sample::DigestOf("salted records"));
  return concealer;
}

std::vector<Claim> Samples() {
  PropertyClaim property = sample::SampleProperty();
  property.results[1].at = HexEncode(sample::DigestOf("records"));  // as overlap says which reference it is about
  return {sample::SampleTraining(), property, sample::SampleInference()};
}

// Values of an independent program: Python's hashlib and hmac.
TEST(Concealment, AgreesWithAnIndependentProgram) {
  const Json file = {{"name", "adult.data"}, {"sha256", HexEncode(Filled(0xc7))}};
  crypto::Digest256 salt{};
  ASSERT_TRUE(HexDecodeInto("31818de72b8e794084240c1d38196b1061577afca4e8bcb2bad17744bf550c53", salt));
  EXPECT_EQ(HexEncode(Commit(ConcealedKind::kFile, salt, file)),
            "657d22e5e4f2049415d07d3a577277679897fd689b52e83a59932f7c9cc2c6a1");
  const Concealer concealer(Secret());
  const auto leaf_salt = concealer.LeafSalt(Filled(1), Filled(2));
  EXPECT_EQ(HexEncode(leaf_salt), "b9f35b786fc8fdfa8437b2d64b5f40293d528425d574a4c80898378eb3047b7a");
  EXPECT_EQ(HexEncode(SaltedLeaf(leaf_salt, Filled(2))),
            "8533dc9c064736e5de3fc587402c3d8b912caed8ba1f239336afb9570a09da15");
  EXPECT_EQ(concealer.SaltedLeaves(Filled(1), {Filled(2)})[0], SaltedLeaf(leaf_salt, Filled(2)));
}

TEST(Concealment, LeavesNothingThatAGuessCouldBeTestedAgainst) {
  for (Claim claim : Samples()) {
    const std::string plain = WriteStatement(claim);
    Concealer concealer = Ready();
    ASSERT_TRUE(concealer.Conceal(&claim).ok());
    const std::string text = WriteStatement(claim);
    const auto read = ParseStatement(text);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(WriteStatement(*read), text);
    const DatasetUse use = sample::SampleDataset("adult.data", "");
    for (const std::string& secret :
         {HexEncode(sample::DigestOf("adult.data")), HexEncode(sample::DigestOf("adult.valid")),
          HexEncode(sample::DigestOf("adult.test")), HexEncode(use.selection_id.digest),
          HexEncode(sample::DigestOf("records")), HexEncode(JobDigest(sample::SampleRun().job)),
          HexEncode(sample::DigestOf("training-log.csv")), std::string("adult.data"), std::string("learning-rate"),
          std::string(64, 'a')}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in " << text;
    }
    // Every digest that the plain statement held and that is gone is opened by an item, or it was that of the model.
    EXPECT_GE(concealer.items().size(), 2u);
    EXPECT_NE(plain, text);
  }
}

TEST(Concealment, AnOpeningGivesTheStatementBack) {
  for (const Claim& plain : Samples()) {
    Claim claim = plain;
    Concealer concealer = Ready();
    ASSERT_TRUE(concealer.Conceal(&claim).ok());
    const auto items = ParseOpening(WriteOpening(concealer.items()));
    ASSERT_TRUE(items.ok()) << items.error().message;
    Opener opener;
    opener.Add(*items);
    auto read = ParseStatement(WriteStatement(claim));
    ASSERT_TRUE(read.ok());
    ASSERT_TRUE(opener.Open(&*read).ok());
    Claim wanted = plain;
    // Seeds that the job chose are in the job.
    std::visit(
        [](auto& one) {
          if constexpr (requires { one.run; }) {
            std::erase_if(one.run.seeds, [](const Seed& seed) { return seed.chosen_by == "job"; });
          }
        },
        wanted);
    EXPECT_EQ(WriteStatement(*read), WriteStatement(wanted));
  }
}

TEST(Concealment, OneSecretOneCommitmentAndAnotherSecretAnother) {
  TrainingClaim training = sample::SampleTraining();
  Claim a = training, b = training, c = training;
  PropertyClaim property = sample::SampleProperty();
  property.dataset = sample::SampleDataset("adult.data", "");
  Claim d = property;
  Concealer one = Ready(), again = Ready(), other = Ready(7);
  ASSERT_TRUE(one.Conceal(&a).ok() && again.Conceal(&b).ok() && other.Conceal(&c).ok() && again.Conceal(&d).ok());
  EXPECT_EQ(WriteStatement(a), WriteStatement(b));
  const auto& use = std::get<TrainingClaim>(a).datasets[0];
  EXPECT_EQ(std::get<PropertyClaim>(d).dataset->file.id, use.file.id);
  EXPECT_EQ(std::get<PropertyClaim>(d).dataset->selection_id, use.selection_id);
  const auto& stranger = std::get<TrainingClaim>(c).datasets[0];
  EXPECT_NE(stranger.file.id, use.file.id);
  EXPECT_NE(stranger.selection_id, use.selection_id);
  EXPECT_NE(stranger.concealed->reading, use.concealed->reading);
  EXPECT_NE(stranger.concealed->records, use.concealed->records);
  EXPECT_NE(std::get<TrainingClaim>(c).run.concealed_job, std::get<TrainingClaim>(a).run.concealed_job);
}

TEST(Concealment, ALieOpensNothing) {
  Claim claim = sample::SampleTraining();
  Concealer concealer = Ready();
  ASSERT_TRUE(concealer.Conceal(&claim).ok());
  auto items = concealer.items();
  for (OpeningItem& item : items) {
    if (item.kind == ConcealedKind::kFile) item.value["sha256"] = std::string(64, '0');
    if (item.kind == ConcealedKind::kJob) item.value["train"]["epochs"] = std::uint64_t{6};
    if (item.kind == ConcealedKind::kSelection) item.salt[0] ^= 1;
    if (item.kind == ConcealedKind::kRecords) item.kind = ConcealedKind::kReading;
    if (item.kind == ConcealedKind::kByproduct) item.kind = ConcealedKind::kFile;
    if (item.kind == ConcealedKind::kSeed) item.value["value"] = "00";
  }
  Opener opener;
  opener.Add(items);
  Claim read = claim;
  ASSERT_TRUE(opener.Open(&read).ok());
  EXPECT_EQ(WriteStatement(read), WriteStatement(claim));
}

TEST(Concealment, ASelectionThatIsReadOtherwiseIsRefused) {
  Claim claim = sample::SampleTraining();
  Concealer concealer = Ready();
  ASSERT_TRUE(concealer.Conceal(&claim).ok());
  Selection other = *sample::SampleDataset("adult.data", "").selection;
  other.format.trim = !other.format.trim;
  // A program that committed to two readings: only a broken one would.
  for (DatasetUse& use : std::get<TrainingClaim>(claim).datasets) {
    use.selection_id.digest = Commit(ConcealedKind::kSelection, Filled(3), SelectionToJson(other));
  }
  auto items = concealer.items();
  items.push_back({ConcealedKind::kSelection, Filled(3), SelectionToJson(other)});
  Opener opener;
  opener.Add(items);
  EXPECT_EQ(opener.Open(&claim).error().id, "opening.reading");
}

TEST(Concealment, AnUnsaidSaltedRootIsAnError) {
  Claim claim = sample::SampleTraining();
  Concealer concealer(Secret());
  EXPECT_EQ(concealer.Conceal(&claim).error().id, "conceal.records");
}

std::string Refused(const std::function<void(Json&)>& bend) {
  Claim claim = sample::SampleTraining();
  Concealer concealer = Ready();
  EXPECT_TRUE(concealer.Conceal(&claim).ok());
  auto json = ParseJson(WriteStatement(claim));
  EXPECT_TRUE(json.ok());
  bend(*json);
  const auto read = ParseStatement(DumpJson(*json));
  return read.ok() ? "" : read.error().id;
}

TEST(Concealment, HalfConcealedStatementsAreRefused) {
  const auto dataset = [](Json& s) -> Json& { return s["predicate"]["buildDefinition"]["resolvedDependencies"][0]; };
  const std::string hex(64, '1');
  EXPECT_EQ(Refused([](Json&) {}), "");
  EXPECT_EQ(Refused([&](Json& s) { dataset(s)["name"] = "adult.data"; }), "claim.dataset.concealed");
  EXPECT_EQ(Refused([&](Json& s) { dataset(s)["digest"] = {{"sha256", hex}}; }), "claim.dataset.concealed");
  EXPECT_EQ(Refused([&](Json& s) { dataset(s)["digest"]["sha256"] = hex; }), "claim.artifact");
  EXPECT_EQ(Refused([&](Json& s) { dataset(s)["annotations"].erase("concealed"); }), "claim.dataset");
  EXPECT_EQ(Refused([&](Json& s) { dataset(s)["annotations"]["selectionDigest"] = hex; }), "claim.dataset.concealed");
  EXPECT_EQ(Refused([&](Json& s) { dataset(s)["annotations"]["selection"] = Json::object(); }),
            "claim.dataset.concealed");
  for (const char* name : {"reading", "records", "selection"}) {
    EXPECT_EQ(Refused([&](Json& s) { dataset(s)["annotations"]["concealed"].erase(name); }), "claim.dataset.concealed");
    EXPECT_EQ(Refused([&](Json& s) { dataset(s)["annotations"]["concealed"][name] = "x"; }), "claim.dataset.concealed");
  }
  EXPECT_EQ(Refused([&](Json& s) { dataset(s)["annotations"]["concealed"]["more"] = "x"; }), "claim.dataset.concealed");
  const auto definition = [](Json& s) -> Json& { return s["predicate"]["buildDefinition"]; };
  EXPECT_EQ(Refused([&](Json& s) { definition(s)["externalParameters"]["job"] = Json::object(); }), "claim.training");
  EXPECT_EQ(Refused([&](Json& s) { definition(s)["externalParameters"]["jobCommitment"] = "x"; }),
            "run.job_commitment");
  EXPECT_EQ(Refused([&](Json& s) { definition(s)["internalParameters"]["jobDigest"] = hex; }), "run");
  EXPECT_EQ(Refused([&](Json& s) { definition(s)["internalParameters"]["seeds"][0]["value"] = "00"; }), "run.seeds");
  // A plain statement with a commitment for its digest.
  auto plain = ParseJson(WriteStatement(Claim(sample::SampleTraining())));
  ASSERT_TRUE(plain.ok());
  dataset(*plain)["digest"] = {{std::string(kCommitment), hex}};
  EXPECT_EQ(ParseStatement(DumpJson(*plain)).error().id, "claim.dataset.concealed");
  // And a run with both.
  auto property = ParseJson(WriteStatement(Claim(sample::SampleProperty())));
  ASSERT_TRUE(property.ok());
  (*property)["predicate"]["run"]["jobCommitment"] = hex;
  EXPECT_EQ(ParseStatement(DumpJson(*property)).error().id, "run");
}

TEST(Concealment, OpeningsAreReadStrictly) {
  const auto id = [](const Json& json) {
    const auto items = ParseOpening(DumpJson(json));
    return items.ok() ? std::string() : items.error().id;
  };
  const Json item = {{"kind", "file"}, {"salt", std::string(64, '0')}, {"value", Json::object()}};
  const Json good = {{"type", "attestml/opening/v1"}, {"items", Json::array({item})}};
  EXPECT_EQ(id(good), "");
  const auto bent = [&](const std::function<void(Json&)>& bend) {
    Json copy = good;
    bend(copy);
    return id(copy);
  };
  EXPECT_EQ(bent([](Json& j) { j["type"] = "attestml/opening/v2"; }), "opening.type");
  EXPECT_EQ(bent([](Json& j) { j.erase("items"); }), "opening.member");
  EXPECT_EQ(bent([](Json& j) { j["more"] = 1; }), "opening.member");
  EXPECT_EQ(bent([](Json& j) { j["items"][0]["more"] = 1; }), "opening.member");
  EXPECT_EQ(bent([](Json& j) { j["items"][0]["kind"] = "name"; }), "opening.kind");
  EXPECT_EQ(bent([](Json& j) { j["items"][0]["salt"] = "00"; }), "opening.member");
  EXPECT_EQ(bent([](Json& j) { j["items"][0]["value"] = "x"; }), "opening.member");
  Json many = good;
  for (std::size_t i = 0; i < kMaxOpeningItems; ++i) many["items"].push_back(item);
  EXPECT_EQ(id(many), "opening.size");
}

TEST(Concealment, SaltedTreesShowPresenceOnly) {
  std::vector<crypto::Digest256> leaves;
  for (std::uint8_t i = 0; i < 9; ++i) leaves.push_back(Filled(i));
  const Concealer concealer(Secret());
  const auto salted = concealer.SaltedLeaves(Filled(99), leaves);
  const auto salt = concealer.LeafSalt(Filled(99), leaves[4]);
  RecordTree tree = ProveLeaf(salted, SaltedLeaf(salt, leaves[4]), false);
  tree.salt = salt;
  EXPECT_TRUE(RecordTreeHolds(tree, leaves[4]));
  EXPECT_FALSE(RecordTreeHolds(tree, leaves[3]));
  RecordProof proof{{}, {tree}};
  const auto read = ParseRecordProof(WriteRecordProof(proof));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->trees[0].salt, salt);
  EXPECT_TRUE(RecordTreeHolds(read->trees[0], leaves[4]));
  tree.salt.reset();
  EXPECT_FALSE(RecordTreeHolds(tree, leaves[4]));
  // Absence under a salt that somebody chose shows nothing.
  RecordTree absent = ProveLeaf(salted, SaltedLeaf(Filled(1), leaves[4]), false);
  ASSERT_FALSE(absent.present);
  absent.salt = Filled(1);
  EXPECT_FALSE(RecordTreeHolds(absent, leaves[4]));
  EXPECT_EQ(ParseRecordProof(WriteRecordProof({{}, {absent}})).error().id, "record-proof.member");
  RecordTree counted = ProveLeaf(salted, SaltedLeaf(salt, leaves[4]), true);
  counted.salt = salt;
  EXPECT_FALSE(RecordTreeHolds(counted, leaves[4]));
  EXPECT_FALSE(ParseRecordProof(WriteRecordProof({{}, {counted}})).ok());
}

TEST(Concealment, BoundsAreReadStrictly) {
  const auto id = [](const std::function<void(Json&)>& bend) {
    auto json = ParseJson(WriteStatement(Claim(sample::SampleProperty())));
    Json& result = (*json)["predicate"]["results"][0];
    result.erase("value");
    result.erase("interval");
    result["bound"] = ">= 0.8";
    bend(result);
    const auto read = ParseStatement(DumpJson(*json));
    if (!read.ok()) return read.error().id;
    EXPECT_EQ(WriteStatement(*read), DumpJson(*json));
    return std::string();
  };
  EXPECT_EQ(id([](Json&) {}), "");
  EXPECT_EQ(id([](Json& r) { r["bound"] = "<= 1e-09"; }), "");
  EXPECT_EQ(id([](Json& r) { r["boundOn"] = "interval.lower"; }), "");
  for (const char* bad : {"0.8", "> 0.8", ">=0.8", ">= 0.80", ">= ", ">= nan", "= 0.8", ""}) {
    EXPECT_EQ(id([&](Json& r) { r["bound"] = bad; }), "claim.property.bound") << bad;
  }
  EXPECT_EQ(id([](Json& r) { r["boundOn"] = "value"; }), "claim.property.bound");
  EXPECT_EQ(id([](Json& r) { r["value"] = "0.85"; }), "claim.property.result");
  EXPECT_EQ(id([](Json& r) { r["bound"] = 1; }), "claim.property.result");
  EXPECT_EQ(id([](Json& r) {
              r["interval"] = {{"method", "wilson"}, {"level", "0.95"}, {"lower", "0.8"}, {"upper", "0.9"}};
            }),
            "claim.property.bound");
  EXPECT_EQ(id([](Json& r) {
              r.erase("bound");
              r["boundOn"] = "interval.lower";
              r["value"] = "0.9";
            }),
            "claim.property.result");
}

}  // namespace
}  // namespace attestml::statement
