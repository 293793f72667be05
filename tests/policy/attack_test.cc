// Whose word counts: programs, roots, TEEs, debug, TCB, time; and artifacts that were swapped on the way.
#include <algorithm>

#include "base/hex.h"
#include "statement/binding.h"
#include "tee/simulated_authority.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using Ids = std::vector<std::string>;

bool Has(const Ids& ids, const std::string& id) { return std::count(ids.begin(), ids.end(), id) == 1; }

std::string Program(const std::string& tee, const std::string& measurement, const std::string& root) {
  return "[trust]\ntcb-status = [\"UpToDate\"]\n[[program]]\nname = \"p\"\ntee = \"" + tee + "\"\nmrenclave = \"" +
         HexEncode(DigestOf(measurement)) + "\"\n" + (root.empty() ? "" : "root = \"" + root + "\"\n") +
         "may-state = [\"training\", \"property\", \"inference\"]\n";
}

TEST(Attack, AnotherProgramsMeasurement) {
  const auto failed = Failed(Appraise(Story().Bundle("patched"), Trust("prover") + Requirements()).report);
  EXPECT_TRUE(Has(failed, "policy.program"));
  EXPECT_TRUE(Has(failed, "policy.require.accuracy"));
}

TEST(Attack, AProgramThatMayNotStateThis) {
  std::string policy = Trust() + Requirements();
  const std::string all = "[\"training\", \"property\", \"inference\"]";
  policy.replace(policy.find(all), all.size(), "[\"training\", \"inference\"]");
  const auto failed = Failed(Appraise(Story().Bundle(), policy).report);
  EXPECT_TRUE(Has(failed, "policy.may_state"));
  EXPECT_TRUE(Has(failed, "policy.require.accuracy"));
  EXPECT_FALSE(Has(failed, "policy.require.training"));
}

TEST(Attack, SimulatedEvidenceNeverMatchesAHardwareEntry) {
  // The bundle verifies, because its root is an anchor; the measurement is the one of the sgx entry; still nobody we
  // know.
  const auto bundle = Verified(Story().Bundle());
  const auto report = policy::Appraise(bundle, Parse(Program("sgx", "prover", "") + Requirements()), {});
  EXPECT_EQ(report.verdict, policy::Verdict::kRejected);
  EXPECT_TRUE(Has(Failed(report), "policy.program"));
  EXPECT_TRUE(report.simulated);
}

TEST(Attack, SimulatedEvidenceDoesNotVerifyUnderAPolicyOfHardwareOnly) {
  const auto policy = Parse(Program("sgx", "prover", "") + Requirements());
  const auto outcome = verify::VerifyBundle(Story().Bundle(), {}, policy.anchors, kNow);
  ASSERT_FALSE(outcome.bundle.ok());
  EXPECT_EQ(outcome.bundle.error().kind, ErrorKind::kUntrusted);
}

TEST(Attack, AnotherSimulatedAuthority) {
  Prover prover("prover", "second");
  Story story;
  prover.State(story.training);
  prover.State(story.accuracy);
  const auto envelopes = prover.Finish();
  const auto bundle = Verified(envelopes, {"first", "second"});
  const auto failed = Failed(policy::Appraise(bundle, Parse(Trust() + Requirements()), {}));
  EXPECT_TRUE(Has(failed, "policy.root"));
  EXPECT_FALSE(Has(failed, "policy.program"));
}

TEST(Attack, OneStatementOfAStrangerSpoilsTheBundle) {
  // A second, unknown program states a property nobody asked about; policies are closed.
  auto envelopes = Story().Bundle();
  Prover stranger("stranger");
  auto claim = Story().accuracy;
  claim.dataset = People("third.test", 10);
  stranger.State(claim);
  const auto more = stranger.Finish();
  envelopes.insert(envelopes.end(), more.begin(), more.end());
  EXPECT_EQ(Failed(Appraise(envelopes, Trust() + Requirements()).report), Ids{"policy.program"});
}

TEST(Attack, StatusesAreAcceptedByNameOnly) {
  for (const char* list : {"[]", "[\"SWHardeningNeeded\"]"}) {
    std::string policy = Trust() + Requirements();
    policy.replace(policy.find("[\"UpToDate\"]"), 12, list);
    EXPECT_TRUE(Has(Failed(Appraise(Story().Bundle(), policy).report), "policy.tcb_status")) << list;
  }
  std::string policy = Trust() + Requirements();
  policy.replace(policy.find("[trust]\ntcb-status = [\"UpToDate\"]"), 33, "");
  EXPECT_TRUE(Has(Failed(Appraise(Story().Bundle(), policy).report), "policy.tcb_status"));
}

TEST(Attack, TheRestOfTheTrustTable) {
  const auto with = [](const std::string& line) {
    std::string policy = Trust() + Requirements();
    policy.replace(policy.find("[trust]"), 7, "[trust]\n" + line);
    return Failed(Appraise(Story().Bundle(), policy).report);
  };
  EXPECT_TRUE(Has(with("min-evaluation-number = 1000000"), "policy.evaluation_number"));
  EXPECT_EQ(with("min-evaluation-number = 0"), Ids{});
  EXPECT_EQ(with("max-collateral-age-days = 3650"), Ids{});
  EXPECT_TRUE(Has(with("platforms = []"), "policy.platform"));
  EXPECT_TRUE(Has(with("platforms = [\"0123456789ab\"]"), "policy.platform"));
  EXPECT_EQ(with("banned-platforms = [\"0123456789ab\"]"), Ids{});
  const auto bundle = Verified(Story().Bundle());
  const std::string platform = bundle.evidence().front().evidence.platform();
  EXPECT_TRUE(Has(with("banned-platforms = [\"" + platform + "\"]"), "policy.platform"));
  EXPECT_EQ(with("platforms = [\"" + platform + "\"]"), Ids{});
}

// The root's CRL lives longest: with everything else of today it still decides how old the whole is.
TEST(Attack, CollateralIsAsOldAsItsOldestDocument) {
  constexpr std::int64_t kDay = 86'400;
  auto authority = tee::SimulatedAuthority::Create(tee::SimulatedKeys::Generate(), kNow);
  authority.program.mrenclave = DigestOf("prover");
  authority.root_crl.crl.this_update = Time{kNow.unix_seconds - 90 * kDay};
  authority.root_crl.crl.next_update = Time{kNow.unix_seconds + 90 * kDay};
  const auto key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  const auto package = tee::IssueEvidence(authority, statement::ReportData(key.public_key().id(), {}, {}));
  ASSERT_TRUE(package.ok());
  statement::EvidenceClaim evidence;
  evidence.target = key.public_key().id();
  evidence.session_key = key.public_key().spki();
  evidence.cmw = evidence::EncodeCmw(*package);
  std::vector<statement::Envelope> bundle;
  for (const statement::Claim& claim : {statement::Claim(Story().training), statement::Claim(evidence)}) {
    bundle.push_back(statement::SignEnvelope(statement::WriteStatement(claim), key));
  }
  const auto with = [&](const std::string& line) {
    std::string policy = Trust() + "[[require]]\nid = \"training\"\nclaim = \"training\"\n";
    policy.replace(policy.find(HexEncode(AuthorityRoot())), 64, HexEncode(authority.root.key.public_key().id()));
    policy.replace(policy.find("[trust]"), 7, "[trust]\n" + line);
    return Failed(Appraise(bundle, policy).report);
  };
  EXPECT_EQ(with(""), Ids{});
  EXPECT_EQ(with("max-collateral-age-days = 90"), Ids{});
  EXPECT_TRUE(Has(with("max-collateral-age-days = 89"), "policy.collateral_age"));
}

TEST(Attack, AnEarlierTimeNeedsThePolicysLeave) {
  policy::Question question;
  question.earlier_time = true;
  question.time_source = "--at";
  EXPECT_EQ(Failed(Appraise(Story().Bundle(), Trust() + Requirements(), question).report), Ids{"policy.as_of"});
  std::string policy = Trust() + Requirements();
  policy.replace(policy.find("[trust]"), 7, "[trust]\nas-of = true");
  const auto appraised = Appraise(Story().Bundle(), policy, question);
  EXPECT_EQ(Failed(appraised.report), Ids{});
  EXPECT_NE(Explain(appraised.report).find("by --at"), std::string::npos);
}

// Nothing can show a time that is still to come; who asks may say it, where the policy lets it.
TEST(Attack, ALaterTimeNeedsThePolicysLeave) {
  policy::Question question;
  question.later_time = true;
  question.time_source = "--at";
  for (const char* as_of : {"", "as-of = false", "as-of = \"stamped\""}) {
    std::string policy = Trust() + Requirements();
    policy.replace(policy.find("[trust]"), 7, std::string("[trust]\n") + as_of);
    EXPECT_EQ(Failed(Appraise(Story().Bundle(), policy, question).report), Ids{"policy.as_of"}) << as_of;
  }
  std::string policy = Trust() + Requirements();
  policy.replace(policy.find("[trust]"), 7, "[trust]\nas-of = true");
  const auto appraised = Appraise(Story().Bundle(), policy, question);
  EXPECT_EQ(Failed(appraised.report), Ids{});
  EXPECT_NE(policy::ReportToText(appraised.report, false).find("still to come"), std::string::npos);
  EXPECT_TRUE(policy::ReportToJson(appraised.report)["asOf"]["later"].get<bool>());
}

TEST(Attack, ModelChangedBetweenTrainingAndEvaluation) {
  Story story;
  story.accuracy.model = statement::ArtifactRef{"model.safetensors", DigestOf("better model")};
  const auto failed = Failed(Appraise(story.Bundle(), Trust() + Requirements()).report);
  EXPECT_TRUE(Has(failed, "policy.model"));
  EXPECT_TRUE(Has(failed, "policy.require.accuracy"));
  // Holding the trained model does not make the other one's accuracy its own.
  policy::Question question;
  question.model = story.training.model.sha256;
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Trust() + Requirements(), question).report),
            (Ids{"policy.require.accuracy", "policy.require.overlap"}));
  // Nor does holding the evaluated one give it a training.
  question.model = DigestOf("better model");
  const auto evaluated = Failed(Appraise(story.Bundle(), Trust() + Requirements(), question).report);
  EXPECT_TRUE(Has(evaluated, "policy.missing_edge"));
  EXPECT_TRUE(Has(evaluated, "policy.require.women"));
}

TEST(Attack, TestSetSwapped) {
  Story story;
  story.accuracy.dataset = People("easy.test", 1000);
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Trust() + Requirements()).report),
            (Ids{"policy.require.accuracy", "policy.require.overlap"}));
}

TEST(Attack, AModelFileThatNothingSpeaksOf) {
  policy::Question question;
  question.model = DigestOf("another file");
  EXPECT_TRUE(Has(Failed(Appraise(Story().Bundle(), Trust() + Requirements(), question).report), "policy.model"));
}

TEST(Attack, ADatasetFileThatTheModelDoesNotRestOn) {
  policy::Question question;
  question.datasets = {DigestOf("people.data"), DigestOf("people.test")};
  EXPECT_EQ(Failed(Appraise(Story().Bundle(), Trust() + Requirements(), question).report), Ids{});
  question.datasets.push_back(DigestOf("another file"));
  EXPECT_EQ(Failed(Appraise(Story().Bundle(), Trust() + Requirements(), question).report), Ids{"policy.dataset"});
  // A statement about it, beside the chain, does not make the model rest on it.
  Story story;
  auto beside = story.distribution;
  beside.dataset = People("another file", 5);
  story.more = {beside};
  EXPECT_EQ(Failed(Appraise(story.Bundle(), Trust() + Requirements(), question).report), Ids{"policy.dataset"});
}

TEST(Attack, APolicyForOneModelDoesNotSpeakOfAnother) {
  std::string policy = Trust() + Requirements();
  policy.replace(policy.find("id = \"accuracy\""), 15, "id = \"accuracy\"\nmodel = \"" + Sha("other") + "\"");
  EXPECT_TRUE(Has(Failed(Appraise(Story().Bundle(), policy).report), "policy.require.accuracy"));
}

// A file alone says what its columns are called; the job that reads it must not say otherwise.
TEST(Attack, AWholeFileIsReadAsItStands) {
  const auto failed = [](const statement::FileFormat& format) {
    Story story;
    auto selection = PeopleSelection();
    selection.format = format;
    Reselect(&*story.accuracy.dataset, selection);
    Reselect(&*story.overlap.dataset, selection);
    Reselect(&story.overlap.references[0], selection);
    Reselect(&story.training.datasets[0], selection);
    Reselect(&*story.distribution.dataset, selection);
    return Failed(Appraise(story.Bundle(), Trust() + Requirements()).report);
  };
  statement::FileFormat format;
  EXPECT_EQ(failed(format), Ids{});
  format.skip_lines = 1;
  EXPECT_EQ(failed(format), Ids{});
  // The names skipped and others put in their place.
  format.header = false;
  EXPECT_EQ(failed(format), (Ids{"policy.require.accuracy", "policy.require.overlap"}));
  // A value that somebody would rather not count.
  format = {};
  format.missing = "Female";
  EXPECT_EQ(failed(format), (Ids{"policy.require.accuracy", "policy.require.overlap", "policy.require.women"}));
}

TEST(Attack, ColumnNamesOfAJobAreNoted) {
  Story story;
  auto selection = PeopleSelection();
  selection.format.header = false;
  Reselect(&story.training.datasets[0], selection);
  Reselect(&*story.distribution.dataset, selection);
  Reselect(&story.overlap.references[0], selection);
  const auto appraised = Appraise(story.Bundle(), Trust() + Requirements());
  EXPECT_EQ(appraised.report.verdict, policy::Verdict::kAccepted);
  EXPECT_NE(Explain(appraised.report).find("people.data (sha256:"), std::string::npos);
  EXPECT_NE(Explain(appraised.report).find("has no header: its column names are those of the job"), std::string::npos);
  EXPECT_EQ(Explain(Appraise(Story().Bundle(), Trust() + Requirements()).report).find("has no header"),
            std::string::npos);
}

TEST(Attack, AnotherPositiveClassIsAnotherQuestion) {
  Story story;
  story.accuracy.results.push_back(MakeResult("roc-auc", "0.95", 1000));
  std::string policy = Trust() + "[[require]]\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = \"roc-auc\"\n" +
                       "dataset = \"" + Sha("people.test") + "\"\ntarget = \"income\"\n";
  const auto failed = [&](const std::string& text) { return Failed(Appraise(story.Bundle(), text).report); };
  // Without a word about it, what the model was trained for.
  EXPECT_EQ(failed(policy), Ids{});
  EXPECT_EQ(failed(policy + "positive = \">50K\"\n"), Ids{});
  EXPECT_EQ(failed(policy + "positive = \"<=50K\"\n"), Ids{"policy.require.1"});
  auto selection = PeopleSelection();
  selection.target->positive = "<=50K";
  Reselect(&*story.accuracy.dataset, selection);
  EXPECT_EQ(failed(policy), Ids{"policy.require.1"});
  EXPECT_EQ(failed(policy + "positive = \"<=50K\"\n"), Ids{});
  policy.replace(policy.find("roc-auc"), 7, "accuracy");
  EXPECT_EQ(failed(policy), Ids{});
}

TEST(Attack, AnotherTargetThanTheModelsIsAnotherQuestion) {
  Story story;
  std::string policy = Trust() + Requirements();
  policy.erase(policy.find("target = \"income\"\n"), 18);
  const auto appraised = Appraise(story.Bundle(), policy);
  EXPECT_EQ(Failed(appraised.report), Ids{});
  EXPECT_NE(Explain(appraised.report).find("the policy names no target: the numbers are about predictions of income"),
            std::string::npos);
  auto selection = PeopleSelection();
  selection.target = statement::Target{"sex", "Female", ""};
  selection.sensitive = {};
  Reselect(&*story.accuracy.dataset, selection);
  EXPECT_EQ(Failed(Appraise(story.Bundle(), policy).report),
            (Ids{"policy.require.accuracy", "policy.require.overlap"}));
  // Where no training is stated nothing pins it.
  Prover prover;
  prover.State(Story().accuracy);
  const std::string alone = Trust() +
                            "[[require]]\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = "
                            "\"accuracy\"\ndataset = \"" +
                            Sha("people.test") + "\"\n";
  const auto envelopes = prover.Finish();
  EXPECT_EQ(Failed(Appraise(envelopes, alone).report), Ids{"policy.require.1"});
  EXPECT_EQ(Failed(Appraise(envelopes, alone + "target = \"income\"\n").report), Ids{});
}

// Zero records in common is easy when the same record looks different on both sides.
TEST(Attack, OverlapOfFilesReadInDifferentWaysShowsNothing) {
  for (const int which : {0, 1, 2, 3}) {
    Story story;
    auto selection = PeopleSelection();
    if (which == 0) selection.format.trim = true;
    if (which == 1) selection.format.missing = "?";
    if (which == 2) selection.target->strip_suffix = "K";
    if (which == 3) selection.columns[0].type = statement::ColumnType::kCategorical;
    Reselect(&story.training.datasets[0], selection);
    Reselect(&*story.distribution.dataset, selection);
    Reselect(&story.overlap.references[0], selection);
    // What values are, is asked of the training data too; whether they are numbers is not.
    Ids wanted = {"policy.require.overlap"};
    if (which < 3) wanted.emplace_back("policy.require.women");
    EXPECT_EQ(Failed(Appraise(story.Bundle(), Trust() + Requirements()).report), wanted) << which;
    // With a reference that is named by its file alone, too.
    const std::string with = Trust() +
                             "[[require]]\nclaim = \"property\"\nproperty = \"overlap\"\nmetric = "
                             "\"with-label\"\nvalue = \"= 0\"\ndataset = \"" +
                             Sha("people.test") + "\"\nreference = \"" + Sha("people.data") + "\"\n";
    EXPECT_EQ(Failed(Appraise(story.Bundle(), with).report), Ids{"policy.require.1"}) << which;
    EXPECT_EQ(Failed(Appraise(Story().Bundle(), with).report), Ids{}) << which;
  }
}

}  // namespace
}  // namespace attestml::policy_test
