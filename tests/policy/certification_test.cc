// Who may speak for what: bare keys and certificate chains.
#include "base/hex.h"
#include "crypto/certificate_builder.h"
#include "world.h"

namespace attestml::policy_test {
namespace {

using Ids = std::vector<std::string>;
using crypto::KeyType;
using crypto::PrivateKey;

statement::Envelope Certify(const PrivateKey& key, const std::string& kind, const std::string& artifact,
                            const std::string& name, std::vector<Bytes> chain = {}) {
  statement::CertificationClaim claim;
  claim.subject = {artifact, DigestOf(artifact)};
  claim.kind = kind;
  claim.name = name;
  claim.certifier_key = key.public_key().spki();
  claim.certifier_chain = std::move(chain);
  return statement::SignEnvelope(statement::WriteStatement(claim), key);
}

std::string Certifier(const std::string& keys, const std::string& may = "[\"model\"]") {
  return "[[certifier]]\nname = \"lab\"\n" + keys + "may-certify = " + may + "\n";
}
std::string KeyOf(const PrivateKey& key) { return "key = \"sha256:" + HexEncode(key.public_key().id()) + "\"\n"; }
const char* const kRequire =
    "[[require]]\nid = \"name\"\nclaim = \"certification\"\ncertifier = \"lab\"\nas = \"Model One\"\n";

Ids FailedOf(const statement::Envelope& certification, const std::string& certifier) {
  auto envelopes = Story().Bundle();
  envelopes.push_back(certification);
  return Failed(Appraise(envelopes, Trust() + certifier + Requirements() + kRequire).report);
}

TEST(Certification, ABareKeySpeaksForWhatThePolicySays) {
  for (const KeyType type : {KeyType::kEd25519, KeyType::kEcdsaP256}) {
    const auto key = PrivateKey::Generate(type);
    EXPECT_EQ(FailedOf(Certify(key, "model", "model", "Model One"), Certifier(KeyOf(key))), Ids{});
    EXPECT_EQ(FailedOf(Certify(key, "model", "model", "Model Two"), Certifier(KeyOf(key))), Ids{"policy.require.name"});
    EXPECT_EQ(FailedOf(Certify(key, "model", "other", "Model One"), Certifier(KeyOf(key))), Ids{"policy.require.name"});
    EXPECT_EQ(FailedOf(Certify(key, "dataset", "model", "Model One"), Certifier(KeyOf(key))),
              Ids{"policy.require.name"});
    const auto stranger = PrivateKey::Generate(type);
    EXPECT_EQ(FailedOf(Certify(stranger, "model", "model", "Model One"), Certifier(KeyOf(key))),
              Ids{"policy.require.name"});
  }
}

TEST(Certification, AStrangersCertificationChangesNothing) {
  const auto key = PrivateKey::Generate(KeyType::kEd25519);
  auto envelopes = Story().Bundle();
  envelopes.push_back(Certify(key, "model", "some other model", "Trojan"));
  const auto appraised = Appraise(envelopes, Trust() + Requirements());
  EXPECT_EQ(Failed(appraised.report), Ids{});
  EXPECT_NE(Explain(appraised.report).find("policy.certifier"), std::string::npos);
}

TEST(Certification, OfDatasets) {
  const auto key = PrivateKey::Generate(KeyType::kEd25519);
  auto envelopes = Story().Bundle();
  const std::string policy = Trust() + Certifier(KeyOf(key), "[\"dataset\"]") +
                             "[[require]]\nclaim = \"certification\"\ncertifier = \"lab\"\nof = \"training-data\"\n";
  EXPECT_EQ(Failed(Appraise(envelopes, policy).report), Ids{"policy.require.1"});
  envelopes.push_back(Certify(key, "dataset", "people.data", "People"));
  const auto appraised = Appraise(envelopes, policy);
  EXPECT_EQ(Failed(appraised.report), Ids{});
  EXPECT_NE(appraised.report.sentence.find("lab certifies dataset people.data"), std::string::npos);
}

struct Pki {
  PrivateKey root = PrivateKey::Generate(KeyType::kEcdsaP256);
  PrivateKey middle = PrivateKey::Generate(KeyType::kEcdsaP256);
  PrivateKey leaf = PrivateKey::Generate(KeyType::kEcdsaP256);

  static Bytes Issue(const std::string& subject, const PrivateKey& key, const std::string& issuer, const PrivateKey& by,
                     bool ca, std::optional<long> path = std::nullopt, std::int64_t until = 1'000'000) {
    crypto::CertificateTemplate t;
    t.subject = {{"CN", subject}};
    t.issuer = {{"CN", issuer}};
    t.serial = {0x01};
    t.not_before = Time{kNow.unix_seconds - 1'000'000};
    t.not_after = Time{kNow.unix_seconds + until};
    t.is_ca = ca;
    t.path_length = path;
    t.key_usage = ca ? std::vector<std::string>{"keyCertSign"} : std::vector<std::string>{"digitalSignature"};
    auto der = crypto::IssueCertificate(t, key.public_key(), by);
    EXPECT_TRUE(der.ok());
    return std::move(der).value();
  }
  std::vector<Bytes> Chain(const std::string& name = "Lab One") const {
    return {Issue(name, leaf, "Middle", middle, false), Issue("Middle", middle, "Root", root, true, 0),
            Issue("Root", root, "Root", root, true)};
  }
  std::string Keys(const std::string& subject = "Lab One") const {
    return "root = \"sha256:" + HexEncode(root.public_key().id()) + "\"\nsubject = \"" + subject + "\"\n";
  }
};

TEST(Certification, AChainEndsAtTheNamedRootWithTheNamedLeaf) {
  const Pki pki, other;
  const auto of = [&](std::vector<Bytes> chain, const std::string& keys) {
    return FailedOf(Certify(pki.leaf, "model", "model", "Model One", std::move(chain)), Certifier(keys));
  };
  EXPECT_EQ(of(pki.Chain(), pki.Keys()), Ids{});
  EXPECT_EQ(of(pki.Chain("Lab Two"), pki.Keys()), Ids{"policy.require.name"});
  EXPECT_EQ(of(pki.Chain(), other.Keys()), Ids{"policy.require.name"});
  EXPECT_EQ(of({}, pki.Keys()), Ids{"policy.require.name"});
  // The root left out: whose signature the middle bears cannot be told.
  auto cut = pki.Chain();
  cut.pop_back();
  EXPECT_EQ(of(cut, pki.Keys()), Ids{"policy.require.name"});
}

TEST(Certification, ALeafIsNoAuthority) {
  const Pki pki;
  // A leaf that may not sign statements.
  auto chain = pki.Chain();
  chain[0] = Pki::Issue("Lab One", pki.leaf, "Middle", pki.middle, true);
  auto envelopes = Story().Bundle();
  envelopes.push_back(Certify(pki.leaf, "model", "model", "Model One", chain));
  const auto policy = Parse(Trust() + Certifier(pki.Keys()) + Requirements() + kRequire);
  const auto outcome = verify::VerifyBundle(envelopes, {}, policy.anchors, kNow);
  // Either verification or the policy refuses it; nobody accepts.
  if (outcome.bundle.ok()) {
    EXPECT_EQ(Failed(policy::Appraise(*outcome.bundle, policy, {})), Ids{"policy.require.name"});
  }
}

}  // namespace
}  // namespace attestml::policy_test
