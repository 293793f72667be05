// Three renderings of one list of checks.
#include "base/hex.h"
#include "policy/receipt.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

TEST(ReportText, FirstLineWarnsOfSimulation) {
  const auto accepted = Appraise(Story().Bundle(), Trust() + Requirements());
  EXPECT_EQ(FirstLine(policy::ReportToText(accepted.report, false)), "SIMULATED: no hardware protection");
  const auto rejected = Appraise(Story().Bundle(), Trust());
  EXPECT_EQ(FirstLine(policy::ReportToText(rejected.report, false)), "SIMULATED: no hardware protection");
  EXPECT_NE(policy::ReportToText(rejected.report, false).find("\nrejected"), std::string::npos);
  EXPECT_NE(policy::ReportToText(accepted.report, true).find("\x1b["), std::string::npos);
  EXPECT_EQ(policy::ReportToText(accepted.report, false).find("\x1b["), std::string::npos);
}

TEST(ReportText, NamesOfOthersCannotDrawOnTheTerminal) {
  Story story;
  story.accuracy.dataset->file.name = "people\xe2\x80\xae.test";  // right-to-left override
  const auto appraised = Appraise(story.Bundle(), Trust() + Requirements());
  EXPECT_EQ(Explain(appraised.report).find("\xe2\x80\xae"), std::string::npos);
  EXPECT_NE(Explain(appraised.report).find("people?.test"), std::string::npos);
}

TEST(ReportJson, HasWhatTheCommandPromises) {
  const auto appraised = Appraise(Story().Bundle(), Trust() + Requirements());
  const Json json = policy::ReportToJson(appraised.report);
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["verdict"], "accepted");
  EXPECT_EQ(json["sentence"], appraised.report.sentence);
  EXPECT_EQ(json["tee"], "simulated");
  EXPECT_EQ(json["simulated"], true);
  ASSERT_EQ(json["claims"].size(), 5U);
  EXPECT_EQ(json["claims"][0]["kind"], "training");
  EXPECT_EQ(json["claims"][0]["model"]["sha256"], HexEncode(DigestOf("model")));
  EXPECT_EQ(json["claims"][0]["line"], 1);
  EXPECT_EQ(json["claims"][4]["used"], false);
  ASSERT_EQ(json["checks"].size(), appraised.report.checks.size());
  for (const Json& check : json["checks"]) {
    EXPECT_EQ(check.size(), 4U);
    EXPECT_TRUE(check.contains("id") && check.contains("verdict") && check.contains("seen") &&
                check.contains("wanted"));
  }
  EXPECT_TRUE(ParseJson(DumpJson(json)).ok());
}

TEST(ReportJson, FailuresKeepKindIdAndChecks) {
  const verify::Checks checks = {{"bundle.signature", verify::CheckVerdict::kFail, "bad", "good"}};
  const auto report = policy::ReportFailure(checks, Untrusted("bundle.signature", "line 1 is not signed"), kNow);
  EXPECT_EQ(policy::ReportToJson(report)["verdict"], "untrusted");
  EXPECT_EQ(policy::ReportToJson(report)["error"]["id"], "bundle.signature");
  EXPECT_EQ(policy::ReportExitCode(report), 5);
  EXPECT_EQ(policy::ReportExitCode(policy::ReportFailure({}, Malformed("a", "b"), kNow)), 3);
  EXPECT_EQ(policy::ReportExitCode(policy::ReportFailure({}, Unsupported("a", "b"), kNow)), 4);
  EXPECT_EQ(policy::ReportExitCode(policy::ReportFailure({}, Unavailable("a", "b"), kNow)), 7);
  EXPECT_EQ(policy::ReportFailure({}, Unavailable("a", "b"), kNow).verdict, policy::Verdict::kUntrusted);
}

TEST(ReportJson, AChecksMadeBeforeCanTakeAcceptanceBack) {
  auto appraised = Appraise(Story().Bundle(), Trust() + Requirements());
  policy::PrependChecks({{"receipt.proof", verify::CheckVerdict::kFail, "", ""}}, &appraised.report);
  EXPECT_EQ(appraised.report.verdict, policy::Verdict::kRejected);
  EXPECT_NE(policy::ReportExitCode(appraised.report), 0);
}

TEST(Ear, SimulatedIsNeverAffirmed) {
  const auto appraised = Appraise(Story().Bundle(), Trust() + Requirements());
  const Json ear = policy::ReportToEar(appraised.report);
  EXPECT_EQ(ear["eat_profile"], "tag:ietf.org,2026:rats/ear#04");
  EXPECT_EQ(ear["iat"], kNow.unix_seconds);
  EXPECT_TRUE(ear["ear_verifier_id"].contains("developer"));
  ASSERT_EQ(ear["submods"].size(), 1U);
  const Json& submod = *ear["submods"].begin();
  EXPECT_EQ(submod["ear_status"], "contraindicated");
  EXPECT_EQ(submod["ear_trustworthiness_vector"]["hardware"], 97);
  EXPECT_EQ(submod["ear_trustworthiness_vector"]["executables"], 2);
  ASSERT_EQ(submod["ear_appraisal_policy_ids"].size(), 1U);
  EXPECT_TRUE(submod["ear_appraisal_policy_ids"][0].get<std::string>().starts_with("ni:///sha-256;"));
}

TEST(Report, NamesNoPolicyWhereNoneWasAsked) {
  policy::Report report;
  report.attesters = {{"sgx", "sgx-quote-v3", "", "00", "00", "UpToDate", false, false}};
  EXPECT_FALSE(policy::ReportToEar(report)["submods"].begin()->contains("ear_appraisal_policy_ids"));
  EXPECT_FALSE(policy::ReportToJson(report).contains("policy"));
  report.policy_digest = crypto::Digest256{};
  EXPECT_TRUE(policy::ReportToEar(report)["submods"].begin()->contains("ear_appraisal_policy_ids"));
  EXPECT_TRUE(policy::ReportToJson(report).contains("policy"));
}

TEST(Ear, HardwareIsAffirmedOnlyWhenAccepted) {
  policy::Report report;
  report.verdict = policy::Verdict::kAccepted;
  report.attesters = {{"sgx", "sgx-quote-v3", "prover", "00", "00", "UpToDate", false, false}};
  EXPECT_EQ((*policy::ReportToEar(report)["submods"].begin())["ear_status"], "affirming");
  report.attesters[0].tcb_status = "SWHardeningNeeded";
  EXPECT_EQ((*policy::ReportToEar(report)["submods"].begin())["ear_status"], "warning");
  report.attesters[0].debug = true;
  EXPECT_EQ((*policy::ReportToEar(report)["submods"].begin())["ear_status"], "contraindicated");
  report.attesters[0] = {"sgx", "sgx-quote-v3", "prover", "00", "00", "UpToDate", false, false};
  report.verdict = policy::Verdict::kRejected;
  EXPECT_EQ((*policy::ReportToEar(report)["submods"].begin())["ear_status"], "contraindicated");
  const auto failure = policy::ReportFailure({}, Untrusted("bundle.signature", "x"), kNow);
  EXPECT_EQ((*policy::ReportToEar(failure)["submods"].begin())["ear_status"], "contraindicated");
}

}  // namespace
}  // namespace attestml::policy_test
