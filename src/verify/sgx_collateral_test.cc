// Collateral as a relying party keeps it: many documents, some that we cannot read, and how old what was used is.
#include "verify/sgx_collateral.h"

#include <gtest/gtest.h>

#include "crypto/der.h"
#include "verify/sgx_platform_for_test.h"

namespace attestml::verify {
namespace {

using test::Days;
using test::Der;
using test::Platform;
using test::TestTime;

std::string Judge(const Platform& platform, const std::vector<evidence::CollateralItem>& extra) {
  const TrustAnchor anchors[] = {platform.Anchor()};
  const auto outcome = VerifyEvidence(platform.Package(), extra, anchors, TestTime());
  return outcome.evidence.ok() ? outcome.evidence->tcb_status() : outcome.evidence.error().id;
}

TEST(SgxCollateral, IsAsOldAsItsOldestDocument) {
  const std::pair<Time Platform::*, Time Platform::*> documents[] = {
      {&Platform::info_from, &Platform::info_until},
      {&Platform::qe_from, &Platform::qe_until},
      {&Platform::root_crl_from, &Platform::root_crl_until},
      {&Platform::pck_crl_from, &Platform::pck_crl_until}};
  for (const auto& [from, until] : documents) {
    Platform platform;
    platform.root_crl_from = Days(-7);
    platform.*from = Days(-200);
    const TrustAnchor anchors[] = {platform.Anchor()};
    const auto old = VerifyEvidence(platform.Package(), {}, anchors, TestTime());
    ASSERT_TRUE(old.evidence.ok()) << old.evidence.error().message;
    EXPECT_EQ(old.evidence->collateral_issued(), Days(-200));
    EXPECT_GT(old.evidence->valid_from(), Days(-11));
    // Only what is used counts: a newer document takes the old one's place.
    Platform renewed = platform;
    renewed.*from = Days(-1);
    const auto outcome = VerifyEvidence(platform.Package(), renewed.Collateral(), anchors, TestTime());
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    EXPECT_GE(outcome.evidence->collateral_issued(), Days(-10));
    EXPECT_EQ(outcome.evidence->valid_from(), Days(-1));
  }
}

// A document is worth no longer than its signer's certificate, and each may have a signer of its own.
TEST(SgxCollateral, IsGoodNoLongerThanItsSigner) {
  const Platform platform;
  Platform second = platform;
  second.tcb = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  second.edit = [](const std::string& role, auto* t) {
    if (role != "tcb") return;
    t->serial = {5};
    t->not_before = Days(-2);
    t->not_after = Days(3);
  };
  const auto by_second = second.Collateral();
  for (const std::size_t document : {0U, 1U}) {  // TCB info, QE identity
    auto package = platform.Package();
    package.collateral[document] = by_second[document];
    package.collateral.push_back(by_second.back());
    const TrustAnchor anchors[] = {platform.Anchor()};
    const auto outcome = VerifyEvidence(package, {}, anchors, TestTime());
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    EXPECT_EQ(outcome.evidence->valid_from(), Days(-2)) << document;
    EXPECT_EQ(outcome.evidence->valid_until(), Days(3)) << document;
  }
}

TEST(SgxCollateral, NothingIsSignedWithoutASigner) {
  const Platform platform;
  const auto items = platform.Collateral();
  SgxDocuments documents;
  for (const auto& item : items) ASSERT_TRUE(documents.Add(item).ok());
  const auto info = FindTcbInfo(documents, {}, {}, "SGX", TestTime());
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.error().id, "sgx.tcb_info.signature");
  const auto identity = FindQeIdentity(documents, {}, "SGX", TestTime());
  ASSERT_FALSE(identity.ok());
  EXPECT_EQ(identity.error().id, "sgx.qe_identity.signature");
  const auto later = FindLaterTcbInfo(documents, {}, {}, "SGX", Days(-60));
  ASSERT_TRUE(later.ok());
  EXPECT_FALSE(*later);
}

// A CRL's signed part, cut into its elements so that a test can write what IssueCrl would not.
struct CrlParts {
  Bytes version, algorithm, issuer, this_update, next_update;
};

CrlParts PartsOf(const Bytes& der) {
  crypto::DerReader outer(der);
  crypto::DerReader crl;
  crypto::DerReader tbs;
  EXPECT_TRUE(outer.ReadSequence(&crl) && crl.ReadSequence(&tbs));
  CrlParts out;
  for (Bytes* part : {&out.version, &out.algorithm, &out.issuer, &out.this_update, &out.next_update}) {
    crypto::DerValue value;
    EXPECT_TRUE(tbs.Read(&value));
    *part = ToBytes(value.full);
  }
  return out;
}

Bytes Join(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bytes SignCrl(const std::vector<Bytes>& tbs_parts, const Bytes& algorithm, const crypto::PrivateKey& key) {
  const Bytes tbs = Der(0x30, Join(tbs_parts));
  return Der(0x30, Join({tbs, algorithm, Der(0x03, Join({{0}, key.Sign(tbs)}))}));
}

// Each revokes the PCK certificate in a way that OpenSSL reads, or not, and that we do not take for a whole list.
TEST(SgxCollateral, SignedCrlsThatCannotBeReadAreNotPassedOver) {
  const Platform platform;
  const CrlParts p = PartsOf(platform.PckCrl());
  const Bytes critical = Der(0x01, Bytes{0xff});
  const auto entry = [&](const Bytes& serial, const Bytes& extensions) {
    return Der(0x30, Der(0x30, Join({serial, p.this_update, extensions})));
  };
  const auto entry_extension = [&](const Bytes& oid, const Bytes& mark, const Bytes& value) {
    return Der(0x30, Der(0x30, Join({Der(0x06, oid), mark, Der(0x04, value)})));
  };
  const Bytes serial = Der(0x02, Bytes{0x70, 4});
  const struct {
    const char* what;
    std::vector<Bytes> parts;
    const char* want;
  } cases[] = {
      {"readable",
       {p.version, p.algorithm, p.issuer, p.this_update, p.next_update, entry(serial, {})},
       "sgx.revocation.pck"},
      {"no next update", {p.version, p.algorithm, p.issuer, p.this_update, entry(serial, {})}, "crl.der"},
      {"negative serial",
       {p.version, p.algorithm, p.issuer, p.this_update, p.next_update, entry(Der(0x02, Bytes{0x80}), {})},
       "crl.der"},
      {"no date",
       {p.version, p.algorithm, p.issuer, p.this_update, Der(0x17, ToBytes(AsBytes("991399999999Z"))),
        entry(serial, {})},
       "crl.der"},
      {"entries that are none",
       {p.version, p.algorithm, p.issuer, p.this_update, p.next_update, Der(0x30, serial)},
       "crl.der"},
      {"another algorithm inside",
       {p.version, Der(0x30, Der(0x06, Bytes{0x2b, 0x65, 0x70})), p.issuer, p.this_update, p.next_update,
        entry(serial, {})},
       "crl.der"},
      {"entry with a critical extension",
       {p.version, p.algorithm, p.issuer, p.this_update, p.next_update,
        entry(serial, entry_extension({0x2a, 3, 4}, critical, {5, 0}))},
       "crl.extension"},
      {"entry of another issuer",
       {p.version, p.algorithm, p.issuer, p.this_update, p.next_update,
        entry(serial, entry_extension({0x55, 0x1d, 0x1d}, {}, Der(0x30, {})))},
       "crl.extension"},
  };
  for (const auto& c : cases) {
    const Bytes crl = SignCrl(c.parts, p.algorithm, platform.ca);
    EXPECT_EQ(Judge(platform, {{"crl", crl}}), c.want) << c.what;
    // By anybody else it is waste paper.
    EXPECT_EQ(Judge(platform, {{"crl", SignCrl(c.parts, p.algorithm, platform.root)}}), "UpToDate") << c.what;
  }
}

}  // namespace
}  // namespace attestml::verify
