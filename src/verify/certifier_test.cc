#include "verify/certifier.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/certificate_builder.h"
#include "statement/sample_claims.h"

namespace attestml::verify {
namespace {

constexpr Time kNow{1790000000};
constexpr std::int64_t kDay = 86400;

// Leaf, intermediate, root; each open to change before it is issued.
struct Chain {
  crypto::PrivateKey keys[3] = {crypto::PrivateKey::Generate(crypto::KeyType::kEd25519),
                                crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256),
                                crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256)};
  crypto::CertificateTemplate templates[3];
  std::size_t signers[3] = {1, 2, 2};

  Chain() {
    const char* names[] = {"ml.example.org", "Example Issuing CA", "Example Root CA"};
    for (std::size_t i = 0; i < 3; ++i) {
      auto& t = templates[i];
      t.subject = {{"CN", names[i]}};
      t.issuer = {{"CN", names[std::min<std::size_t>(i + 1, 2)]}};
      t.serial = {static_cast<std::uint8_t>(i + 1)};
      t.not_before = {kNow.unix_seconds - kDay};
      t.not_after = {kNow.unix_seconds + kDay};
      t.is_ca = i > 0;
      t.key_usage = {i > 0 ? "keyCertSign" : "digitalSignature"};
    }
  }

  statement::CertificationClaim Claim() const {
    auto out = statement::sample::SampleCertification(keys[0].public_key().spki());
    for (std::size_t i = 0; i < 3; ++i) {
      const auto der = crypto::IssueCertificate(templates[i], keys[i].public_key(), keys[signers[i]]);
      EXPECT_TRUE(der.ok());
      out.certifier_chain.push_back(*der);
    }
    return out;
  }
};

std::string Ends(const std::function<void(Chain&)>& bend, Time time = kNow) {
  Chain chain;
  bend(chain);
  const Status status = VerifyCertifierChain(chain.Claim(), time);
  return status.ok() ? "ok" : status.error().id;
}

std::string EndsClaim(const std::function<void(statement::CertificationClaim&)>& edit) {
  auto claim = Chain().Claim();
  edit(claim);
  const Status status = VerifyCertifierChain(claim, kNow);
  return status.ok() ? "ok" : status.error().id;
}

TEST(CertifierChain, Holds) {
  EXPECT_EQ(Ends([](Chain&) {}), "ok");
  EXPECT_EQ(EndsClaim([](auto& c) { c.certifier_chain.clear(); }), "ok");
  // The root may be left out: what a policy then sees last is not a root it names.
  EXPECT_EQ(EndsClaim([](auto& c) { c.certifier_chain.pop_back(); }), "ok");
  EXPECT_EQ(Ends([](Chain& c) { c.templates[2].path_length = 1; }), "ok");
  EXPECT_EQ(Ends([](Chain& c) { c.templates[1].path_length = 0; }), "ok");
  EXPECT_EQ(Ends([](Chain& c) { c.templates[0].key_usage.clear(); }), "ok");
}

TEST(CertifierChain, Signatures) {
  EXPECT_EQ(Ends([](Chain& c) { c.signers[0] = 2; }), "certifier.signature");
  EXPECT_EQ(Ends([](Chain& c) { c.signers[1] = 1; }), "certifier.signature");
  EXPECT_EQ(Ends([](Chain& c) { c.signers[2] = 1; }), "certifier.signature");
  EXPECT_EQ(Ends([](Chain& c) { c.templates[0].issuer = {{"CN", "Somebody"}}; }), "certifier.signature");
  EXPECT_EQ(EndsClaim([](auto& c) { std::swap(c.certifier_chain[1], c.certifier_chain[2]); }), "certifier.signature");
  EXPECT_EQ(EndsClaim([](auto& c) { c.certifier_chain.erase(c.certifier_chain.begin() + 1); }), "certifier.signature");
}

TEST(CertifierChain, KeyAndBytes) {
  EXPECT_EQ(EndsClaim([](auto& c) { std::swap(c.certifier_chain[0], c.certifier_chain[1]); }), "certifier.key");
  EXPECT_EQ(EndsClaim([](auto& c) { c.certifier_key.back() ^= 1; }), "certifier.key");
  EXPECT_EQ(EndsClaim([](auto& c) { c.certifier_chain[1].push_back(0); }), "cert.der");
  EXPECT_EQ(EndsClaim([](auto& c) { c.certifier_chain[2].pop_back(); }), "cert.der");
  EXPECT_EQ(EndsClaim([](auto& c) { c.certifier_chain[0] = {1, 2, 3}; }), "cert.der");
}

TEST(CertifierChain, Windows) {
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(Ends([i](Chain& c) { c.templates[i].not_after = {kNow.unix_seconds - 1}; }), "certifier.time");
    EXPECT_EQ(Ends([i](Chain& c) { c.templates[i].not_before = {kNow.unix_seconds + 1}; }), "certifier.time");
    EXPECT_EQ(Ends([i](Chain& c) { c.templates[i].not_after = kNow; }), "ok");
    EXPECT_EQ(Ends([i](Chain& c) { c.templates[i].not_before = kNow; }), "ok");
  }
}

TEST(CertifierChain, Authorities) {
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(Ends([i](Chain& c) { c.templates[i].is_ca = false; }), "certifier.authority");
    EXPECT_EQ(Ends([i](Chain& c) { c.templates[i].key_usage = {"digitalSignature"}; }), "certifier.authority");
  }
  EXPECT_EQ(Ends([](Chain& c) { c.templates[2].path_length = 0; }), "certifier.authority");
  EXPECT_EQ(Ends([](Chain& c) { c.templates[0].key_usage = {"keyCertSign"}; }), "certifier.authority");
  for (std::size_t i = 0; i < 3; ++i) {
    const auto with = [i](bool critical) {
      return Ends([=](Chain& c) { c.templates[i].extensions = {{"1.3.6.1.4.1.99999.1", critical, {0x05, 0x00}}}; });
    };
    EXPECT_EQ(with(true), "certifier.critical");
    EXPECT_EQ(with(false), "ok");
  }
}

}  // namespace
}  // namespace attestml::verify
