#include <gtest/gtest.h>

#include <limits>

#include "base/hex.h"
#include "policy/policy.h"

namespace attestml::policy {
namespace {

const std::string kSha = "sha256:" + std::string(64, 'a');
const std::string kMeasurement(64, '1');

// The example of design.md section 5 with real digests.
std::string Example() {
  return "[trust]\ntcb-status = [\"UpToDate\"]\n[[program]]\nname = \"attestml-prover 0.1.0\"\ntee = "
         "\"sgx\"\nmrenclave = \"" +
         kMeasurement + R"("
may-state = ["training", "property", "inference"]
[[require]]
claim = "property"
property = "accuracy"
metric = "accuracy"
dataset = ")" +
         kSha + R"("
target = "income"
value = ">= 0.80"
on = "interval.lower"
min-count = 10000
[[require]]
claim = "property"
property = "distribution"
of = "training-data"
where = { column = "sex", value = "Female" }
metric = "proportion"
value = "0.30..0.35"
[[require]]
claim = "property"
property = "overlap"
metric = "with-label"
value = "= 0"
)";
}

std::string Replaced(std::string from, std::string to) {
  std::string text = Example();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

struct Failure {
  std::string id, message;
};
Failure FailureOf(const std::string& text) {
  const auto policy = ParsePolicy(text, "p.toml");
  if (policy.ok()) return {"", "accepted"};
  EXPECT_EQ(policy.error().kind, ErrorKind::kUsage);
  return {policy.error().id, policy.error().message};
}

TEST(ParsePolicy, ReadsTheExample) {
  const auto policy = ParsePolicy(Example(), "p.toml");
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  ASSERT_EQ(policy->requirements.size(), 3U);
  const Requirement& accuracy = policy->requirements[0];
  EXPECT_EQ(accuracy.id, "1");
  EXPECT_EQ(accuracy.predictions, "model");
  EXPECT_EQ(accuracy.implementation, "accuracy/1");
  EXPECT_EQ(accuracy.min_count, 10000U);
  EXPECT_TRUE(accuracy.value->Contains(0.8));
  EXPECT_FALSE(accuracy.value->Contains(0.7999999));
  EXPECT_EQ(policy->requirements[1].where, (std::map<std::string, std::string>{{"sex", "Female"}}));
  EXPECT_TRUE(policy->requirements[1].of_training_data);
  EXPECT_EQ(policy->anchors.size(), verify::VendorAnchors().size());
  EXPECT_EQ(policy->as_of, AsOf::kNever);
}

TEST(ParsePolicy, AnEmptyFileIsAPolicyThatAllowsNothing) {
  const auto policy = ParsePolicy("", "p.toml");
  ASSERT_TRUE(policy.ok());
  EXPECT_TRUE(policy->tcb_status.empty() && policy->programs.empty() && policy->requirements.empty());
}

TEST(ParsePolicy, TyposAreErrorsWithLineKeyAndNearestName) {
  const auto key = FailureOf(Replaced("min-count", "min-cuont"));
  EXPECT_EQ(key.id, "policy.unknown_key");
  EXPECT_NE(key.message.find("p.toml:16"), std::string::npos) << key.message;
  EXPECT_NE(key.message.find("did you mean \"min-count\""), std::string::npos) << key.message;
  EXPECT_EQ(FailureOf(Replaced("[trust]", "[trsut]")).id, "policy.unknown_key");
  EXPECT_EQ(FailureOf(Replaced("tcb-status", "tcb-statsu")).id, "policy.unknown_key");
  EXPECT_EQ(FailureOf(Replaced("may-state", "may-sate")).id, "policy.unknown_key");
  EXPECT_EQ(FailureOf(Replaced("[[require]]", "[[requires]]")).id, "policy.unknown_key");
  const auto name = FailureOf(Replaced("property = \"accuracy\"", "property = \"acuracy\""));
  EXPECT_EQ(name.id, "policy.unknown_name");
  EXPECT_NE(name.message.find("did you mean \"accuracy\""), std::string::npos);
  EXPECT_EQ(FailureOf(Replaced("metric = \"with-label\"", "metric = \"with-labels\"")).id, "policy.unknown_name");
  EXPECT_EQ(FailureOf(Replaced("claim = \"property\"", "claim = \"propery\"")).id, "policy.unknown_name");
  EXPECT_EQ(FailureOf(Replaced("\"UpToDate\"", "\"Uptodate\"")).id, "policy.unknown_name");
  EXPECT_EQ(FailureOf(Replaced("\"inference\"", "\"certification\"")).id, "policy.unknown_name");
  EXPECT_EQ(FailureOf(Replaced("tee = \"sgx\"", "tee = \"sgxx\"")).id, "policy.unknown_name");
  EXPECT_EQ(FailureOf(Replaced("on = \"interval.lower\"", "on = \"interval.low\"")).id, "policy.unknown_name");
  // A misspelt word of the pair form is no column of that name.
  EXPECT_EQ(FailureOf(Replaced("{ column = \"sex\"", "{ colum = \"sex\"")).id, "policy.value");
}

TEST(ParsePolicy, TypesAndValuesAreExact) {
  EXPECT_EQ(FailureOf(Replaced("min-count = 10000", "min-count = \"10000\"")).id, "policy.type");
  EXPECT_EQ(FailureOf(Replaced("min-count = 10000", "min-count = -1")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced("tcb-status = [\"UpToDate\"]", "tcb-status = \"UpToDate\"")).id, "policy.type");
  for (const std::string status : {"Revoked", "NoMatchingTcbLevel"}) {
    const Failure error = FailureOf(Replaced("[\"UpToDate\"]", "[\"" + status + "\"]"));
    EXPECT_EQ(error.id, "policy.unknown_name");
    EXPECT_NE(error.message.find("cannot be accepted"), std::string::npos) << error.message;
  }
  EXPECT_EQ(FailureOf(Replaced("[\"UpToDate\"]", "[\"revoked\"]")).id, "policy.unknown_name");
  EXPECT_EQ(FailureOf(Replaced("\"" + kSha + "\"", "\"" + kSha + "0\"")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced("\"" + kSha + "\"", "\"" + kSha.substr(7) + "\"")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced(kMeasurement, kMeasurement + "1")).id, "policy.value");
  for (const char* bad : {"0.80", ">=", ">= x", "0.35..0.30", "0.3..", "==1", ">= nan", ">= 1 "}) {
    const bool trailing = std::string(bad) == ">= 1 ";
    EXPECT_EQ(FailureOf(Replaced("\">= 0.80\"", "\"" + std::string(bad) + "\"")).id, trailing ? "" : "policy.value")
        << bad;
  }
  EXPECT_EQ(FailureOf("x = [").id, "policy.syntax");
  EXPECT_EQ(FailureOf("a = 1\na = 2\n").id, "policy.syntax");
  EXPECT_EQ(FailureOf(std::string((std::size_t{1} << 20) + 1, '\n')).id, "policy.size");
  EXPECT_EQ(FailureOf(Replaced("claim = \"property\"\nproperty = \"accuracy\"", "property = \"accuracy\"")).id,
            "policy.missing");
}

TEST(ParsePolicy, KeysThatDoNotGoTogetherAreErrors) {
  EXPECT_EQ(FailureOf(Replaced("dataset = \"" + kSha + "\"\n", "")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced("of = \"training-data\"\n", "")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced("dataset = \"" + kSha + "\"", "selection = \"" + kSha + "\"")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced("metric = \"proportion\"", "metric = \"total-variation\"")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced("value = \">= 0.80\"\n", "")).id, "policy.value");
  EXPECT_EQ(FailureOf(Replaced("of = \"training-data\"", "of = \"training-data\"\nroles = []")).id, "policy.value");
  EXPECT_EQ(FailureOf(Example() + "[[require]]\nclaim = \"training\"\nmetric = \"accuracy\"\n").id,
            "policy.unknown_key");
  EXPECT_EQ(FailureOf(Example() + "[[require]]\nclaim = \"inference\"\nid = \"1\"\n").id, "policy.duplicate");
  EXPECT_EQ(FailureOf(Example() + "[[require]]\nclaim = \"certification\"\ncertifier = \"lab\"\n").id,
            "policy.unknown_name");
}

TEST(ParsePolicy, ASimulatedProgramGivesARootThatIsNoVendors) {
  EXPECT_EQ(FailureOf(Replaced("tee = \"sgx\"", "tee = \"simulated\"")).id, "policy.missing");
  const auto simulated =
      ParsePolicy(Replaced("tee = \"sgx\"", "tee = \"simulated\"\nroot = \"" + kSha + "\""), "p.toml");
  ASSERT_TRUE(simulated.ok());
  ASSERT_EQ(simulated->anchors.size(), verify::VendorAnchors().size() + 1);
  EXPECT_TRUE(simulated->anchors.back().simulated);
  for (const auto& anchor : verify::VendorAnchors()) EXPECT_FALSE(anchor.simulated);
  EXPECT_EQ(FailureOf(Replaced("tee = \"sgx\"", "tee = \"sgx\"\nroot = \"" + kSha + "\"")).id, "policy.value");
}

TEST(ParsePolicy, OneProgramHasOneEntry) {
  const std::string again = "[[program]]\nname = \"b\"\ntee = \"sgx\"\nmrenclave = \"" + kMeasurement + "\"\n";
  EXPECT_EQ(FailureOf(Example() + again).id, "policy.duplicate");
}

TEST(ParsePolicy, CertifiersAreAKeyOrAChain) {
  const std::string head = "[[certifier]]\nname = \"lab\"\nmay-certify = [\"model\"]\n";
  EXPECT_EQ(FailureOf(head).id, "policy.value");
  EXPECT_EQ(FailureOf(head + "root = \"" + kSha + "\"\n").id, "policy.value");
  EXPECT_EQ(FailureOf(head + "key = \"" + kSha + "\"\nsubject = \"x\"\n").id, "policy.value");
  EXPECT_EQ(FailureOf(head + "key = \"" + kSha + "\"\n").id, "");
  EXPECT_EQ(FailureOf(head + "key = \"" + kSha + "\"\n" + head + "key = \"" + kSha + "\"\n").id, "policy.duplicate");
  EXPECT_EQ(FailureOf(head + "key = \"" + kSha +
                      "\"\n[[require]]\nclaim = \"certification\"\ncertifier = \"lab\"\ndataset = \"" + kSha + "\"\n")
                .id,
            "policy.value");
}

TEST(ParsePolicy, RootsAreAddedForOneVendor) {
  const std::string root = "[[root]]\nname = \"lab\"\nkey = \"" + kSha + "\"\n";
  EXPECT_EQ(FailureOf(root).id, "policy.missing");
  EXPECT_EQ(FailureOf(root + "vendor = \"intl\"\n").id, "policy.unknown_name");
  EXPECT_EQ(FailureOf(root + "vendor = \"intel\"\nsimulated = false\n").id, "policy.unknown_key");
  EXPECT_EQ(FailureOf("[[root]]\nname = \"lab\"\nvendor = \"intel\"\n").id, "policy.missing");
  EXPECT_EQ(FailureOf(root + "vendor = \"intel\"\n" + root + "vendor = \"amd\"\n").id, "policy.duplicate");
  const auto policy = ParsePolicy(root + "vendor = \"amd\"\n" + Example(), "p.toml");
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  ASSERT_EQ(policy->anchors.size(), verify::VendorAnchors().size() + 1);
  EXPECT_EQ(policy->anchors.back().vendor, verify::Vendor::kAmd);
  EXPECT_FALSE(policy->anchors.back().simulated);
  // A program may name it, and a simulated one may not.
  const std::string named = "tee = \"sgx\"\nroot = \"" + kSha + "\"";
  EXPECT_EQ(FailureOf(Replaced("tee = \"sgx\"", named)).id, "policy.value");
  EXPECT_EQ(FailureOf(root + "vendor = \"intel\"\n" + Replaced("tee = \"sgx\"", named)).id, "");
  EXPECT_EQ(FailureOf(root + "vendor = \"intel\"\n" +
                      Replaced("tee = \"sgx\"", "tee = \"simulated\"\nroot = \"" + kSha + "\""))
                .id,
            "policy.value");
  // One that is built in is no other vendor's.
  EXPECT_EQ(FailureOf("[[root]]\nname = \"x\"\nvendor = \"amd\"\nkey = \"sha256:" +
                      HexEncode(verify::VendorAnchors()[0].key_id) + "\"\n")
                .id,
            "policy.duplicate");
}

TEST(ParsePolicy, RootsAreRemoved) {
  const auto& intel = verify::VendorAnchors()[0];
  const std::string id = "sha256:" + HexEncode(intel.key_id);
  const auto policy = ParsePolicy("[trust]\nremoved-roots = [\"" + id + "\"]\n", "p.toml");
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  EXPECT_EQ(policy->anchors.size(), verify::VendorAnchors().size() - 1);
  for (const auto& anchor : policy->anchors) EXPECT_NE(anchor.key_id, intel.key_id);
  EXPECT_EQ(FailureOf("[trust]\nremoved-roots = [\"" + kSha + "\"]\n").id, "policy.value");
  EXPECT_EQ(FailureOf("[trust]\nremoved-roots = \"" + id + "\"\n").id, "policy.type");
  // No program can name it any more, and nothing brings it back.
  EXPECT_EQ(FailureOf(Replaced("[trust]\n", "[trust]\nremoved-roots = [\"" + id + "\"]\n")
                          .append("[[program]]\nname = \"b\"\ntee = \"sgx\"\nmrenclave = \"" + std::string(64, '2') +
                                  "\"\nroot = \"" + id + "\"\n"))
                .id,
            "policy.value");
  EXPECT_EQ(FailureOf("[trust]\nremoved-roots = [\"" + id +
                      "\"]\n[[root]]\nname = \"x\"\nvendor = \"intel\"\nkey = \"" + id + "\"\n")
                .id,
            "policy.duplicate");
}

TEST(ParsePolicy, AnEarlierTimeIsAllowedInSoManyWords) {
  const auto as_of = [](const std::string& value) {
    const auto policy = ParsePolicy("[trust]\nas-of = " + value + "\n", "p.toml");
    if (!policy.ok()) return policy.error().id;
    return std::string(policy->as_of == AsOf::kNever ? "never" : policy->as_of == AsOf::kAsked ? "asked" : "stamped");
  };
  EXPECT_EQ(as_of("true"), "asked");
  EXPECT_EQ(as_of("false"), "never");
  EXPECT_EQ(as_of("\"stamped\""), "stamped");
  EXPECT_EQ(as_of("\"true\""), "policy.value");
  EXPECT_EQ(as_of("\"\""), "policy.value");
  EXPECT_EQ(as_of("1"), "policy.type");
  EXPECT_EQ(as_of("[\"stamped\"]"), "policy.type");
}

TEST(ParsePolicy, TimeAuthoritiesAreRootsByTheirKey) {
  const std::string head = "[[time-authority]]\nname = \"tsa\"\n";
  const std::string root = "root = \"" + kSha + "\"\n";
  EXPECT_EQ(FailureOf(head).id, "policy.missing");
  EXPECT_EQ(FailureOf("[[time-authority]]\n" + root).id, "policy.missing");
  EXPECT_EQ(FailureOf(head + "root = \"x\"\n").id, "policy.value");
  EXPECT_EQ(FailureOf(head + root + "roots = []\n").id, "policy.unknown_key");
  EXPECT_EQ(FailureOf(head + root + head + root).id, "policy.duplicate");
  EXPECT_EQ(FailureOf(head + root + "certificates = \"x\"\n").id, "policy.value");
  EXPECT_EQ(FailureOf(head + root + "certificates = [\"x\"]\n").id, "policy.type");
  for (const char* oid : {"", ".", "1", "1.", ".1", "1..2", "1.2a", "1.2 "}) {
    EXPECT_EQ(FailureOf(head + root + "policies = [\"" + oid + "\"]\n").id, "policy.value") << oid;
  }
  EXPECT_EQ(FailureOf(head + root + "policies = []\n").id, "policy.value");
  const auto policy = ParsePolicy(head + root + "policies = [\"1.2.840.3\"]\n", "p.toml");
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  ASSERT_EQ(policy->time_authorities.size(), 1U);
  EXPECT_EQ(policy->time_authorities[0].name, "tsa");
  EXPECT_EQ("sha256:" + HexEncode(policy->time_authorities[0].root), kSha);
  EXPECT_EQ(policy->time_authorities[0].policies, std::vector<std::string>{"1.2.840.3"});
  // None is built in, and none is a root of evidence.
  EXPECT_TRUE(ParsePolicy(Example(), "p.toml")->time_authorities.empty());
  EXPECT_EQ(policy->anchors.size(), verify::VendorAnchors().size());
}

TEST(Range, HasTheFormsOfTheSpec) {
  EXPECT_TRUE(ParseRange("0.30..0.35")->Contains(0.35));
  EXPECT_FALSE(ParseRange("< 0.5")->Contains(0.5));
  EXPECT_FALSE(ParseRange("> 0.5")->Contains(0.5));
  EXPECT_TRUE(ParseRange("= 0")->Contains(0));
  EXPECT_TRUE(ParseRange("= 0")->Contains(-0.0));
  EXPECT_TRUE(ParseRange("-2..-1")->Contains(-1.5));
  EXPECT_FALSE(ParseRange("<= 1")->Contains(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(ParseRange("<= 1")->Contains(-std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(ParseRange(""));
}

TEST(CanonicalValue, MakesNumbersAndTheirTextEqual) {
  EXPECT_EQ(CanonicalValue(Json(5)), CanonicalValue(Json("5")));
  EXPECT_NE(CanonicalValue(Json::array({1, 2})), CanonicalValue(Json::array({2, 1})));
  // A text that looks like a list is not that list.
  EXPECT_NE(CanonicalValue(Json::array({"1"})), CanonicalValue(Json(R"(["1"])")));
  EXPECT_NE(CanonicalValue(Json(R"(["1"])")), CanonicalValue(Json(DumpJson(Json(R"(["1"])")))));
  EXPECT_NE(CanonicalValue(Json{{"a", "1"}}), CanonicalValue(Json(R"({"a":"1"})")));
  EXPECT_EQ(CanonicalValue(Json::array({1, "2"})), CanonicalValue(Json::array({"1", 2})));
}

}  // namespace
}  // namespace attestml::policy
