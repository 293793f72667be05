// Time stamps of authorities of our own, honest and not, and of OpenSSL's.
#include "crypto/timestamp.h"

#include <gtest/gtest.h>
#include <openssl/asn1t.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <functional>
#include <map>
#include <memory>

#include "base/hex.h"
#include "crypto/certificate.h"
#include "crypto/der_tree_for_test.h"
#include "crypto/key_access.h"
#include "crypto/timestamp_builder.h"

namespace attestml::crypto {
namespace {

constexpr Time kNow{1790000000};  // 2026-09-21T14:13:20Z
constexpr std::int64_t kDay = 86400;
Time Later(std::int64_t seconds) { return Time{kNow.unix_seconds + seconds}; }

using Name = std::vector<std::pair<std::string, std::string>>;

// Root, intermediate and the authority that stamps, each open to change before it is issued.
struct Pki {
  struct Certified {
    CertificateTemplate certificate;
    PrivateKey key, issuer;
    Bytes Issue() const {
      auto der = IssueCertificate(certificate, key.public_key(), issuer);
      EXPECT_TRUE(der.ok());
      return der.ok() ? *der : Bytes{};
    }
  };

  static PrivateKey Key(KeyType type) { return PrivateKey::Generate(type); }
  static CertificateTemplate Template(const Name& subject, const Name& issuer, std::uint8_t serial) {
    return {.subject = subject,
            .issuer = issuer,
            .serial = {serial},
            .not_before = Later(-kDay),
            .not_after = Later(kDay),
            .is_ca = true,
            .path_length = {},
            .key_usage = {"keyCertSign", "cRLSign"},
            .crl_url = {},
            .extensions = {}};
  }

  explicit Pki(KeyType type = KeyType::kEcdsaP256)
      : root{Template({{"CN", "Root"}}, {{"CN", "Root"}}, 1), SharedKey(0), SharedKey(0)},
        middle{Template({{"CN", "Middle"}}, {{"CN", "Root"}}, 2), SharedKey(1), root.key},
        tsa{Template({{"CN", "TSA"}}, {{"CN", "Middle"}}, 3), Signer(type), middle.key} {
    tsa.certificate.is_ca = false;
    tsa.certificate.key_usage = {"digitalSignature"};
    tsa.certificate.extensions = {TimeStampingUsage()};
    stamp.imprint = Sha256(AsBytes("a statement"));
    stamp.time = kNow;
  }

  // Making RSA keys takes longer than all the rest.
  static const PrivateKey& SharedKey(std::size_t i) {
    static const PrivateKey keys[] = {Key(KeyType::kEcdsaP384), Key(KeyType::kEcdsaP256)};
    return keys[i];
  }
  static const PrivateKey& Signer(KeyType type) {
    static std::map<KeyType, PrivateKey> keys;
    if (!keys.contains(type)) keys.emplace(type, Key(type));
    return keys.at(type);
  }

  TimestampSigner SignerOf() const {
    const Bytes leaf = tsa.Issue();
    return {.certificate = leaf, .key = tsa.key, .carried = {leaf, middle.Issue()}, .attested = {}};
  }
  Bytes Token() const {
    auto token = IssueTimestamp(stamp, SignerOf());
    EXPECT_TRUE(token.ok()) << token.error().message;
    return token.ok() ? *token : Bytes{};
  }

  Certified root, middle, tsa;
  TimestampTemplate stamp;
};

Digest256 Imprint() { return Sha256(AsBytes("a statement")); }

Result<VerifiedTimestamp> Verify(BytesView token, const std::vector<Bytes>& certificates) {
  const Digest256 roots[] = {Pki::SharedKey(0).public_key().id()};
  return VerifyTimestamp(token, Imprint(), roots, certificates);
}

std::string IdOf(const Result<VerifiedTimestamp>& result) { return result.ok() ? "ok" : result.error().id; }

// One thing changed in an honest authority: what becomes of its token.
std::string After(const std::function<void(Pki&)>& change) {
  Pki pki;
  change(pki);
  return IdOf(Verify(pki.Token(), {pki.root.Issue()}));
}

class EachSigner : public ::testing::TestWithParam<KeyType> {};

TEST_P(EachSigner, AnHonestToken) {
  Pki pki(GetParam());
  pki.stamp.nonce = Bytes{1, 2};
  pki.stamp.serial = Bytes{0, 0x80, 9};
  pki.stamp.fraction = ".25";
  for (const char* digest : {"SHA256", "SHA384", "SHA512"}) {
    pki.stamp.signature_digest = digest;
    const Bytes token = pki.Token();
    for (const Bytes& bytes : {token, WrapTimestamp(0, token), WrapTimestamp(1, token)}) {
      const auto verified = Verify(bytes, {pki.root.Issue()});
      ASSERT_TRUE(verified.ok()) << verified.error().id << ": " << verified.error().message;
      EXPECT_EQ(verified->time(), kNow);
      EXPECT_EQ(verified->said().imprint, Imprint());
      EXPECT_EQ(verified->said().policy, "1.2.3.4");
      EXPECT_EQ(verified->said().serial, (Bytes{0x80, 9}));
      EXPECT_EQ(verified->said().nonce, (Bytes{1, 2}));
      EXPECT_EQ(verified->signer(), "CN=TSA");
      EXPECT_EQ(verified->root(), pki.root.key.public_key().id());
      ASSERT_EQ(verified->certificates().size(), 6U);
      EXPECT_EQ(verified->certificates()[0], pki.tsa.key.public_key().id());
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Keys, EachSigner,
                         ::testing::Values(KeyType::kEcdsaP256, KeyType::kEcdsaP384, KeyType::kRsaPss));

TEST(Timestamp, WhereCertificatesComeFromPlaysNoPart) {
  Pki pki;
  const Bytes root = pki.root.Issue();
  const Bytes middle = pki.middle.Issue();
  TimestampSigner signer = pki.SignerOf();
  const std::vector<Bytes> chain = {signer.certificate, middle, root};
  signer.carried = {};
  const Bytes bare = IssueTimestamp(pki.stamp, signer).value();
  EXPECT_EQ(IdOf(Verify(bare, chain)), "ok");
  EXPECT_EQ(IdOf(Verify(bare, {root, middle, signer.certificate, middle, {1, 2}, {}})), "ok");
  EXPECT_EQ(IdOf(Verify(bare, {middle, root})), "timestamp.signer");
  EXPECT_EQ(IdOf(Verify(bare, {signer.certificate, root})), "timestamp.chain");
  EXPECT_EQ(IdOf(Verify(bare, {signer.certificate, middle})), "timestamp.chain");
  signer.carried = chain;
  EXPECT_EQ(IdOf(Verify(IssueTimestamp(pki.stamp, signer).value(), {})), "ok");
  EXPECT_EQ(IdOf(Verify(bare, std::vector<Bytes>(17, root))), "timestamp.certificates");
  signer.carried = {};
  for (std::uint8_t i = 1; i <= 17; ++i) {
    pki.middle.certificate.serial = {i};
    signer.carried.push_back(pki.middle.Issue());
  }
  EXPECT_EQ(IdOf(Verify(IssueTimestamp(pki.stamp, signer).value(), chain)), "timestamp.format");
}

TEST(Timestamp, OnlyTheRootsThatAreNamed) {
  Pki pki;
  const Bytes token = pki.Token();
  const std::vector<Bytes> root = {pki.root.Issue()};
  EXPECT_EQ(IdOf(VerifyTimestamp(token, Imprint(), {}, root)), "timestamp.chain");
  const Digest256 others[] = {Sha256({}), pki.middle.key.public_key().id(), pki.tsa.key.public_key().id()};
  EXPECT_EQ(IdOf(VerifyTimestamp(token, Imprint(), others, root)), "timestamp.chain");
  // The trusted key in a certificate that it did not sign, with better dates.
  Pki forged;
  forged.root.issuer = forged.tsa.key;
  EXPECT_EQ(IdOf(Verify(token, {forged.root.Issue()})), "timestamp.chain");
  // A look-alike, name for name.
  Pki stranger;
  stranger.root.key = stranger.root.issuer = stranger.middle.issuer = PrivateKey::Generate(KeyType::kEcdsaP384);
  EXPECT_EQ(IdOf(Verify(stranger.Token(), {stranger.root.Issue(), pki.root.Issue()})), "timestamp.chain");
}

// A certificate of a root's key is a root as that key signed it, and as its own issuer.
TEST(Timestamp, CertificatesOfARootsKeyThatAreNoRoots) {
  const Pki pki;
  const Bytes token = pki.Token();
  const Bytes root = pki.root.Issue();
  Pki::Certified expired = pki.root;
  expired.certificate.not_after = Later(-1);
  EXPECT_EQ(IdOf(Verify(token, {expired.Issue()})), "timestamp.validity");
  // Better dates than those that it signed, everything else as it was.
  constexpr std::size_t kValidity = 4;
  DerTree edited = DerTree::Of(expired.Issue());
  edited[0][kValidity] = DerTree::Of(root)[0][kValidity];
  EXPECT_EQ(IdOf(Verify(token, {edited.Encode()})), "timestamp.chain");
  // In another issuer's name: leads no further, and takes nothing from the root beside it.
  Pki::Certified crossed = pki.root;
  crossed.certificate.issuer = {{"CN", "Elsewhere"}};
  EXPECT_EQ(IdOf(Verify(token, {crossed.Issue()})), "timestamp.chain");
  EXPECT_EQ(IdOf(Verify(token, {crossed.Issue(), root})), "ok");
  EXPECT_EQ(IdOf(Verify(token, {root, crossed.Issue()})), "ok");
}

TEST(Timestamp, OfAnotherDigest) {
  Pki pki;
  const Digest256 roots[] = {pki.root.key.public_key().id()};
  EXPECT_EQ(IdOf(VerifyTimestamp(pki.Token(), Sha256(AsBytes("another")), roots, {})), "timestamp.mismatch");
  EXPECT_EQ(After([](Pki& p) { p.stamp.imprint[31] ^= 1; }), "timestamp.mismatch");
}

TEST(Timestamp, Signer) {
  EXPECT_EQ(After([](Pki& p) { p.tsa.certificate.extensions = {}; }), "timestamp.signer");
  EXPECT_EQ(After([](Pki& p) { p.tsa.certificate.extensions[0].critical = false; }), "timestamp.signer");
  // codeSigning instead; codeSigning too; anyExtendedKeyUsage.
  for (const char* usage :
       {"300a06082b06010505070303", "301406082b0601050507030806082b06010505070303", "30060604551d2500"}) {
    const auto der = HexDecode(usage);
    EXPECT_EQ(After([&](Pki& p) {
                p.tsa.certificate.extensions[0].value = der.ok() ? *der : Bytes{0x30, 0x00};
              }),
              "timestamp.signer");
  }
  EXPECT_EQ(After([](Pki& p) { p.tsa.certificate.key_usage = {"keyEncipherment"}; }), "timestamp.chain");
  EXPECT_EQ(After([](Pki& p) {
              p.tsa.certificate.key_usage = {"digitalSignature", "keyCertSign"};
            }),
            "timestamp.chain");
  EXPECT_EQ(After([](Pki& p) {
              p.tsa.certificate.extensions.push_back({"1.2.3.4", true, {0x05, 0x00}});
            }),
            "timestamp.chain");
}

TEST(Timestamp, Authorities) {
  for (const auto at : {&Pki::root, &Pki::middle}) {
    EXPECT_EQ(After([&](Pki& p) { (p.*at).certificate.is_ca = false; }), "timestamp.chain");
    EXPECT_EQ(After([&](Pki& p) { (p.*at).certificate.key_usage = {"digitalSignature"}; }), "timestamp.chain");
    EXPECT_EQ(After([&](Pki& p) { (p.*at).certificate.subject = {{"CN", "another"}}; }), "timestamp.chain");
    EXPECT_EQ(After([&](Pki& p) {
                (p.*at).certificate.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
              }),
              "timestamp.chain");
  }
  EXPECT_EQ(After([](Pki& p) { p.root.certificate.path_length = 0; }), "timestamp.chain");
  EXPECT_EQ(After([](Pki& p) { p.root.certificate.path_length = 1; }), "ok");
  EXPECT_EQ(After([](Pki& p) { p.middle.issuer = p.tsa.key; }), "timestamp.chain");
}

TEST(Timestamp, NoSignatureOverSha1) {
  Pki pki;
  const auto resigned = [](const Bytes& certificate, const PrivateKey& issuer, const EVP_MD* digest) {
    const unsigned char* at = certificate.data();
    X509* x509 = d2i_X509(nullptr, &at, static_cast<long>(certificate.size()));
    EXPECT_GT(X509_sign(x509, KeyAccess::Of(issuer), digest), 0);
    unsigned char* der = nullptr;
    const int size = i2d_X509(x509, &der);
    const Bytes out(der, der + size);
    OPENSSL_free(der);
    X509_free(x509);
    return out;
  };
  const std::vector<Bytes> root = {pki.root.Issue()};
  for (const auto& [digest, end] : {std::pair(EVP_sha256(), "ok"), std::pair(EVP_sha1(), "timestamp.chain")}) {
    TimestampSigner signer = pki.SignerOf();
    signer.carried[1] = resigned(pki.middle.Issue(), pki.root.key, digest);
    EXPECT_EQ(IdOf(Verify(IssueTimestamp(pki.stamp, signer).value(), root)), end);
    signer = pki.SignerOf();
    signer.certificate = signer.carried[0] = resigned(signer.certificate, pki.middle.key, digest);
    EXPECT_EQ(IdOf(Verify(IssueTimestamp(pki.stamp, signer).value(), root)), end);
  }
}

// At the stamp's own time, whatever the clock says.
TEST(Timestamp, Validity) {
  for (const auto at : {&Pki::root, &Pki::middle, &Pki::tsa}) {
    EXPECT_EQ(After([&](Pki& p) { (p.*at).certificate.not_after = Later(-1); }), "timestamp.validity");
    EXPECT_EQ(After([&](Pki& p) { (p.*at).certificate.not_before = Later(1); }), "timestamp.validity");
    EXPECT_EQ(After([&](Pki& p) { (p.*at).certificate.not_before = kNow; }), "ok");
  }
  EXPECT_EQ(After([](Pki& p) { p.stamp.time = Later(kDay + 1); }), "timestamp.validity");
  EXPECT_EQ(After([](Pki& p) { p.stamp.time = Later(-kDay); }), "ok");
  EXPECT_EQ(After([](Pki& p) { p.stamp.time = Later(-kDay - 1); }), "timestamp.validity");
}

TEST(Timestamp, WhatTheTokenSays) {
  EXPECT_EQ(After([](Pki& p) { p.stamp.version = 2; }), "timestamp.format");
  EXPECT_EQ(After([](Pki& p) { p.stamp.imprint_algorithm = "SHA1"; }), "timestamp.algorithm");
  EXPECT_EQ(After([](Pki& p) { p.stamp.imprint_algorithm = "SHA512-256"; }), "timestamp.algorithm");
  EXPECT_EQ(After([](Pki& p) { p.stamp.signature_digest = "SHA1"; }), "timestamp.algorithm");
  EXPECT_EQ(After([](Pki& p) { p.stamp.imprint_size = 20; }), "timestamp.imprint");
  EXPECT_EQ(After([](Pki& p) { p.stamp.extensions = {{"1.2.3.4", true, {0x05, 0x00}}}; }), "timestamp.extension");
  EXPECT_EQ(After([](Pki& p) { p.stamp.extensions = {{"1.2.3.4", false, {0x05, 0x00}}}; }), "ok");
  EXPECT_EQ(After([](Pki& p) { p.stamp.serial = Bytes(33, 1); }), "timestamp.format");
  EXPECT_EQ(After([](Pki& p) { p.stamp.nonce = Bytes(33, 1); }), "timestamp.format");
  EXPECT_EQ(ReadTimestamp(Pki().Token())->nonce, std::nullopt);
  EXPECT_EQ(After([](Pki& p) { p.stamp.fraction = ".5"; }), "ok");
  for (const char* fraction : {".", ",5", "5", ".5a", "+0100", " ", ".5.5"}) {
    EXPECT_EQ(After([&](Pki& p) { p.stamp.fraction = fraction; }), "timestamp.time") << fraction;
  }
}

// "id: message" of a token whose TSTInfo is changed. Its signature is looked at later.
std::string AfterInfo(const std::function<void(DerTree&)>& change) {
  Pki pki;
  pki.stamp.nonce = Bytes{1, 2};
  DerTree token = DerTree::Of(pki.Token());
  Bytes& signed_bytes = token[1][0][2][1][0].content;
  DerTree info = DerTree::Of(signed_bytes);
  change(info);
  signed_bytes = info.Encode();
  const auto read = ReadTimestamp(token.Encode());
  return read.ok() ? "ok" : read.error().id + ": " + read.error().message;
}

// Members of a TSTInfo without accuracy, RFC 3161 2.4.2.
enum TstInfo : std::size_t { kInfoVersion, kInfoPolicy, kInfoImprint, kInfoSerial, kInfoTime, kInfoNonce };

TEST(Timestamp, TimesThatAreNone) {
  const auto with = [](std::string_view text) {
    return AfterInfo([&](DerTree& info) { info[kInfoTime] = DerTree::Text(kDerGeneralizedTime, text); });
  };
  EXPECT_EQ(with("20260921141320Z"), "ok");
  // Cut short, without its "Z", and with what is no digit.
  for (const char* text : {"", "Z", "0Z", "2026092114132Z", "20260921141320", "20260921141320+", "20260921141320z",
                           "20260921141320.5", "2026092114132:Z", "202609211413/5Z", "2026092114 320Z"}) {
    EXPECT_EQ(with(text), "timestamp.time: genTime is not a date in UTC between 1970 and 9999") << text;
  }
}

TEST(Timestamp, NegativeNumbers) {
  EXPECT_EQ(AfterInfo([](DerTree& info) { info[kInfoSerial].content = {0xff}; }),
            "timestamp.format: serial number is negative, or longer than 32 bytes");
  EXPECT_EQ(AfterInfo([](DerTree& info) {
              info[kInfoNonce].content = {0x80, 0x00};
            }),
            "timestamp.format: nonce is negative, or longer than 32 bytes");
}

// By when a digest existed is said with what the authority's clock may be late.
TEST(Timestamp, LatestIsRoundedUp) {
  const auto latest = [](long seconds, long millis, long micros, const char* fraction) {
    Pki pki;
    pki.stamp.accuracy_seconds = seconds;
    pki.stamp.accuracy_millis = millis;
    pki.stamp.accuracy_micros = micros;
    pki.stamp.fraction = fraction;
    const auto stamp = ReadTimestamp(pki.Token());
    return stamp.ok() ? std::to_string(stamp->latest.unix_seconds - stamp->time.unix_seconds) : stamp.error().id;
  };
  EXPECT_EQ(latest(-1, -1, -1, ""), "0");
  EXPECT_EQ(latest(-1, -1, -1, ".25"), "1");
  EXPECT_EQ(latest(0, -1, -1, ""), "0");
  EXPECT_EQ(latest(5, -1, -1, ""), "5");
  EXPECT_EQ(latest(-1, 1, -1, ""), "1");
  EXPECT_EQ(latest(-1, -1, 999, ""), "1");
  EXPECT_EQ(latest(5, 999, 999, ".9"), "7");
  EXPECT_EQ(latest(86400, -1, -1, ""), "86400");
  EXPECT_EQ(latest(86401, -1, -1, ""), "timestamp.accuracy");
  EXPECT_EQ(latest(-1, 0, -1, ""), "timestamp.accuracy");
  EXPECT_EQ(latest(-1, 1000, -1, ""), "timestamp.accuracy");
  EXPECT_EQ(latest(-1, -1, 0, ""), "timestamp.accuracy");
  EXPECT_EQ(latest(1, -1, 1000, ""), "timestamp.accuracy");
}

// Whoever has the key of an authority that leaked dates as it likes: a revocation counts whatever its date.
TEST(Timestamp, Revoked) {
  Pki pki;
  const Digest256 roots[] = {Pki::SharedKey(0).public_key().id()};
  const Bytes token = pki.Token();
  const auto with = [&](const char* issuer, const PrivateKey& key, std::uint8_t serial, std::int64_t days) {
    const Bytes crl = IssueCrl({.issuer = {{"CN", issuer}},
                                .this_update = Later(days * kDay),
                                .next_update = Later((days + 1) * kDay),
                                .revoked_serials = {{serial}},
                                .extensions = {}},
                               key)
                          .value();
    const std::vector<Bytes> root = {pki.root.Issue()};
    const std::vector<Bytes> crls = {{}, {0x30, 0x00}, crl};
    return IdOf(VerifyTimestamp(token, Imprint(), roots, root, {crls, {}}));
  };
  for (const std::int64_t days : {-1000, 0, 1000}) {
    EXPECT_EQ(with("Middle", pki.middle.key, 3, days), "timestamp.revoked");
    EXPECT_EQ(with("Root", pki.root.key, 2, days), "timestamp.revoked");
    EXPECT_EQ(with("Root", pki.root.key, 1, days), "timestamp.revoked");  // itself
  }
  EXPECT_EQ(with("Middle", pki.middle.key, 2, 0), "ok");  // another's serial
  EXPECT_EQ(with("Root", pki.root.key, 3, 0), "ok");
  EXPECT_EQ(with("Middle", pki.root.key, 3, 0), "ok");  // forged: anybody could take an authority down
  EXPECT_EQ(with("TSA", pki.middle.key, 3, 0), "ok");
}

// What leaked is the key: another certificate of it, revoked under its own serial, bars this one.
TEST(Timestamp, RevokedByAnotherCertificateOfItsKey) {
  Pki pki;
  const Digest256 roots[] = {Pki::SharedKey(0).public_key().id()};
  const Bytes token = pki.Token();
  const std::vector<Bytes> root = {pki.root.Issue()};
  const auto with = [&](std::uint8_t serial, const std::vector<Bytes>& bystanders) {
    const std::vector<Bytes> crls = {IssueCrl({.issuer = {{"CN", "Middle"}},
                                               .this_update = Later(-kDay),
                                               .next_update = Later(kDay),
                                               .revoked_serials = {{serial}},
                                               .extensions = {}},
                                              pki.middle.key)
                                         .value()};
    const auto verified = VerifyTimestamp(token, Imprint(), roots, root, {crls, bystanders});
    if (verified.ok()) {
      EXPECT_EQ(verified->num_crls(), 1U);
    }
    return IdOf(verified);
  };
  Pki::Certified twin = pki.tsa;
  twin.certificate.serial = {9};
  EXPECT_EQ(with(9, {twin.Issue()}), "timestamp.revoked");
  EXPECT_EQ(with(8, {twin.Issue()}), "ok");
  EXPECT_EQ(with(9, {}), "ok");
  // One that its issuer did not sign is anybody's.
  twin.issuer = pki.root.key;
  EXPECT_EQ(with(9, {twin.Issue()}), "ok");
  // Another's key under that number.
  twin = pki.tsa;
  twin.certificate.serial = {9};
  twin.key = PrivateKey::Generate(KeyType::kEcdsaP256);
  EXPECT_EQ(with(9, {twin.Issue()}), "ok");
}

// What an issuer's CRL says and we cannot read may be a revocation.
TEST(Timestamp, CrlsThatCannotBeRead) {
  Pki pki;
  const Digest256 roots[] = {Pki::SharedKey(0).public_key().id()};
  const Bytes token = pki.Token();
  const std::vector<Bytes> root = {pki.root.Issue()};
  CrlTemplate list{.issuer = {{"CN", "Middle"}},
                   .this_update = Later(-kDay),
                   .next_update = Later(kDay),
                   .revoked_serials = {{7}},
                   .extensions = {}};
  const auto with = [&](const Bytes& crl) {
    const std::vector<Bytes> crls = {crl};
    const auto verified = VerifyTimestamp(token, Imprint(), roots, root, {crls, {}});
    if (verified.ok()) return "ok " + std::to_string(verified->num_crls());
    return verified.error().id;
  };
  const Bytes good = IssueCrl(list, pki.middle.key).value();
  EXPECT_EQ(with(good), "ok 1");
  // What is no CRL is nobody's, also right after one that is somebody's.
  const std::vector<Bytes> mixed = {good, {}, good, {0x30, 0x00}};
  const auto verified = VerifyTimestamp(token, Imprint(), roots, root, {mixed, {}});
  ASSERT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(verified->num_crls(), 2U);
  // Nor has an issuer what calls itself by no name.
  DerTree nameless = DerTree::Of(good);
  nameless[0][2].children = {DerTree::Primitive(kDerInteger, {1})};
  EXPECT_EQ(with(nameless.Encode()), "ok 0");
  // The first revocation's date is no date.
  const auto undated = [](Bytes crl, std::uint8_t serial) {
    const std::string entry = {'\x02', '\x01', static_cast<char>(serial), '\x17'};
    const std::size_t at = AsText(crl).find(entry);
    EXPECT_NE(at, std::string_view::npos);
    crl[at + 3] = 0x13;
    return crl;
  };
  EXPECT_EQ(with(undated(good, 7)), "timestamp.crl");
  // Of a part of what the issuer has certified (RFC 5280 5.2.4, delta CRL indicator).
  list.extensions = {{.oid = "2.5.29.27", .critical = true, .value = {0x02, 0x01, 0x01}}};
  EXPECT_EQ(with(IssueCrl(list, pki.middle.key).value()), "timestamp.crl");
  list.revoked_serials = {{3}};
  EXPECT_EQ(with(IssueCrl(list, pki.middle.key).value()), "timestamp.revoked");
  // In nobody's name here.
  list.issuer = {{"CN", "Elsewhere"}};
  EXPECT_EQ(with(undated(IssueCrl(list, pki.middle.key).value(), 3)), "ok 0");
}

TEST(Timestamp, BoundToItsSigner) {
  Pki pki;
  TimestampSigner signer = pki.SignerOf();
  const Bytes root = pki.root.Issue();
  ASSERT_EQ(IdOf(Verify(IssueTimestamp(pki.stamp, signer).value(), {root})), "ok");
  // The token names another certificate of the same key: the signer's was swapped (RFC 5816).
  pki.tsa.certificate.serial = {9};
  signer.attested = pki.tsa.Issue();
  EXPECT_EQ(IdOf(Verify(IssueTimestamp(pki.stamp, signer).value(), {root})), "timestamp.signature");
}

TEST(Timestamp, SignedByAnotherKey) {
  Pki pki;
  TimestampSigner signer = pki.SignerOf();
  signer.key = PrivateKey::Generate(KeyType::kEcdsaP256);
  EXPECT_EQ(IdOf(Verify(IssueTimestamp(pki.stamp, signer).value(), {pki.root.Issue()})), "timestamp.signature");
}

// A token with something that CMS allows and RFC 3161 does not.
TEST(Timestamp, OtherCms) {
  Pki pki;
  const Bytes token = pki.Token();
  const auto changed = [&](const std::function<void(PKCS7*)>& change) {
    const unsigned char* at = token.data();
    PKCS7* cms = d2i_PKCS7(nullptr, &at, static_cast<long>(token.size()));
    change(cms);
    unsigned char* der = nullptr;
    const int size = i2d_PKCS7(cms, &der);
    const Bytes out(der, der + size);
    OPENSSL_free(der);
    PKCS7_free(cms);
    return IdOf(Verify(out, {pki.root.Issue()}));
  };
  EXPECT_EQ(changed([](PKCS7*) {}), "ok");
  EXPECT_EQ(changed([](PKCS7* cms) {
              PKCS7_SIGNER_INFO* none = sk_PKCS7_SIGNER_INFO_pop(cms->d.sign->signer_info);
              PKCS7_SIGNER_INFO_free(none);
            }),
            "timestamp.format");
  EXPECT_EQ(changed([](PKCS7* cms) {
              const auto* one = sk_PKCS7_SIGNER_INFO_value(cms->d.sign->signer_info, 0);
              auto* copy = static_cast<PKCS7_SIGNER_INFO*>(
                  ASN1_item_dup(ASN1_ITEM_rptr(PKCS7_SIGNER_INFO), const_cast<PKCS7_SIGNER_INFO*>(one)));
              sk_PKCS7_SIGNER_INFO_push(cms->d.sign->signer_info, copy);
            }),
            "timestamp.format");
  EXPECT_EQ(changed([](PKCS7* cms) {
              PKCS7* contents = cms->d.sign->contents;
              ASN1_TYPE* other = contents->d.other;
              contents->type = OBJ_nid2obj(NID_pkcs7_data);
              contents->d.data = ASN1_STRING_dup(other->value.octet_string);
              ASN1_TYPE_free(other);
            }),
            "timestamp.format");
  EXPECT_EQ(changed([](PKCS7* cms) {
              ASN1_TYPE_free(cms->d.sign->contents->d.other);
              cms->d.sign->contents->d.other = nullptr;  // detached
            }),
            "timestamp.format");
  EXPECT_EQ(changed([](PKCS7* cms) {
              auto* octets = ASN1_OCTET_STRING_new();
              ASN1_OCTET_STRING_set(octets, reinterpret_cast<const unsigned char*>("0"), 1);
              ASN1_TYPE_set(cms->d.sign->contents->d.other, V_ASN1_OCTET_STRING, octets);
            }),
            "timestamp.format");
  // Of the signed attributes: no content type, another content type.
  EXPECT_EQ(changed([](PKCS7* cms) {
              auto* signer = sk_PKCS7_SIGNER_INFO_value(cms->d.sign->signer_info, 0);
              sk_X509_ATTRIBUTE_pop_free(signer->auth_attr, X509_ATTRIBUTE_free);
              signer->auth_attr = nullptr;
            }),
            "timestamp.format");
  EXPECT_EQ(changed([](PKCS7* cms) {
              auto* signer = sk_PKCS7_SIGNER_INFO_value(cms->d.sign->signer_info, 0);
              PKCS7_add_signed_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data));
            }),
            "timestamp.format");
  EXPECT_EQ(changed([](PKCS7* cms) {
              auto* signer = sk_PKCS7_SIGNER_INFO_value(cms->d.sign->signer_info, 0);
              // True, which any address stands for here, and which is no OID.
              PKCS7_add_signed_attribute(signer, NID_pkcs9_contentType, V_ASN1_BOOLEAN, signer);
            }),
            "timestamp.format");
  // Data in an envelope, and data as it is, are not signed.
  PKCS7* data = PKCS7_new();
  PKCS7_set_type(data, NID_pkcs7_data);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS7(data, &der);
  EXPECT_EQ(IdOf(Verify(BytesView(der, static_cast<std::size_t>(size)), {})), "timestamp.format");
  OPENSSL_free(der);
  PKCS7_free(data);
}

TEST(Timestamp, Responses) {
  Pki pki;
  const Bytes token = pki.Token();
  const std::vector<Bytes> root = {pki.root.Issue()};
  for (const std::uint8_t status : {std::uint8_t{2}, std::uint8_t{5}}) {
    EXPECT_EQ(IdOf(Verify(WrapTimestamp(status, token), root)), "timestamp.status");
    EXPECT_EQ(IdOf(Verify(WrapTimestamp(status, {}), root)), "timestamp.status");
  }
  EXPECT_EQ(IdOf(Verify(WrapTimestamp(0, {}), root)), "timestamp.der");
  EXPECT_EQ(IdOf(Verify(WrapTimestamp(0xff, token), root)), "timestamp.der");  // negative
  Bytes two = token;
  two.insert(two.end(), token.begin(), token.end());
  EXPECT_EQ(IdOf(Verify(WrapTimestamp(0, two), root)), "timestamp.der");
  EXPECT_EQ(IdOf(Verify(two, root)), "timestamp.der");
}

TEST(Timestamp, WhatIsNeitherTokenNorResponse) {
  const auto message = [](const Bytes& bytes) {
    const auto read = ReadTimestamp(bytes);
    return read.ok() ? "ok" : read.error().id + ": " + read.error().message;
  };
  const DerTree response = DerTree::Of(WrapTimestamp(0, Pki().Token()));
  ASSERT_EQ(message(response.Encode()), "ok");
  EXPECT_EQ(message({0x30, 0x00}), "timestamp.der: not one DER time stamp");
  EXPECT_EQ(message({0x31, 0x00}), "timestamp.der: not one DER time stamp");
  DerTree other = response;
  other[0].tag = 0x31;
  EXPECT_EQ(message(other.Encode()), "timestamp.der: neither a time-stamp token nor a response");
  other = response;
  other[1].tag = 0x31;
  EXPECT_EQ(message(other.Encode()), "timestamp.der: a granted response holds no token, or more than one");
}

TEST(Timestamp, RequestsAndAnswers) {
  Pki pki;
  const auto request = EncodeTimestampRequest(Imprint(), Bytes{0x7f, 1});
  ASSERT_TRUE(request.ok());
  const auto answer = AnswerTimestampRequest(*request, kNow, {5}, pki.SignerOf());
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  const auto verified = Verify(*answer, {pki.root.Issue()});
  ASSERT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(verified->said().nonce, (Bytes{0x7f, 1}));
  EXPECT_FALSE(
      ReadTimestamp(*AnswerTimestampRequest(*EncodeTimestampRequest(Imprint(), {}), kNow, {5}, pki.SignerOf()))->nonce);
  for (const Bytes& bad : {Bytes{}, Bytes{0}, Bytes{0x80}, Bytes(21, 1), Bytes{0, 1}}) {
    EXPECT_EQ(EncodeTimestampRequest(Imprint(), bad).error().id, "timestamp.request");
  }
  for (std::size_t size = 0; size < request->size(); ++size) {
    EXPECT_FALSE(AnswerTimestampRequest(BytesView(*request).first(size), kNow, {5}, pki.SignerOf()).ok());
  }
}

// OpenSSL's own authority answers our request, and OpenSSL's own verifier takes our token.
TEST(Timestamp, AgreesWithOpenSsl) {
  Pki pki;
  const auto parse = [](const Bytes& der) {
    const unsigned char* at = der.data();
    return std::unique_ptr<X509, decltype(&X509_free)>(d2i_X509(nullptr, &at, static_cast<long>(der.size())),
                                                       X509_free);
  };
  const auto root = parse(pki.root.Issue());
  const auto middle = parse(pki.middle.Issue());
  const auto tsa = parse(pki.tsa.Issue());
  STACK_OF(X509)* others = sk_X509_new_null();
  sk_X509_push(others, middle.get());

  TS_RESP_CTX* authority = TS_RESP_CTX_new();
  ASN1_OBJECT* policy = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
  TS_RESP_CTX_set_serial_cb(
      authority,
      [](TS_RESP_CTX*, void*) {
        ASN1_INTEGER* serial = ASN1_INTEGER_new();
        ASN1_INTEGER_set(serial, 77);
        return serial;
      },
      nullptr);
  TS_RESP_CTX_set_time_cb(
      authority,
      [](TS_RESP_CTX*, void*, long* seconds, long* micro) {
        *seconds = kNow.unix_seconds;
        *micro = 0;
        return 1;
      },
      nullptr);
  ASSERT_EQ(TS_RESP_CTX_set_signer_cert(authority, tsa.get()), 1);
  ASSERT_EQ(TS_RESP_CTX_set_signer_key(authority, KeyAccess::Of(pki.tsa.key)), 1);
  ASSERT_EQ(TS_RESP_CTX_set_signer_digest(authority, EVP_sha256()), 1);
  ASSERT_EQ(TS_RESP_CTX_set_certs(authority, others), 1);
  ASSERT_EQ(TS_RESP_CTX_set_def_policy(authority, policy), 1);
  ASSERT_EQ(TS_RESP_CTX_add_md(authority, EVP_sha256()), 1);
  const Bytes request = EncodeTimestampRequest(Imprint(), Bytes{1, 2, 3}).value();
  BIO* bio = BIO_new_mem_buf(request.data(), static_cast<int>(request.size()));
  TS_RESP* response = TS_RESP_create_response(authority, bio);
  ASSERT_NE(response, nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_TS_RESP(response, &der);
  const Bytes bytes(der, der + size);
  OPENSSL_free(der);
  TS_RESP_free(response);
  BIO_free(bio);
  TS_RESP_CTX_free(authority);
  ASN1_OBJECT_free(policy);
  const auto verified = Verify(bytes, {pki.root.Issue()});
  ASSERT_TRUE(verified.ok()) << verified.error().id << ": " << verified.error().message;
  EXPECT_EQ(verified->time(), kNow);
  EXPECT_EQ(verified->said().nonce, (Bytes{1, 2, 3}));
  EXPECT_EQ(verified->said().serial, Bytes{77});

  const Bytes token = pki.Token();
  const unsigned char* at = token.data();
  PKCS7* ours = d2i_PKCS7(nullptr, &at, static_cast<long>(token.size()));
  TS_VERIFY_CTX* verifier = TS_VERIFY_CTX_new();
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, root.get());
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), kNow.unix_seconds);
  TS_VERIFY_CTX_set_store(verifier, store);
  const Digest256 imprint = Imprint();
  auto* copy = static_cast<unsigned char*>(OPENSSL_malloc(imprint.size()));
  std::copy(imprint.begin(), imprint.end(), copy);
  TS_VERIFY_CTX_set_imprint(verifier, copy, static_cast<long>(imprint.size()));
  TS_VERIFY_CTX_set_flags(verifier, TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_IMPRINT);
  EXPECT_EQ(TS_RESP_verify_token(verifier, ours), 1);
  TS_VERIFY_CTX_free(verifier);
  PKCS7_free(ours);
  sk_X509_free(others);
}

// Every byte of a token changed, one bit each. CMS leaves some of it unsigned (what it says of certificates, versions,
// algorithms): a change there may pass, and then all that the stamp says is what it was.
TEST(Timestamp, EveryByte) {
  Pki pki;
  pki.stamp.nonce = Bytes{1, 2};
  const Bytes token = WrapTimestamp(0, pki.Token());
  const std::vector<Bytes> root = {pki.root.Issue()};
  ASSERT_EQ(IdOf(Verify(token, root)), "ok");
  std::size_t passed = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    Bytes changed = token;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << (i % 8));
    const auto verified = Verify(changed, root);
    if (!verified.ok()) continue;
    ++passed;
    EXPECT_EQ(verified->time(), kNow) << i;
    EXPECT_EQ(verified->said().imprint, Imprint()) << i;
    EXPECT_EQ(verified->said().serial, Bytes{1}) << i;
    EXPECT_EQ(verified->said().nonce, (Bytes{1, 2})) << i;
    EXPECT_EQ(verified->certificates()[0], pki.tsa.key.public_key().id()) << i;
  }
  EXPECT_LT(passed, 16U);
}

TEST(Timestamp, EveryLength) {
  Pki pki;
  const std::vector<Bytes> root = {pki.root.Issue()};
  for (const Bytes& whole : {pki.Token(), WrapTimestamp(0, pki.Token())}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto read = ReadTimestamp(BytesView(whole).first(size));
      ASSERT_FALSE(read.ok()) << size;
      EXPECT_EQ(read.error().id, "timestamp.der");
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_EQ(IdOf(Verify(longer, root)), "timestamp.der");
  }
  EXPECT_EQ(IdOf(Verify(Bytes(kMaxTimestamp + 1, 0x30), root)), "timestamp.size");
  EXPECT_EQ(IdOf(Verify(pki.root.Issue(), root)), "timestamp.der");
}

}  // namespace
}  // namespace attestml::crypto
