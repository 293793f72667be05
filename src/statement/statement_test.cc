// Each predicate: what it says comes back, and nothing that is missing, added or of another type gets in.
#include <gtest/gtest.h>

#include <set>

#include "base/hex.h"
#include "statement/mutation.h"
#include "statement/sample_claims.h"

namespace attestml::statement {
namespace {

using sample::Mutation;
using sample::Mutations;

Bytes SomeKey() {
  Bytes out(91, 0x42);
  return out;
}

struct Kind {
  std::string name;
  Claim claim;
};

std::vector<Kind> AllKinds() {
  PropertyClaim of_dataset = sample::SampleProperty();
  of_dataset.property = "distribution";
  of_dataset.implementation = "distribution/1";
  of_dataset.model.reset();
  of_dataset.predictions.clear();
  PropertyClaim of_column = of_dataset;
  of_column.predictions = "column:score";
  CertificationClaim with_chain = sample::SampleCertification(SomeKey());
  with_chain.certifier_chain = {Bytes{1, 2, 3}, Bytes{4, 5}};
  EvidenceClaim with_nonce = sample::SampleEvidence(SomeKey(), "{}");
  with_nonce.nonce = "0011";
  const crypto::Digest256 pae = sample::DigestOf("pae");
  return {{"training", sample::SampleTraining()},
          {"property", sample::SampleProperty()},
          {"property", of_dataset},
          {"property", of_column},
          {"inference", sample::SampleInference()},
          {"certification", with_chain},
          {"evidence", with_nonce},
          {"evidence", sample::SampleEvidence(SomeKey(), "{}", &pae)}};
}

// What may be left out: each absence has a meaning of its own.
const std::set<std::string> kOptional = {
    "/predicate/run/nonce",
    "/predicate/run/engine/details",
    "/predicate/run/libraries/*/buildId",
    "/predicate/buildDefinition/internalParameters/nonce",
    "/predicate/buildDefinition/internalParameters/engine/details",
    "/predicate/buildDefinition/internalParameters/libraries/*/buildId",
    "/predicate/references",
    "/predicate/series",
    "/predicate/results/*/count",
    "/predicate/results/*/interval",
    "/predicate/results/*/where",
    "/predicate/results/*/given",
    "/predicate/results/*/across",
    "/predicate/results/*/column",
    "/predicate/results/*/label",
    "/predicate/results/*/at",
    "/predicate/tree",
    "/predicate/certifier/chain",
    "/predicate/attributes/*/evidence/annotations",
};
// The same where another member stays to say what the property is about.
const std::set<std::string> kSometimesOptional = {"/predicate/dataset", "/predicate/predictions"};
// Objects whose members are the producer's to name.
const std::set<std::string> kOpen = {
    "/predicate/parameters",
    "/predicate/run/engine/details",
    "/predicate/buildDefinition/internalParameters/engine/details",
    "/predicate/results/*/slice",
    "/predicate/results/*/where",
    "/predicate/results/*/given",
};

std::string Parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool MayBeAccepted(const Mutation& m) {
  if (m.what == "drop")
    return kOptional.contains(m.path) || kSometimesOptional.contains(m.path) || kOpen.contains(Parent(m.path));
  if (m.what == "add") return kOpen.contains(m.path);
  if (m.what == "retype") return kOpen.contains(Parent(m.path)) && Parent(m.path) == "/predicate/parameters";
  if (m.what == "empty")
    return m.path.ends_with("/libraries") || m.path.ends_with("/seeds") || m.path.ends_with("/x") ||
           m.path.ends_with("/y");
  return m.what == "repeat" &&
         (m.path.ends_with("/libraries") || m.path.ends_with("/byproducts") || m.path.ends_with("/references") ||
          m.path.ends_with("/chain") || m.path.ends_with("/resolvedDependencies"));
}

TEST(Statement, WritesWhatItReads) {
  for (const Kind& kind : AllKinds()) {
    const std::string text = WriteStatement(kind.claim);
    const auto claim = ParseStatement(text);
    ASSERT_TRUE(claim.ok()) << kind.name << ": " << claim.error().message;
    EXPECT_EQ(ClaimKind(*claim), kind.name);
    EXPECT_EQ(WriteStatement(*claim), text);
  }
}

// Nothing is ignored: a damaged statement is refused, or it says what the damage made it say, to the byte.
TEST(Statement, EveryMemberCounts) {
  for (const Kind& kind : AllKinds()) {
    const auto value = ParseJson(WriteStatement(kind.claim));
    ASSERT_TRUE(value.ok());
    const auto mutations = Mutations(*value);
    EXPECT_GT(mutations.size(), 100u);
    for (const Mutation& m : mutations) {
      const std::string text = DumpJson(m.value);
      const auto claim = ParseStatement(text);
      SCOPED_TRACE(kind.name + ": " + m.what + " " + m.path);
      if (!claim.ok()) {
        EXPECT_EQ(claim.error().kind, ErrorKind::kMalformed);
        EXPECT_FALSE(claim.error().id.empty());
        EXPECT_FALSE(m.what == "drop" && kOptional.contains(m.path)) << claim.error().message;
        continue;
      }
      EXPECT_TRUE(MayBeAccepted(m));
      EXPECT_EQ(ClaimKind(*claim), kind.name);
      EXPECT_EQ(WriteStatement(*claim), text);
    }
  }
}

// Changing any string gives a refusal, another claim, or a statement of somebody else's type; never the same claim.
TEST(Statement, EveryStringCounts) {
  for (const Kind& kind : AllKinds()) {
    const std::string text = WriteStatement(kind.claim);
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 7)));
      const auto claim = ParseStatement(damaged);
      if (claim.ok() && !std::holds_alternative<UnknownClaim>(*claim)) {
        EXPECT_NE(WriteStatement(*claim), text) << kind.name << " at " << i;
      }
    }
  }
}

TEST(Statement, RefusesEveryTruncationAndWhatComesAfter) {
  for (const Kind& kind : AllKinds()) {
    const std::string text = WriteStatement(kind.claim);
    for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(ParseStatement(text.substr(0, n)).ok()) << n;
    EXPECT_FALSE(ParseStatement(text + "0").ok());
    EXPECT_FALSE(ParseStatement(text + "{}").ok());
  }
}

// Writes `value` with the first member of the object number `target` (in the order of writing) given twice.
void WriteTwice(const Json& value, std::size_t target, std::size_t* seen, std::string* out) {
  if (value.is_object()) {
    const bool twice = (*seen)++ == target;
    std::string separator = "{";
    for (const auto& member : value.items()) {
      for (int n = twice && separator == "{" ? 0 : 1; n < 2; ++n) {
        *out += separator + Json(member.key()).dump() + ":";
        WriteTwice(member.value(), target, seen, out);
        separator = ",";
      }
    }
    *out += value.empty() ? "{}" : "}";
  } else if (value.is_array()) {
    *out += "[";
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) *out += ",";
      WriteTwice(value[i], target, seen, out);
    }
    *out += "]";
  } else {
    *out += DumpJson(value);
  }
}

TEST(Statement, RefusesDuplicateMembersEverywhere) {
  for (const Kind& kind : AllKinds()) {
    const auto value = ParseJson(WriteStatement(kind.claim));
    ASSERT_TRUE(value.ok());
    std::size_t objects = 0;
    std::string same;
    WriteTwice(*value, ~std::size_t{0}, &objects, &same);
    EXPECT_EQ(same, DumpJson(*value));
    for (std::size_t target = 0; target < objects; ++target) {
      std::size_t seen = 0;
      std::string text;
      WriteTwice(*value, target, &seen, &text);
      const auto claim = ParseStatement(text);
      ASSERT_FALSE(claim.ok()) << text;
      EXPECT_EQ(claim.error().id, "json.duplicate_key");
    }
    EXPECT_GE(objects, 5u);
  }
}

std::string IdAfter(const Claim& claim, const std::function<void(Json&)>& damage) {
  auto value = ParseJson(WriteStatement(claim));
  EXPECT_TRUE(value.ok());
  damage(*value);
  const auto again = ParseStatement(DumpJson(*value));
  return again.ok() ? std::string(ClaimKind(*again)) : again.error().id;
}

TEST(Statement, BombsAndNumbers) {
  const Claim property = sample::SampleProperty();
  EXPECT_EQ(ParseStatement(std::string(100000, '[')).error().id, "json.depth");
  EXPECT_EQ(ParseStatement("{\"a\":" + std::string(33, '{')).error().id, "json.syntax");
  EXPECT_EQ(IdAfter(property,
                    [](Json& j) {
                      Json deep = Json::object();
                      for (int i = 0; i < 40; ++i) deep = Json::array({deep});
                      j["predicate"]["parameters"]["deep"] = deep;
                    }),
            "json.depth");
  EXPECT_EQ(IdAfter(property, [](Json& j) { j["predicate"]["run"]["threads"] = 2.0; }), "json.number");
  EXPECT_EQ(IdAfter(property, [](Json& j) { j["predicate"]["parameters"]["x"] = 0.5; }), "json.number");
  EXPECT_EQ(IdAfter(property, [](Json& j) { j["predicate"]["results"][0]["count"] = std::uint64_t{1} << 53; }),
            "json.number");
  EXPECT_EQ(IdAfter(property, [](Json& j) { j["predicate"]["results"][0]["value"] = 1; }), "claim.property.result");
  EXPECT_EQ(IdAfter(property, [](Json& j) { j["predicate"]["results"][0]["metric"] = std::string(70000, 'x'); }),
            "statement.text");
  EXPECT_EQ(IdAfter(property, [](Json& j) { j["predicate"]["parameters"][std::string(70000, 'x')] = "1"; }),
            "statement.text");
  EXPECT_EQ(IdAfter(property,
                    [](Json& j) {
                      for (int i = 0; i < 6; ++i)
                        j["predicate"]["parameters"][std::to_string(i)] = std::string(60000, 'x');
                    }),
            "claim.property.parameters");
  EXPECT_EQ(IdAfter(property,
                    [](Json& j) {
                      Json& results = j["predicate"]["results"];
                      Json one = results[0];
                      for (int i = 0; i < 65536; ++i) {
                        one["label"] = std::to_string(i);
                        results.push_back(one);
                      }
                    }),
            "claim.property.results");
  std::string many = "[[]";
  for (int i = 0; i < (1 << 20); ++i) many += ",[]";
  EXPECT_EQ(ParseStatement(many + "]").error().id, "json.size");
  EXPECT_EQ(ParseStatement("\"" + std::string(std::size_t{24} << 20, 'x') + "\"").error().id, "json.size");
}

TEST(Statement, TypesOfOthers) {
  const Claim training = sample::SampleTraining();
  const Claim evidence = sample::SampleEvidence(SomeKey(), "{}");
  EXPECT_EQ(IdAfter(training, [](Json& j) { j["predicateType"] = "https://example.org/v1"; }), "unknown");
  EXPECT_EQ(IdAfter(training, [](Json& j) { j["predicate"]["buildDefinition"]["buildType"] = "https://other"; }),
            "unknown");
  EXPECT_EQ(IdAfter(evidence, [](Json& j) { j["predicate"]["attributes"][0]["attribute"] = "REPRODUCIBLE"; }),
            "unknown");
  // One of ours among others is ours to read, and to refuse.
  EXPECT_EQ(IdAfter(evidence,
                    [](Json& j) {
                      j["predicate"]["attributes"].push_back({{"attribute", "REPRODUCIBLE"}});
                    }),
            "claim.evidence.attribute");
  EXPECT_EQ(IdAfter(training, [](Json& j) { j["predicateType"] = ""; }), "statement.predicate_type");
  EXPECT_EQ(IdAfter(training, [](Json& j) { j["_type"] = "https://in-toto.io/Statement/v0.1"; }), "statement.type");
  EXPECT_EQ(IdAfter(training, [](Json& j) { j["subject"] = Json::array(); }), "statement.subject");
  EXPECT_EQ(IdAfter(training, [](Json& j) { j["subject"].push_back(j["subject"][0]); }), "statement.subject");
  EXPECT_EQ(WriteStatement(UnknownClaim{"x"}), "");
  const auto unknown = ParseStatement(
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a"}],"predicateType":"https://x/y","more":1})");
  ASSERT_TRUE(unknown.ok());
  EXPECT_EQ(std::get<UnknownClaim>(*unknown).predicate_type, "https://x/y");
}

TEST(Run, Rules) {
  const Claim claim = sample::SampleInference();
  const auto run = [&](const std::function<void(Json&)>& damage) {
    return IdAfter(claim, [&](Json& j) { damage(j["predicate"]["run"]); });
  };
  EXPECT_EQ(run([](Json& r) { r["job"]["train"]["epochs"] = 6; }), "run.job_digest");
  EXPECT_EQ(run([](Json& r) { r["jobDigest"] = std::string(64, '0'); }), "run.job_digest");
  EXPECT_EQ(run([](Json& r) { r["program"] = ""; }), "run.program");
  EXPECT_EQ(run([](Json& r) { r["job"] = Json::array(); }), "run.job");
  EXPECT_EQ(run([](Json& r) {
              Json job = Json::object();
              for (int i = 0; i < 6; ++i) job[std::to_string(i)] = std::string(60000, 'x');
              r["job"] = job;
              r["jobDigest"] = HexEncode(JobDigest(job));
            }),
            "run.job");
  EXPECT_EQ(run([](Json& r) { r["engine"]["name"] = ""; }), "run.engine");
  EXPECT_EQ(run([](Json& r) { r["engine"]["details"] = Json::object(); }), "run.engine");
  EXPECT_EQ(run([](Json& r) { r["threads"] = 0; }), "run.threads");
  EXPECT_EQ(run([](Json& r) { r["threads"] = 65537; }), "run.threads");
  EXPECT_EQ(run([](Json& r) { r["libraries"][0]["name"] = ""; }), "run.libraries");
  EXPECT_EQ(run([](Json& r) { r["libraries"][0]["buildId"] = "XY"; }), "run.libraries");
  EXPECT_EQ(run([](Json& r) { r["seeds"][0]["value"] = "-1"; }), "run.seeds");
  EXPECT_EQ(run([](Json& r) { r["seeds"][0]["value"] = "18446744073709551616"; }), "run.seeds");
  EXPECT_EQ(run([](Json& r) { r["seeds"][0]["value"] = "18446744073709551615"; }), "inference");
  EXPECT_EQ(run([](Json& r) { r["seeds"][0]["value"] = "07"; }), "run.seeds");
  EXPECT_EQ(run([](Json& r) { r["seeds"][0]["chosenBy"] = "prover"; }), "run.seeds");
  EXPECT_EQ(run([](Json& r) { r["seeds"][1]["value"] = "ABCD"; }), "run.seeds");
  EXPECT_EQ(run([](Json& r) { r["seeds"][1]["of"] = "training"; }), "run.seeds");
  EXPECT_EQ(run([](Json& r) { r["nonce"] = ""; }), "run.nonce");
  EXPECT_EQ(run([](Json& r) { r["nonce"] = "abc"; }), "run.nonce");
  EXPECT_EQ(run([](Json& r) { r["nonce"] = "AB"; }), "run.nonce");
  EXPECT_EQ(run([](Json& r) { r["nonce"] = std::string(130, 'a'); }), "run.nonce");
  EXPECT_EQ(run([](Json& r) { r["nonce"] = std::string(128, 'a'); }), "inference");
  const auto parsed = ParseRun(RunToJson(sample::SampleRun()));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(RunToJson(*parsed), RunToJson(sample::SampleRun()));
  EXPECT_EQ(ParseRun(Json::array()).error().id, "run");
}

}  // namespace
}  // namespace attestml::statement
