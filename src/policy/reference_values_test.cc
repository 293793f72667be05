#include "policy/reference_values.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/json.h"
#include "policy/policy.h"

namespace attestml::policy {
namespace {

std::string Hex(std::size_t bytes, char digit = '5') { return std::string(2 * bytes, digit); }

ReferenceValues Sample() {
  ReferenceValues out;
  out.file = "attestml-prover";
  out.sha256 = crypto::Sha256(AsBytes("a program"));
  out.programs = {
      {"attestml-prover 0.1.0", "sgx", {{"mrenclave", Hex(32)}}, 7},
      {"attestml-prover 0.1.0", "tdx", {{"mrtd", Hex(48)}, {"rtmr1", Hex(48, '6')}, {"rtmr2", Hex(48, '7')}}, {}},
      {"attestml-prover 0.1.0", "nitro", {{"pcr0", Hex(48)}, {"pcr1", Hex(48, '8')}}, {}},
      {"attestml-prover 0.1.0", "simulated", {{"mrenclave", Hex(32)}}, {}}};
  return out;
}

std::string IdOf(const ReferenceValues& values) {
  const auto parsed = ParseReferenceValues(WriteReferenceValues(values));
  return parsed.ok() ? "" : parsed.error().id;
}

TEST(ReferenceValues, ReadAsWritten) {
  const std::string text = WriteReferenceValues(Sample());
  const auto parsed = ParseReferenceValues(text);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed->file, "attestml-prover");
  EXPECT_EQ(parsed->sha256, Sample().sha256);
  ASSERT_EQ(parsed->programs.size(), 4U);
  EXPECT_EQ(parsed->programs[0].security_version, 7U);
  EXPECT_EQ(parsed->programs[1].values.at("rtmr2"), Hex(48, '7'));
  EXPECT_EQ(WriteReferenceValues(*parsed), text);
}

// What is imported is a policy's, read by the policy's own strict reader.
TEST(ReferenceValues, BecomeProgramsOfAPolicy) {
  const auto root = crypto::Sha256(AsBytes("a root"));
  const std::string text = ProgramTablesOf(Sample(), root);
  const auto policy = ParsePolicy(text, "imported");
  ASSERT_TRUE(policy.ok()) << policy.error().message << "\n" << text;
  ASSERT_EQ(policy->programs.size(), 4U);
  EXPECT_EQ(HexEncode(policy->programs[0].measurement), Hex(32));
  EXPECT_EQ(policy->programs[0].min_security_version, 7U);
  EXPECT_EQ(policy->programs[1].registers.size(), 2U);
  EXPECT_EQ(policy->programs[3].root, root);
  EXPECT_FALSE(policy->programs[0].root.has_value());
  ReferenceValues snp = Sample();
  snp.programs = {{"p", "snp", {{"measurement", Hex(48)}}, {}}};
  EXPECT_TRUE(ParsePolicy(ProgramTablesOf(snp, {}), "imported").ok());
}

TEST(ReferenceValues, OnlyWhatAPolicyCouldSay) {
  const auto with = [](const ReferenceProgram& program) {
    ReferenceValues values = Sample();
    values.programs = {program};
    return IdOf(values);
  };
  EXPECT_EQ(with({"p", "sgx", {{"mrenclave", Hex(32)}}, {}}), "");
  EXPECT_EQ(with({"", "sgx", {{"mrenclave", Hex(32)}}, {}}), "reference.program");
  EXPECT_EQ(with({"a\nb", "sgx", {{"mrenclave", Hex(32)}}, {}}), "reference.program");
  EXPECT_EQ(with({"p", "sgz", {{"mrenclave", Hex(32)}}, {}}), "reference.program");
  EXPECT_EQ(with({"p", "sgx", {}, {}}), "reference.value");
  EXPECT_EQ(with({"p", "sgx", {{"mrsigner", Hex(32)}}, {}}), "reference.value");
  EXPECT_EQ(with({"p", "sgx", {{"mrenclave", Hex(31)}}, {}}), "reference.value");
  EXPECT_EQ(with({"p", "sgx", {{"mrenclave", std::string(64, 'A')}}, {}}), "reference.value");
  EXPECT_EQ(with({"p", "sgx", {{"mrenclave", Hex(32)}, {"rtmr1", Hex(48)}}, {}}), "reference.value");
  EXPECT_EQ(with({"p", "sgx", {{"mrenclave", Hex(32)}, {"mrsigner", ""}}, {}}), "reference.value");
  EXPECT_EQ(with({"p", "tdx", {{"mrtd", Hex(48)}, {"rtmr1", Hex(48)}}, {}}), "reference.value") << "rtmr2 is missing";
  EXPECT_EQ(with({"p", "tdx", {{"mrtd", Hex(48)}, {"rtmr1", Hex(48)}, {"rtmr2", Hex(48)}}, 1}), "reference.value");
  EXPECT_EQ(with({"p", "sgx", {{"mrenclave", Hex(32)}}, 65536}), "reference.value");
  ReferenceValues none = Sample();
  none.programs.clear();
  EXPECT_EQ(IdOf(none), "reference.program");
  none.programs.assign(65, Sample().programs[0]);
  EXPECT_EQ(IdOf(none), "reference.program");
  none = Sample();
  none.file = "";
  EXPECT_EQ(IdOf(none), "reference.subject");
}

TEST(ReferenceValues, MembersAreThoseAndNoOthers) {
  const Json sample = *ParseJson(WriteReferenceValues(Sample()));
  const auto id_of = [](const Json& changed) {
    const auto parsed = ParseReferenceValues(DumpJson(changed));
    return parsed.ok() ? std::string() : parsed.error().id;
  };
  EXPECT_EQ(id_of(sample), "");
  for (const char* name : {"_type", "predicateType", "subject", "predicate"}) {
    Json changed = sample;
    changed.erase(name);
    EXPECT_EQ(id_of(changed), "reference.member") << name;
    changed = sample;
    changed[name] = 1;
    EXPECT_EQ(id_of(changed), "reference.member") << name;
  }
  Json changed = sample;
  changed["more"] = 1;
  EXPECT_EQ(id_of(changed), "reference.member");
  changed = sample;
  changed["predicateType"] = "urn:attestml:property:v1";
  EXPECT_EQ(id_of(changed), "reference.type");
  changed = sample;
  changed["_type"] = "https://in-toto.io/Statement/v0.1";
  EXPECT_EQ(id_of(changed), "reference.type");
  changed = sample;
  changed["predicate"]["programs"][0]["more"] = 1;
  EXPECT_EQ(id_of(changed), "reference.member");
  changed = sample;
  changed["predicate"]["programs"][0]["values"]["mrenclave"] = 5;
  EXPECT_EQ(id_of(changed), "reference.member");
  changed = sample;
  changed["subject"].push_back(changed["subject"][0]);
  EXPECT_EQ(id_of(changed), "reference.subject");
  changed = sample;
  changed["subject"][0]["digest"]["sha256"] = std::string(64, 'A');
  EXPECT_EQ(id_of(changed), "reference.subject");
  changed = sample;
  changed["subject"][0]["digest"]["sha1"] = "00";
  EXPECT_EQ(id_of(changed), "reference.member");
}

}  // namespace
}  // namespace attestml::policy
