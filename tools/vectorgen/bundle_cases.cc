#include "vectorgen/bundle_cases.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/hex.h"
#include "statement/binding.h"
#include "vectorgen/test_random.h"

namespace attestml::vectorgen {
namespace {

// A generator that cannot make a case must not leave it out.
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "vectorgen: %s: %s\n", result.error().id.c_str(), result.error().message.c_str());
    std::abort();
  }
  return std::move(result).value();
}

}  // namespace

crypto::PrivateKey TestKey(const std::string& name, crypto::KeyType type) {
  SeedRandom("attestml test key, not a secret: " + name);
  return crypto::PrivateKey::Generate(type);
}

const tee::SimulatedKeys& VendorKeys(const std::string& name) {
  static std::map<std::string, tee::SimulatedKeys> made;
  const auto found = made.find(name);
  if (found != made.end()) return found->second;
  return made
      .emplace(name, tee::SimulatedKeys{TestKey(name + "/root"), TestKey(name + "/platform-ca"),
                                        TestKey(name + "/tcb-signer"), TestKey(name + "/pck"),
                                        TestKey(name + "/attestation")})
      .first->second;
}

tee::SimulatedAuthority Platform(const std::string& program, Time now, const std::string& vendor) {
  auto out = tee::SimulatedAuthority::Create(VendorKeys(vendor), now);
  out.program.mrenclave = DigestOf(program);
  return out;
}

std::string RootOf(const std::string& vendor) {
  return "sha256:" + HexEncode(VendorKeys(vendor).root.public_key().id());
}

std::string SignLine(const std::string& payload, const crypto::PrivateKey& key) {
  SeedRandom("signature " + HexEncode(key.public_key().id()) + payload);
  return statement::WriteEnvelope(statement::SignEnvelope(payload, key));
}

BundleProver::BundleProver(tee::SimulatedAuthority platform, const std::string& key_name)
    : platform_(std::move(platform)), key_(TestKey(key_name)) {}

std::string BundleProver::LineOf(const std::string& payload) const { return SignLine(payload, key_); }

std::string BundleProver::Line(const statement::Claim& claim) const { return LineOf(statement::WriteStatement(claim)); }

std::string BundleProver::Package(const crypto::Digest256& target, const std::string& nonce) const {
  // The same for each quote, so that the certificates of a platform are the same in each.
  SeedRandom("evidence");
  const auto report_data =
      statement::ReportData(key_.public_key().id(), target, statement::NonceDigest(Must(HexDecode(nonce))));
  return evidence::EncodeCmw(Must(tee::IssueEvidence(platform_, report_data)));
}

statement::EvidenceClaim BundleProver::KeyEvidence(const std::string& nonce) const {
  statement::EvidenceClaim out;
  out.target = key_.public_key().id();
  out.session_key = key_.public_key().spki();
  out.cmw = Package({}, nonce);
  out.nonce = nonce;
  return out;
}

statement::EvidenceClaim BundleProver::StatementEvidence(const std::string& payload) const {
  statement::EvidenceClaim out;
  out.for_statement = true;
  out.target = crypto::Sha256(statement::Pae(payload));
  out.session_key = key_.public_key().spki();
  out.cmw = Package(out.target, "");
  return out;
}

std::vector<std::string> BundleProver::Lines(const Story& story) const {
  std::vector<std::string> out;
  for (const auto& claim : story.Claims()) out.push_back(Line(claim));
  out.push_back(Evidence());
  return out;
}

Text Bundle(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return {{std::move(text)}};
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
    std::fprintf(stderr, "vectorgen: not there exactly once: %.*s\n", static_cast<int>(from.size()), from.data());
    std::abort();
  }
  return text.replace(at, from.size(), to);
}

std::string Flipped(std::string text, std::size_t at) {
  text[at] = static_cast<char>(text[at] ^ 1);
  return text;
}

std::string TrustTable(const std::string& trust) {
  return "[trust]\ntcb-status = [\"UpToDate\"]\nas-of = true\n" + trust;
}

std::string ProgramTable(const std::string& program, const std::string& tee, const std::string& root,
                         const std::string& may_state) {
  return "\n[[program]]\nname = \"" + program + "\"\ntee = \"" + tee + "\"\nmrenclave = \"" +
         HexEncode(DigestOf(program)) + "\"\n" + (tee == "simulated" ? "root = \"" + root + "\"\n" : "") +
         "may-state = " + may_state + "\n";
}

std::string HonestPolicy() { return TrustTable() + ProgramTable() + Requirements(); }

BundleCase& BundleCaseBuilder::Add(std::string_view name, std::string_view expect, std::string_view why) {
  return Add(name, expect, why, Story());
}

BundleCase& BundleCaseBuilder::Add(std::string_view name, std::string_view expect, std::string_view why,
                                   const Story& story) {
  BundleCase out;
  out.name = name;
  out.attack = attack_;
  out.why = why;
  out.expect = expect;
  out.bundles = {Bundle(BundleProver().Lines(story))};
  out.policy = {{HonestPolicy()}};
  return cases_.emplace_back(std::move(out));
}

std::deque<BundleCase> MakeBundleCases() {
  BundleCaseBuilder builder;
  AddByteCases(&builder);
  AddWordCases(&builder);
  AddTimeCases(&builder);
  AddStampCases(&builder);
  AddClaimCases(&builder);
  AddQuestionCases(&builder);
  AddPolicyCases(&builder);
  return std::move(builder).Take();
}

}  // namespace attestml::vectorgen
