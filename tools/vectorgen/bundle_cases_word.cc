// Whose word it is: evidence, the key that it vouches for, the program, and the root that it ends at.
#include <algorithm>

#include "base/hex.h"
#include "vectorgen/bundle_cases.h"

namespace attestml::vectorgen {
namespace {

using statement::WriteStatement;

// The honest statements by `prover`, without its evidence, and then `evidence`.
std::vector<Text> Statements(const BundleProver& prover, const std::vector<std::string>& evidence) {
  auto lines = prover.Lines(Story());
  lines.pop_back();
  lines.insert(lines.end(), evidence.begin(), evidence.end());
  return {Bundle(lines)};
}

// The same line with its key id replaced by that of `key`.
std::string Claiming(const std::string& line, const crypto::PrivateKey& key) {
  auto envelope = statement::ParseEnvelope(line).value();
  envelope.key_id = key.public_key().id();
  return statement::WriteEnvelope(envelope);
}

void AddSplices(BundleCaseBuilder* b) {
  const BundleProver prover;
  const BundleProver other(Platform(), "another session");
  b->Attack("evidence of another bundle, key, statement or nonce");
  b->Add("evidence-with-nonce", "accepted", "evidence may be asked for with a nonce").bundles =
      Statements(prover, {prover.Evidence("0102")});
  b->Add("evidence-before-its-statements", "accepted", "the order of lines decides nothing").bundles = [&] {
    auto lines = prover.Lines(Story());
    std::reverse(lines.begin(), lines.end());
    return std::vector<Text>{Bundle(lines)};
  }();
  b->Add("evidence-in-another-file", "accepted", "statements and evidence may come in two files").bundles = [&] {
    auto files = Statements(prover, {});
    files.push_back(Bundle({prover.Evidence()}));
    return files;
  }();
  b->Add("evidence-of-another-bundle", "untrusted bundle.no_evidence", "any evidence would do for any statement")
      .bundles = Statements(prover, {other.Evidence()});
  const auto wrapped = [&](const statement::EvidenceClaim& wrapping, const statement::EvidenceClaim& quoted) {
    auto claim = wrapping;
    claim.cmw = quoted.cmw;
    return Statements(prover, {prover.Line(claim)});
  };
  b->Add("evidence-of-another-key", "untrusted binding.report_data", "a quote for one key would vouch for another")
      .bundles = wrapped(prover.KeyEvidence(), other.KeyEvidence());
  b->Add("evidence-line-of-another-key", "untrusted bundle.session_key", "a line would be signed by a key it is not of")
      .bundles = Statements(prover, {prover.Line(other.KeyEvidence())});
  b->Add("evidence-of-another-nonce", "untrusted binding.report_data", "old evidence would pass for fresh").bundles =
      wrapped(prover.KeyEvidence("0103"), prover.KeyEvidence("0102"));
  b->Add("evidence-nonce-made-longer", "untrusted binding.report_data", "a nonce would be padded").bundles =
      wrapped(prover.KeyEvidence("010200"), prover.KeyEvidence("0102"));
  b->Add("evidence-nonce-left-out", "untrusted binding.report_data", "a nonce would be dropped").bundles =
      wrapped(prover.KeyEvidence(), prover.KeyEvidence("0102"));
  b->Add("evidence-nonce-made-up", "untrusted binding.report_data", "evidence made for nobody would pass for fresh")
      .bundles = wrapped(prover.KeyEvidence("00"), prover.KeyEvidence());

  const std::string training = WriteStatement(Story().training);
  const std::string inference = WriteStatement(Story().inference);
  const auto only_training = [](BundleCase* c) {
    c->policy = {{TrustTable() + ProgramTable() + "\n[[require]]\nid = \"training\"\nclaim = \"training\"\n"}};
  };
  auto& each = b->Add("evidence-for-each-statement", "accepted", "a quote may vouch for one statement");
  each.bundles = {Bundle({prover.LineOf(training), prover.Line(prover.StatementEvidence(training)),
                          prover.LineOf(inference), prover.Line(prover.StatementEvidence(inference))})};
  only_training(&each);
  auto& missing = b->Add("evidence-for-another-statement", "untrusted bundle.no_evidence",
                         "a quote for one statement would vouch for all of its key");
  missing.bundles = {
      Bundle({prover.LineOf(training), prover.LineOf(inference), prover.Line(prover.StatementEvidence(training))})};
  only_training(&missing);
  auto& retargeted = b->Add("evidence-retargeted", "untrusted binding.report_data", "a target would be rewritten");
  retargeted.bundles = {Bundle({prover.LineOf(training), [&] {
                                  auto claim = prover.StatementEvidence(training);
                                  claim.cmw = prover.StatementEvidence(inference).cmw;
                                  return prover.Line(claim);
                                }()})};
  only_training(&retargeted);
  b->Add("evidence-of-a-statement-for-the-key", "untrusted binding.report_data",
         "a quote for one statement would vouch for all of its key")
      .bundles = wrapped(prover.KeyEvidence(), prover.StatementEvidence(training));
}

void AddKeys(BundleCaseBuilder* b) {
  const BundleProver prover;
  const BundleProver other(Platform(), "another session");
  const std::string inference = WriteStatement(Story().inference);
  b->Attack("statement signed by a key without evidence");
  const auto beside = [&](const std::vector<std::string>& more) {
    auto lines = prover.Lines(Story());
    lines.insert(lines.end(), more.begin(), more.end());
    return std::vector<Text>{Bundle(lines)};
  };
  b->Add("keys-two-with-evidence", "accepted", "several provers may fill one bundle").bundles =
      beside({other.LineOf(inference), other.Evidence()});
  b->Add("keys-one-without-evidence", "untrusted bundle.no_evidence", "anybody's key would do").bundles =
      beside({other.LineOf(inference)});
  b->Add("keys-no-evidence-at-all", "untrusted bundle.no_evidence", "anybody's key would do").bundles =
      Statements(prover, {});
  b->Add("keys-borrowed-id", "untrusted bundle.signature", "a key id would be believed").bundles =
      beside({Claiming(other.LineOf(inference), prover.key())});
  b->Add("keys-statement-rewritten", "untrusted bundle.signature", "a signature would be of another statement")
      .bundles = beside({[&] {
    auto envelope = statement::ParseEnvelope(prover.LineOf(inference)).value();
    envelope.payload = Replaced(envelope.payload, "answers.csv", "altered.csv");
    return statement::WriteEnvelope(envelope);
  }()});
  b->Add("keys-certifier-states", "untrusted bundle.key_role", "an organisation's key would state what ran").bundles =
      beside({[&] {
        statement::CertificationClaim claim;
        claim.subject = {"model.safetensors", DigestOf("model")};
        claim.kind = "model";
        claim.name = "Model One";
        claim.certifier_key = prover.key().public_key().spki();
        return prover.Line(claim);
      }()});
}

void AddPrograms(BundleCaseBuilder* b) {
  const BundleProver prover;
  const std::string all = R"(["training", "property", "inference"])";

  b->Attack("simulated evidence under a policy that names only sgx");
  b->Add("sgx-and-simulated-named", "accepted", "a policy may name both").policy = {
      {TrustTable() + ProgramTable("other", "sgx") + ProgramTable() + Requirements()}};
  b->Add("sgx-only-simulated-evidence", "untrusted sgx.pck.chain", "no hardware would pass for hardware").policy = {
      {TrustTable() + ProgramTable("prover", "sgx") + Requirements()}};

  b->Attack("simulated evidence whose MRENCLAVE equals an sgx entry's");
  b->Add("same-measurement-both-named", "accepted", "one program may be listed for both").policy = {
      {TrustTable() + ProgramTable("prover", "sgx") + ProgramTable() + Requirements()}};
  // Nobody whose word counts speaks of any model.
  const std::string word_of_nobody =
      " policy.model policy.require.accuracy policy.require.overlap policy.require.training policy.require.women";
  b->Add("same-measurement-sgx-named", "rejected policy.program" + word_of_nobody,
         "simulated evidence would match a hardware entry by its measurement")
      .policy = {{TrustTable() + ProgramTable("prover", "sgx") + ProgramTable("other") + Requirements()}};

  b->Attack("another program's measurement");
  b->Add("program-of-the-policy", "accepted", "the program that the policy names must pass");
  b->Add("program-patched", "rejected policy.program" + word_of_nobody, "any program's word would count").bundles = {
      Bundle(BundleProver(Platform("patched")).Lines(Story()))};
  b->Add("program-stranger-beside", "rejected policy.program", "a policy is closed: who is not named is refused")
      .bundles = [&] {
    const BundleProver stranger(Platform("stranger"), "another session");
    auto claim = Story().accuracy;
    claim.dataset = People("third.test", 10);
    auto lines = prover.Lines(Story());
    lines.insert(lines.end(), {stranger.Line(claim), stranger.Evidence()});
    return std::vector<Text>{Bundle(lines)};
  }();
  auto& root = b->Add("program-of-another-root", "rejected policy.root" + word_of_nobody,
                      "anybody can run a simulated root and give it any program");
  root.bundles = {Bundle(BundleProver(Platform("prover", kBundleTime, "another vendor")).Lines(Story()))};
  root.policy = {
      {TrustTable() + ProgramTable() + ProgramTable("other", "simulated", RootOf("another vendor")) + Requirements()}};
  b->Add("program-of-an-unknown-root", "untrusted sgx.pck.chain", "anybody's root would be one").bundles = root.bundles;
  auto debug = Platform();
  debug.program.flags |= tee::kSgxFlagDebug;
  b->Add("program-in-debug-mode", "rejected policy.debug" + word_of_nobody, "anybody can change a debug enclave")
      .bundles = {Bundle(BundleProver(debug).Lines(Story()))};

  b->Attack("program that may not state this predicate");
  b->Add("may-state-what-it-states", "accepted", "what a program may state must count").policy = {
      {TrustTable() + ProgramTable("prover", "simulated", RootOf(), all) + Requirements()}};
  b->Add("may-not-state-properties",
         "rejected policy.may_state policy.require.accuracy policy.require.overlap policy.require.women",
         "a program would speak of what it was not trusted with")
      .policy = {
      {TrustTable() + ProgramTable("prover", "simulated", RootOf(), R"(["training", "inference"])") + Requirements()}};
  b->Add("may-state-nothing", "rejected policy.may_state" + word_of_nobody, "an empty list would allow everything")
      .policy = {{TrustTable() + ProgramTable("prover", "simulated", RootOf(), "[]") + Requirements()}};

  b->Attack("one key with two programs");
  const auto twice = [&](const tee::SimulatedAuthority& second) {
    auto lines = prover.Lines(Story());
    lines.push_back(BundleProver(second).Evidence("0102"));
    return std::vector<Text>{Bundle(lines)};
  };
  constexpr std::string_view kWhy = "a key would have left the program that it was born in";
  b->Add("key-one-program-twice", "accepted", "a key may have evidence twice").bundles = twice(Platform());
  b->Add("key-two-measurements", "untrusted bundle.key_two_programs", kWhy).bundles = twice(Platform("patched"));
  auto newer = Platform();
  newer.program.isvsvn += 1;
  b->Add("key-two-versions", "untrusted bundle.key_two_programs", kWhy).bundles = twice(newer);
  b->Add("key-two-debug", "untrusted bundle.key_two_programs", kWhy).bundles = twice(debug);
  auto configured = Platform();
  configured.program.config_id[0] ^= 1;
  b->Add("key-two-configurations", "untrusted bundle.key_two_programs", kWhy).bundles = twice(configured);
  auto& roots = b->Add("key-two-roots", "untrusted bundle.key_two_programs", kWhy);
  roots.bundles = twice(Platform("prover", kBundleTime, "another vendor"));
  roots.policy = {
      {TrustTable() + ProgramTable() + ProgramTable("other", "simulated", RootOf("another vendor")) + Requirements()}};
}

}  // namespace

void AddWordCases(BundleCaseBuilder* b) {
  AddSplices(b);
  AddKeys(b);
  AddPrograms(b);
}

}  // namespace attestml::vectorgen
