#include "crypto/certificate.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/certificate_builder.h"
#include "crypto/der.h"
#include "crypto/der_tree_for_test.h"
#include "crypto/pem.h"

namespace attestml::crypto {
namespace {

CertificateTemplate Template() {
  CertificateTemplate t;
  t.subject = {{"CN", "leaf"}, {"O", "Test"}};
  t.issuer = {{"CN", "authority"}};
  t.serial = {0x01, 0x00, 0x80};
  t.not_before = Time{1'700'000'000};
  t.not_after = Time{1'800'000'000};
  return t;
}

const PrivateKey& Key() {
  static const PrivateKey key = PrivateKey::Generate(KeyType::kEcdsaP256);
  return key;
}

Certificate Issue(const CertificateTemplate& t, const PrivateKey& signer = Key()) {
  auto der = IssueCertificate(t, Key().public_key(), signer);
  EXPECT_TRUE(der.ok());
  auto certificate = Certificate::FromDer(*der);
  EXPECT_TRUE(certificate.ok());
  return *certificate;
}

// Members of a TBSCertificate with version, RFC 5280 4.1.
enum TbsCertificate : std::size_t { kVersion, kSerial, kAlgorithm, kIssuer, kValidity, kSubject, kSpki, kExtensions };

TEST(Certificate, Fields) {
  CertificateTemplate t = Template();
  t.is_ca = true;
  t.path_length = 3;
  t.key_usage = {"keyCertSign"};
  t.extensions.push_back({"1.2.3.4", false, {0x05, 0x00}});
  const Certificate c = Issue(t);
  EXPECT_EQ(c.common_name(), "leaf");
  EXPECT_EQ(c.serial(), (Bytes{0x01, 0x00, 0x80}));
  EXPECT_EQ(c.not_before(), t.not_before);
  EXPECT_EQ(c.not_after(), t.not_after);
  EXPECT_TRUE(c.is_ca());
  EXPECT_EQ(c.path_length(), 3);
  EXPECT_TRUE(c.may_sign_certificates());
  EXPECT_FALSE(c.may_sign_crls());
  EXPECT_FALSE(c.may_sign());
  EXPECT_EQ(c.spki(), Key().public_key().spki());
  EXPECT_EQ(c.key_id(), Key().public_key().id());
  ASSERT_TRUE(c.public_key().has_value());
  EXPECT_EQ(c.extension("1.2.3.4"), (Bytes{0x05, 0x00}));
  EXPECT_FALSE(c.extension("1.2.3.5").has_value());
  EXPECT_FALSE(c.unknown_critical().has_value());

  const Certificate plain = Issue(Template());
  EXPECT_TRUE(plain.may_sign() && plain.may_sign_crls() && plain.may_sign_certificates());
  EXPECT_FALSE(plain.path_length().has_value());
}

TEST(Certificate, CriticalAndRepeatedExtensions) {
  CertificateTemplate t = Template();
  t.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
  EXPECT_EQ(Issue(t).unknown_critical(), "1.2.3.4");
  const std::string_view handled[] = {"1.2.3.4"};
  EXPECT_FALSE(Issue(t).unknown_critical(handled).has_value());
  t.extensions.push_back(t.extensions[0]);
  EXPECT_FALSE(Issue(t).extension("1.2.3.4").has_value());
}

TEST(Certificate, Signatures) {
  const PrivateKey other = PrivateKey::Generate(KeyType::kEcdsaP256);
  const PrivateKey edwards = PrivateKey::Generate(KeyType::kEd25519);
  CertificateTemplate t = Template();
  EXPECT_TRUE(Issue(t).SignedBy(Key().public_key()));
  EXPECT_FALSE(Issue(t).SignedBy(other.public_key()));
  EXPECT_FALSE(Issue(t).SignedBy(edwards.public_key()));
  EXPECT_TRUE(Issue(t, edwards).SignedBy(edwards.public_key()));
  EXPECT_FALSE(Issue(t, edwards).SignedBy(Key().public_key()));
  // By certificate: names count too.
  CertificateTemplate authority = Template();
  authority.subject = {{"CN", "authority"}};
  EXPECT_TRUE(Issue(t).SignedBy(Issue(authority)));
  authority.subject = {{"CN", "authoritY"}};
  EXPECT_FALSE(Issue(t).SignedBy(Issue(authority)));
}

// An authority with a key on a curve that nobody knows has signed nothing.
TEST(Certificate, NothingIsSignedByAKeyThatCannotBeRead) {
  CertificateTemplate t = Template();
  t.subject = t.issuer;
  DerTree authority = DerTree::Of(Issue(t).der());
  ASSERT_TRUE(Issue(Template()).SignedBy(Certificate::FromDer(authority.Encode()).value()));
  authority[0][kSpki][0][1].content.back() = 0x7f;
  const auto unreadable = Certificate::FromDer(authority.Encode());
  ASSERT_TRUE(unreadable.ok()) << unreadable.error().message;
  EXPECT_FALSE(unreadable->public_key().has_value());
  EXPECT_FALSE(Issue(Template()).SignedBy(*unreadable));
}

// Every bit: what still parses is no longer signed. Every length: nothing parses.
TEST(Certificate, EveryByteAndLength) {
  CertificateTemplate t = Template();
  t.key_usage = {"digitalSignature"};
  const Bytes der = Issue(t).der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    Bytes changed = der;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << (i % 8));
    const auto c = Certificate::FromDer(changed);
    EXPECT_FALSE(c.ok() && c->SignedBy(Key().public_key())) << i;
    EXPECT_FALSE(Certificate::FromDer(BytesView(der).first(i)).ok()) << i;
  }
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(Certificate::FromDer(longer).ok());
}

struct Defect {
  const char* name;
  const char* message;  // a part of it
  std::function<void(DerTree&)> make;
};

DerTree& ExtensionOf(DerTree& certificate, const Bytes& oid) {
  for (DerTree& extension : certificate[0][kExtensions][0].children) {
    if (extension[0].content == oid) return extension;
  }
  ADD_FAILURE() << "no such extension";
  return certificate;
}
const Bytes kBasicConstraints = {0x55, 0x1d, 0x13};
const Bytes kKeyUsage = {0x55, 0x1d, 0x0f};

// Each is signed by the authority, and refused for what it is.
TEST(Certificate, DefectsThatItsAuthoritySigned) {
  CertificateTemplate t = Template();
  t.key_usage = {"digitalSignature"};
  const DerTree good = DerTree::Of(Issue(t).der());
  const auto parsed = Certificate::FromDer(good.Signed(Key()).Encode());
  ASSERT_TRUE(parsed.ok() && parsed->SignedBy(Key().public_key()));

  const auto twice = [](const Bytes& oid) {
    return [oid](DerTree& c) {
      const DerTree extension = ExtensionOf(c, oid);
      c[0][kExtensions][0].children.push_back(extension);
    };
  };
  const auto garbled = [](const Bytes& oid) {
    return [oid](DerTree& c) { ExtensionOf(c, oid).children.back().content = {0x05, 0x00}; };
  };
  const Defect defects[] = {
      {"serial", "serial number is negative", [](DerTree& c) { c[0][kSerial].content = {0xff}; }},
      {"algorithm", "algorithms inside and outside", [](DerTree& c) { c[0][kAlgorithm][0].content.back() = 3; }},
      {"algorithm outside", "algorithms inside and outside", [](DerTree& c) { c[1][0].content.back() = 3; }},
      {"notBefore before 1970", "not two dates",
       [](DerTree& c) { c[0][kValidity][0] = DerTree::Text(kDerUtcTime, "500101000000Z"); }},
      {"notAfter before 1970", "not two dates",
       [](DerTree& c) { c[0][kValidity][1] = DerTree::Text(kDerUtcTime, "500101000000Z"); }},
      {"notBefore no date", "not two dates",
       [](DerTree& c) { c[0][kValidity][0] = DerTree::Text(kDerUtcTime, "231340000000Z"); }},
      {"notAfter no date", "not two dates",
       [](DerTree& c) { c[0][kValidity][1] = DerTree::Text(kDerUtcTime, "231340000000Z"); }},
      {"basicConstraints", "basicConstraints is malformed or stands twice", garbled(kBasicConstraints)},
      {"two basicConstraints", "basicConstraints is malformed or stands twice", twice(kBasicConstraints)},
      {"keyUsage", "keyUsage is malformed or stands twice", garbled(kKeyUsage)},
      {"two keyUsage", "keyUsage is malformed or stands twice", twice(kKeyUsage)},
      {"key", "not one DER certificate", [](DerTree& c) { c[0][kSpki].tag = 0x31; }},
      {"outer tag", "not one DER certificate", [](DerTree& c) { c.tag = 0x31; }},
      {"tag of what is signed", "not one DER certificate", [](DerTree& c) { c[0].tag = 0x31; }},
      {"tag of the algorithm", "not one DER certificate", [](DerTree& c) { c[1].tag = 0x31; }},
      {"tag of the signature", "not one DER certificate", [](DerTree& c) { c[2].tag = kDerOctetString; }},
      {"something more", "not one DER certificate", [](DerTree& c) { c.children.push_back(c[1]); }},
  };
  for (const Defect& defect : defects) {
    DerTree bad = good;
    defect.make(bad);
    const auto refused = Certificate::FromDer(bad.Signed(Key()).Encode());
    ASSERT_FALSE(refused.ok()) << defect.name;
    EXPECT_EQ(refused.error().id, "cert.der") << defect.name;
    EXPECT_NE(refused.error().message.find(defect.message), std::string::npos)
        << defect.name << ": " << refused.error().message;
  }
  // What stands in the signature's bits, after it was made.
  for (const Bytes& bits : {Bytes{1, 0x80}, Bytes{}}) {
    DerTree bad = good.Signed(Key());
    bad[2].content = bits;
    const auto refused = Certificate::FromDer(bad.Encode());
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "not one DER certificate");
  }
  const auto large = Certificate::FromDer(Bytes(65537));
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().id, "cert.der");
  EXPECT_NE(large.error().message.find("want at most 65536"), std::string::npos);
}

// A good signature under the name of another algorithm is none.
TEST(Certificate, TheAlgorithmIsTheKeys) {
  DerTree renamed = DerTree::Of(Issue(Template()).der());
  renamed[0][kAlgorithm][0].content.back() = 3;  // ecdsa-with-SHA384
  renamed[1][0].content.back() = 3;
  const auto certificate = Certificate::FromDer(renamed.Signed(Key()).Encode());
  ASSERT_TRUE(certificate.ok()) << certificate.error().message;
  EXPECT_FALSE(certificate->SignedBy(Key().public_key()));
}

TEST(Certificate, WhatIsNoOidIsNoExtension) {
  const Certificate c = Issue(Template());
  EXPECT_FALSE(c.extension("basicConstraints, or so").has_value());
  EXPECT_EQ(c.extension_count("basicConstraints, or so"), 0U);
  EXPECT_EQ(c.extension_count("2.5.29.19"), 1U);
}

TEST(Certificate, Pem) {
  const std::string pem = DerToPem("CERTIFICATE", Issue(Template()).der());
  const auto count = [](const std::string& text) {
    const auto list = Certificate::FromPem(text);
    return list.ok() ? static_cast<int>(list->size()) : -1;
  };
  EXPECT_EQ(count(pem), 1);
  EXPECT_EQ(count(pem + pem), 2);
  EXPECT_EQ(count(pem + "\n\r\n" + pem), 2);
  EXPECT_EQ(count(pem + std::string(1, '\0')), 1);
  EXPECT_EQ(count(pem + std::string(2, '\0')), -1);
  EXPECT_EQ(count(pem + "x"), -1);
  EXPECT_EQ(count("x" + pem), -1);
  EXPECT_EQ(count(" " + pem), -1);
  EXPECT_EQ(count(""), -1);
  EXPECT_EQ(count(DerToPem("X509 CRL", Bytes{0x30, 0x00})), -1);
  EXPECT_EQ(count(DerToPem("X509 CRL", Issue(Template()).der())), -1);
  std::string nine;
  for (int i = 0; i < 9; ++i) nine += pem;
  EXPECT_EQ(count(nine), -1);
  for (std::size_t size = 0; size + 1 < pem.size(); ++size) EXPECT_EQ(count(pem.substr(0, size)), -1) << size;
}

TEST(Crl, FieldsAndRevocation) {
  CrlTemplate t;
  t.issuer = {{"CN", "authority"}};
  t.this_update = Time{1'700'000'000};
  t.next_update = Time{1'700'086'400};
  t.revoked_serials = {{0x02}, {0x01, 0x00, 0x80}};
  const auto der = IssueCrl(t, Key());
  ASSERT_TRUE(der.ok());
  const auto crl = Crl::FromDer(*der);
  ASSERT_TRUE(crl.ok()) << crl.error().message;
  EXPECT_EQ(crl->this_update(), t.this_update);
  EXPECT_EQ(crl->next_update(), t.next_update);
  EXPECT_EQ(crl->size(), 2U);
  EXPECT_TRUE(crl->Revokes(Issue(Template())));
  CertificateTemplate near = Template();
  near.serial = {0x01, 0x00, 0x81};
  EXPECT_FALSE(crl->Revokes(Issue(near)));
  EXPECT_TRUE(Crl::FromSignedDer(*der, Key().public_key()).ok());
  const auto issuer = Crl::IssuerOf(*der);
  ASSERT_TRUE(issuer.has_value());
  EXPECT_EQ(ToBytes(*issuer), crl->issuer_der());
  EXPECT_FALSE(Crl::IssuerOf(Issue(Template()).der()).has_value());

  // A name under a tag that is not DER's, which OpenSSL lets pass: found by fuzzing.
  Bytes not_der = *der;
  not_der[static_cast<std::size_t>(issuer->data() - der->data())] = 0x10;
  EXPECT_FALSE(Crl::IssuerOf(not_der).has_value());
  ASSERT_FALSE(Crl::FromDer(not_der).ok());
  EXPECT_EQ(Crl::FromDer(not_der).error().id, "crl.der");

  const PrivateKey other = PrivateKey::Generate(KeyType::kEcdsaP256);
  EXPECT_EQ(Crl::FromSignedDer(*der, other.public_key()).error().id, "crl.signature");
  for (std::size_t i = 0; i < der->size(); ++i) {
    Bytes changed = *der;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << (i % 8));
    EXPECT_FALSE(Crl::FromSignedDer(changed, Key().public_key()).ok()) << i;
    EXPECT_FALSE(Crl::FromDer(BytesView(*der).first(i)).ok()) << i;
  }
}

CrlTemplate List() {
  CrlTemplate t;
  t.issuer = {{"CN", "authority"}};
  t.this_update = Time{1'700'000'000};
  t.next_update = Time{1'700'086'400};
  t.revoked_serials = {{0x02}};
  return t;
}
Bytes Issue(const CrlTemplate& t) {
  auto der = IssueCrl(t, Key());
  EXPECT_TRUE(der.ok());
  return *der;
}

// Delta CRLs and those of one distribution point are no whole lists, whether or not they say so critically.
TEST(Crl, ExtensionsThatNarrowItAreRefused) {
  const auto with = [](const char* oid, bool critical) {
    CrlTemplate t = List();
    t.extensions = {{oid, critical, {0x30, 0x00}}};
    const auto crl = Crl::FromDer(Issue(t));
    return crl.ok() ? "" : crl.error().id;
  };
  for (const char* oid : {"2.5.29.27", "2.5.29.28", "1.2.3.4"}) EXPECT_EQ(with(oid, true), "crl.extension") << oid;
  for (const char* oid : {"2.5.29.27", "2.5.29.28"}) EXPECT_EQ(with(oid, false), "crl.extension") << oid;
  EXPECT_EQ(with("1.2.3.4", false), "");
}

// Members of a TBSCertList with version, RFC 5280 5.1.
enum TbsCertList : std::size_t { kListVersion, kListAlgorithm, kListIssuer, kThisUpdate, kNextUpdate, kRevoked };

TEST(Crl, DefectsThatItsAuthoritySigned) {
  const DerTree good = DerTree::Of(Issue(List()));
  ASSERT_TRUE(Crl::FromSignedDer(good.Signed(Key()).Encode(), Key().public_key()).ok());
  const char* const kDates = "needs thisUpdate and nextUpdate";
  const Defect defects[] = {
      {"algorithm", "algorithms inside and outside", [](DerTree& c) { c[0][kListAlgorithm][0].content.back() = 3; }},
      {"thisUpdate before 1970", kDates,
       [](DerTree& c) { c[0][kThisUpdate] = DerTree::Text(kDerUtcTime, "500101000000Z"); }},
      {"nextUpdate before 1970", kDates,
       [](DerTree& c) { c[0][kNextUpdate] = DerTree::Text(kDerUtcTime, "500101000000Z"); }},
      {"no nextUpdate", kDates, [](DerTree& c) { c[0].children.erase(c[0].children.begin() + kNextUpdate); }},
      {"entries", "not one DER CRL", [](DerTree& c) { c[0][kRevoked].tag = 0x31; }},
      {"serial", "serial number is negative", [](DerTree& c) { c[0][kRevoked][0][0].content = {0xfe}; }},
  };
  for (const Defect& defect : defects) {
    DerTree bad = good;
    defect.make(bad);
    const auto refused = Crl::FromSignedDer(bad.Signed(Key()).Encode(), Key().public_key());
    ASSERT_FALSE(refused.ok()) << defect.name;
    EXPECT_EQ(refused.error().id, "crl.der") << defect.name;
    EXPECT_NE(refused.error().message.find(defect.message), std::string::npos)
        << defect.name << ": " << refused.error().message;
  }
}

// What finds a CRL among other things by its issuer takes nothing else for one.
TEST(Crl, IssuerOfWhatIsNone) {
  const DerTree list = DerTree::Of(Issue(List()));
  ASSERT_TRUE(Crl::IssuerOf(list.Encode()).has_value());
  DerTree other_algorithm = list;
  other_algorithm[0][kListAlgorithm].tag = 0x31;
  EXPECT_FALSE(Crl::IssuerOf(other_algorithm.Encode()).has_value());
  DerTree undated = list;
  undated[0].children.resize(kThisUpdate);
  EXPECT_FALSE(Crl::IssuerOf(undated.Encode()).has_value());
  DerTree nameless = list;
  nameless[0].children.resize(kListIssuer);
  EXPECT_FALSE(Crl::IssuerOf(nameless.Encode()).has_value());
  DerTree outside = list;
  outside[1].tag = 0x31;
  EXPECT_FALSE(Crl::IssuerOf(outside.Encode()).has_value());
  DerTree more = list;
  more.children.push_back(more[1]);
  EXPECT_FALSE(Crl::IssuerOf(more.Encode()).has_value());
  // Without a signature, not even the octet that counts its unused bits; a zero that follows in memory is not it.
  DerTree bare = list;
  bare[2].content = {};
  Bytes followed = bare.Encode();
  followed.push_back(0);
  EXPECT_FALSE(Crl::IssuerOf(BytesView(followed).first(followed.size() - 1)).has_value());
  // A certificate of version 1 states none: number, algorithm and issuer stand where a CRL has them, then come two
  // dates in a sequence of their own.
  DerTree first_version = DerTree::Of(Issue(Template()).der());
  auto& members = first_version[0].children;
  members.erase(members.begin() + kVersion);
  members.pop_back();
  ASSERT_TRUE(Certificate::FromDer(first_version.Encode()).ok());
  EXPECT_FALSE(Crl::IssuerOf(first_version.Encode()).has_value());
}

// Zero is written as one octet, and Certificate::serial has no leading zeros.
TEST(Crl, RevokesTheSerialZero) {
  DerTree certificate = DerTree::Of(Issue(Template()).der());
  certificate[0][kSerial].content = {0};
  DerTree list = DerTree::Of(Issue(List()));
  list[0][kRevoked][0][0].content = {0};
  const auto crl = Crl::FromDer(list.Encode());
  ASSERT_TRUE(crl.ok()) << crl.error().message;
  EXPECT_TRUE(crl->Revokes(Certificate::FromDer(certificate.Encode()).value()));
  EXPECT_FALSE(crl->Revokes(Issue(Template())));
}

TEST(Crl, SizeIsLookedAtFirst) {
  CrlTemplate t = List();
  t.extensions = {{"1.2.3.4", false, Bytes(Crl::kMaxSize)}};
  const Bytes der = Issue(t);
  EXPECT_NE(Crl::FromDer(der).error().message.find("want at most 1048576"), std::string::npos);
  EXPECT_NE(Crl::FromSignedDer(der, Key().public_key()).error().message.find("of at most 1 MiB"), std::string::npos);
}

TEST(Der, Strict) {
  const auto reads = [](Bytes bytes) {
    DerReader in(bytes);
    DerValue value;
    return in.Read(&value) && in.empty();
  };
  EXPECT_TRUE(reads({0x05, 0x00}));
  EXPECT_TRUE(reads({0x04, 0x01, 0xff}));
  EXPECT_FALSE(reads({}));
  EXPECT_FALSE(reads({0x04}));
  EXPECT_FALSE(reads({0x04, 0x02, 0xff}));        // too short
  EXPECT_FALSE(reads({0x04, 0x80, 0x00, 0x00}));  // indefinite
  EXPECT_FALSE(reads({0x04, 0x81, 0x01, 0xff}));  // not the shortest form
  EXPECT_FALSE(reads({0x1f, 0x81, 0x01, 0x00}));  // long tag
  EXPECT_FALSE(reads({0x04, 0x84, 0xff, 0xff, 0xff, 0xff}));
  EXPECT_FALSE(reads({0x04, 0x85, 0x00, 0x00, 0x00, 0x00, 0x00}));
  Bytes long_form = {0x04, 0x81, 0x80};
  long_form.resize(3 + 128);
  EXPECT_TRUE(reads(long_form));

  const auto number = [](Bytes bytes) -> std::optional<std::uint64_t> {
    DerReader in(bytes);
    std::uint64_t value = 0;
    if (!in.ReadUnsigned(&value)) return std::nullopt;
    return value;
  };
  EXPECT_EQ(number({0x02, 0x01, 0x00}), 0U);
  EXPECT_EQ(number({0x02, 0x02, 0x00, 0xff}), 255U);
  EXPECT_EQ(number({0x02, 0x09, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), ~0ULL);
  EXPECT_FALSE(number({0x02, 0x01, 0xff}));        // negative
  EXPECT_FALSE(number({0x02, 0x02, 0x00, 0x7f}));  // padded
  EXPECT_FALSE(number({0x02, 0x00}));
  EXPECT_FALSE(number({0x02, 0x09, 0x01, 0, 0, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace attestml::crypto
