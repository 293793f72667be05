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

crypto::Digest256 AuthorityRoot(const std::string& authority) {
  return Must(tee::ReadSimulatedStatus(Directory(authority)), "authority").root_key_id;
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

std::vector<statement::Envelope> Story::Bundle(const std::string& measurement) const {
  Prover prover(measurement);
  for (const auto& claim : Claims()) prover.State(claim);
  return prover.Finish();
}

std::string Trust(const std::string& measurement) {
  return "[trust]\ntcb-status = [\"UpToDate\"]\n[[program]]\nname = \"prover\"\ntee = \"simulated\"\nmrenclave = \"" +
         HexEncode(DigestOf(measurement)) + "\"\nroot = \"sha256:" + HexEncode(AuthorityRoot()) +
         "\"\nmay-state = [\"training\", \"property\", \"inference\"]\n";
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
