#include "world.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/hex.h"
#include "statement/binding.h"
#include "tee/simulated.h"

namespace attestml::policy_test {
namespace {

using statement::PropertyClaim;

// Fails the test run loudly: a world that cannot be built tests nothing.
template <typename T>
T Must(Result<T> result, const char* what) {
  if (!result.ok()) {
    ADD_FAILURE() << what << ": " << result.error().id << ": " << result.error().message;
    std::abort();
  }
  return std::move(result).value();
}

// Authorities live in a folder that goes away with the process.
struct Authorities {
  std::filesystem::path root;
  Authorities() {
    std::string name = (std::filesystem::temp_directory_path() / "attestml-policy-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    root = name;
  }
  ~Authorities() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
};

std::string Directory(const std::string& authority) {
  static const Authorities authorities;
  static std::set<std::string> made;
  const std::string directory = (authorities.root / authority).string();
  if (made.insert(authority).second) {
    const Status status = tee::InitSimulated(directory, kNow);
    if (!status.ok()) {
      ADD_FAILURE() << status.error().message;
      std::abort();
    }
  }
  return directory;
}

}  // namespace

crypto::Digest256 DigestOf(std::string_view name) { return crypto::Sha256(AsBytes(name)); }
std::string Sha(std::string_view name) { return "sha256:" + HexEncode(DigestOf(name)); }

crypto::Digest256 AuthorityRoot(const std::string& authority) {
  return Must(tee::ReadSimulatedStatus(Directory(authority)), "authority").root_key_id;
}

statement::Selection PeopleSelection() {
  statement::Selection selection;
  selection.columns = {{"age", statement::ColumnType::kNumeric, true},
                       {"sex", statement::ColumnType::kCategorical, true},
                       {"income", statement::ColumnType::kCategorical, true}};
  selection.target = statement::Target{"income", ">50K", ""};
  selection.sensitive = {"sex"};
  return selection;
}

void Reselect(statement::DatasetUse* use, const statement::Selection& selection) {
  use->selection = selection;
  use->selection_digest = statement::SelectionDigest(selection);
}

statement::DatasetUse People(const std::string& file, std::uint64_t count, const std::string& role) {
  statement::DatasetUse use;
  use.file = {file, DigestOf(file)};
  Reselect(&use, PeopleSelection());
  use.records = {count, DigestOf("records of " + file)};
  use.role = role;
  return use;
}

statement::Run RunOf(const std::string& nonce) {
  statement::Run run;
  run.program = "attestml-prover 0.1.0";
  run.job = Json{{"version", 1}, {"train", Json{{"epochs", 5}, {"learning-rate", "0.001"}}}};
  run.engine = "torch";
  run.engine_details = Json{{"version", "1.13"}};
  run.libraries = {{"libtorch_cpu.so", "0a0b"}};
  run.seeds = {{"training", "1", "job"}};
  run.nonce = nonce;
  return run;
}

statement::MetricResult MakeResult(const std::string& metric, const std::string& value, std::uint64_t count) {
  statement::MetricResult result;
  result.metric = metric;
  result.value = value;
  result.count = count;
  return result;
}

Prover::Prover(const std::string& measurement, const std::string& authority)
    : measurement_(measurement),
      authority_(authority),
      key_(crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256)) {}

void Prover::State(const statement::Claim& claim) {
  const std::string text = statement::WriteStatement(claim);
  Must(statement::ParseStatement(text), "statement");
  lines_.push_back(statement::SignEnvelope(text, key_));
}

std::vector<statement::Envelope> Prover::Finish() {
  auto device = Must(tee::OpenSimulated(Directory(authority_), DigestOf(measurement_), kNow), "device");
  const auto& key = key_.public_key();
  const auto package = Must(device->Attest(statement::ReportData(key.id(), {}, {})), "evidence");
  statement::EvidenceClaim claim;
  claim.target = key.id();
  claim.session_key = key.spki();
  claim.cmw = evidence::EncodeCmw(package);
  State(claim);
  return lines_;
}

Story::Story() {
  training.model = {"model.safetensors", DigestOf("model")};
  training.run = RunOf();
  training.datasets = {People("people.data", 3000, "train")};
  training.byproducts = {{"training-log.csv", DigestOf("log")}};
  training.steps = 60;
  training.epochs = 5;

  distribution.property = "distribution";
  distribution.implementation = "distribution/1";
  distribution.parameters = Json::object();
  distribution.run = RunOf();
  distribution.dataset = People("people.data", 3000);
  auto share = MakeResult("proportion", "0.33", 3000);
  share.where = {{"sex", "Female"}};
  distribution.results = {share};

  accuracy.property = "accuracy";
  accuracy.implementation = "accuracy/1";
  accuracy.parameters = Json{{"slices", Json::array({"sex"})}};
  accuracy.run = RunOf();
  accuracy.model = training.model;
  accuracy.dataset = People("people.test", 1000);
  accuracy.predictions = "model";
  auto whole = MakeResult("accuracy", "0.85", 1000);
  whole.interval = statement::Interval{"wilson", "0.95", "0.8265", "0.8708"};
  auto women = MakeResult("accuracy", "0.9", 300);
  women.slice = {{"sex", "Female"}};
  accuracy.results = {whole, women};

  overlap.property = "overlap";
  overlap.implementation = "overlap/1";
  overlap.parameters = Json::object();
  overlap.run = RunOf();
  overlap.dataset = People("people.test", 1000);
  overlap.references = {People("people.data", 3000)};
  auto each = MakeResult("with-label", "0", 1000);
  each.at = HexEncode(overlap.references[0].records.root);
  overlap.results = {MakeResult("with-label", "0", 1000), each};

  inference.output = {"answers.csv", DigestOf("answers")};
  inference.input = {"rows.csv", DigestOf("rows")};
  inference.model = training.model;
  inference.parameters = Json::object();
  inference.run = RunOf("0a0b");
}

std::vector<statement::Envelope> Story::Bundle(const std::string& measurement) const {
  Prover prover(measurement);
  prover.State(training);
  prover.State(distribution);
  prover.State(accuracy);
  prover.State(overlap);
  prover.State(inference);
  for (const auto& claim : more) prover.State(claim);
  return prover.Finish();
}

std::string Trust(const std::string& measurement) {
  return "[trust]\ntcb-status = [\"UpToDate\"]\n[[program]]\nname = \"prover\"\ntee = \"simulated\"\nmrenclave = \"" +
         HexEncode(DigestOf(measurement)) + "\"\nroot = \"sha256:" + HexEncode(AuthorityRoot()) +
         "\"\nmay-state = [\"training\", \"property\", \"inference\"]\n";
}

std::string Requirements() {
  return R"(
[[require]]
id = "accuracy"
claim = "property"
property = "accuracy"
metric = "accuracy"
dataset = ")" +
         Sha("people.test") + R"("
target = "income"
value = ">= 0.80"
on = "interval.lower"
min-count = 1000
[[require]]
id = "women"
claim = "property"
property = "distribution"
of = "training-data"
where = { column = "sex", value = "Female" }
metric = "proportion"
value = "0.30..0.35"
[[require]]
id = "overlap"
claim = "property"
property = "overlap"
metric = "with-label"
value = "= 0"
[[require]]
id = "training"
claim = "training"
job = { "train.epochs" = 5, "train.learning-rate" = 0.001 }
datasets = [")" +
         Sha("people.data") + R"("]
)";
}

verify::VerifiedBundle Verified(const std::vector<statement::Envelope>& envelopes,
                                const std::vector<std::string>& authorities) {
  std::vector<verify::TrustAnchor> anchors;
  for (const auto& authority : authorities) anchors.push_back({"simulated", AuthorityRoot(authority), true});
  return Must(verify::VerifyBundle(envelopes, {}, anchors, kNow).bundle, "bundle");
}

policy::Policy Parse(const std::string& toml) { return Must(policy::ParsePolicy(toml, "policy.toml"), "policy"); }

Appraised Appraise(const std::vector<statement::Envelope>& envelopes, const std::string& policy,
                   const policy::Question& question) {
  Appraised out;
  const policy::Policy parsed = Parse(policy);
  out.bundle = std::make_unique<verify::VerifiedBundle>(
      Must(verify::VerifyBundle(envelopes, {}, parsed.anchors, kNow).bundle, "bundle"));
  out.report = policy::Appraise(*out.bundle, parsed, question);
  return out;
}

std::vector<std::string> Failed(const policy::Report& report) {
  std::set<std::string> ids;
  for (const auto& check : report.checks) {
    if (check.verdict == verify::CheckVerdict::kFail) ids.insert(check.id);
  }
  return {ids.begin(), ids.end()};
}

std::string Explain(const policy::Report& report) { return policy::ReportToText(report, false); }

}  // namespace attestml::policy_test
