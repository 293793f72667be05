// Judged by OpenSSL's own parser and path building, not by ours.
#include "crypto/certificate_builder.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/hex.h"
#include "crypto/pem.h"

namespace attestml::crypto {
namespace {

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using CrlPtr = std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)>;

constexpr Time kStart{1735689600};  // 2025-01-01
constexpr Time kEnd{4102444800};    // 2100-01-01
constexpr std::time_t kNow = 1750000000;

X509Ptr Parse(const Bytes& der) {
  const unsigned char* at = der.data();
  return {d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free};
}

CrlPtr ParseCrl(const Bytes& der) {
  const unsigned char* at = der.data();
  return {d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())), X509_CRL_free};
}

class CertificateBuilderTest : public ::testing::TestWithParam<KeyType> {
 protected:
  const PrivateKey root_key_ = PrivateKey::Generate(GetParam());
  const PrivateKey leaf_key_ = PrivateKey::Generate(KeyType::kEcdsaP256);
  CertificateTemplate root_ = {.subject = {{"CN", "Test Root"}, {"O", "Tests & Söhne"}, {"C", "US"}},
                               .issuer = {{"CN", "Test Root"}, {"O", "Tests & Söhne"}, {"C", "US"}},
                               .serial = {1},
                               .not_before = kStart,
                               .not_after = kEnd,
                               .is_ca = true,
                               .path_length = 0,
                               .key_usage = {"keyCertSign", "cRLSign"},
                               .crl_url = "https://example.invalid/a,b?ca=x&encoding=der",
                               .extensions = {}};
  CertificateTemplate leaf_ = {.subject = {{"CN", "Leaf"}},
                               .issuer = root_.subject,
                               .serial = {0x7f, 0xee, 0},
                               .not_before = kStart,
                               .not_after = kEnd,
                               .is_ca = false,
                               .path_length = {},
                               .key_usage = {"digitalSignature"},
                               .crl_url = {},
                               .extensions = {{"1.2.840.113741.1.13.1", false, {0x30, 0x00}}}};
  CrlTemplate crl_ = {.issuer = root_.subject,
                      .this_update = kStart,
                      .next_update = kEnd,
                      .number = 7,
                      .revoked_serials = {},
                      .extensions = {}};

  // 0 (X509_V_OK) or OpenSSL's reason, for the leaf under the root with the CRL.
  int PathError() {
    const X509Ptr root = Parse(IssueCertificate(root_, root_key_.public_key(), root_key_).value());
    const X509Ptr leaf = Parse(IssueCertificate(leaf_, leaf_key_.public_key(), root_key_).value());
    const CrlPtr crl = ParseCrl(IssueCrl(crl_, root_key_).value());
    std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
    X509_STORE_add_cert(store.get(), root.get());
    X509_STORE_add_crl(store.get(), crl.get());
    X509_VERIFY_PARAM* param = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(param, kNow);
    X509_VERIFY_PARAM_set_flags(param,
                                X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
    std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> ctx(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    X509_STORE_CTX_init(ctx.get(), store.get(), leaf.get(), nullptr);
    return X509_verify_cert(ctx.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx.get());
  }
};

INSTANTIATE_TEST_SUITE_P(Keys, CertificateBuilderTest, ::testing::Values(KeyType::kEcdsaP256, KeyType::kEd25519));

TEST_P(CertificateBuilderTest, OpenSslBuildsAPathUnderStrictRules) { EXPECT_EQ(PathError(), X509_V_OK); }

TEST_P(CertificateBuilderTest, EachRoleOfTheTemplateReachesTheCertificate) {
  const X509Ptr leaf = Parse(IssueCertificate(leaf_, leaf_key_.public_key(), root_key_).value());
  const X509Ptr root = Parse(IssueCertificate(root_, root_key_.public_key(), root_key_).value());
  EXPECT_EQ(X509_get_key_usage(leaf.get()), static_cast<unsigned>(KU_DIGITAL_SIGNATURE));
  EXPECT_EQ(X509_get_key_usage(root.get()), static_cast<unsigned>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  EXPECT_EQ(X509_get_pathlen(root.get()), 0);
  EXPECT_EQ(X509_check_ca(root.get()), 1);
  EXPECT_EQ(X509_check_ca(leaf.get()), 0);
  EXPECT_NE(X509_get0_authority_key_id(leaf.get()), nullptr);
  EXPECT_EQ(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(leaf.get()), X509_get0_subject_key_id(root.get())), 0);
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> oid(OBJ_txt2obj("1.2.840.113741.1.13.1", 1),
                                                                      ASN1_OBJECT_free);
  const int at = X509_get_ext_by_OBJ(leaf.get(), oid.get(), -1);
  ASSERT_GE(at, 0);
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(leaf.get(), at));
  EXPECT_EQ(HexEncode({ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))}), "3000");
  EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(leaf.get(), at)), 0);
}

TEST_P(CertificateBuilderTest, DatesBecomeUtcTimeUntil2049AndGeneralizedTimeAfter) {
  const X509Ptr leaf = Parse(IssueCertificate(leaf_, leaf_key_.public_key(), root_key_).value());
  EXPECT_EQ(ASN1_STRING_type(X509_get0_notBefore(leaf.get())), V_ASN1_UTCTIME);
  EXPECT_EQ(ASN1_STRING_type(X509_get0_notAfter(leaf.get())), V_ASN1_GENERALIZEDTIME);
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notBefore(leaf.get()), kStart.unix_seconds), 0);
  EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(leaf.get()), kEnd.unix_seconds), 0);
}

TEST_P(CertificateBuilderTest, ARevokedSerialIsRevoked) {
  crl_.revoked_serials = {{5}, leaf_.serial, {1, 2, 3}};
  EXPECT_EQ(PathError(), X509_V_ERR_CERT_REVOKED);
}

TEST_P(CertificateBuilderTest, WhatTheTemplateBreaksIsBrokenInTheCertificate) {
  leaf_.not_before = Time{kNow + 1};
  EXPECT_EQ(PathError(), X509_V_ERR_CERT_NOT_YET_VALID);
  leaf_.not_before = kStart;
  leaf_.not_after = Time{kNow - 1};
  EXPECT_EQ(PathError(), X509_V_ERR_CERT_HAS_EXPIRED);
  leaf_.not_after = kEnd;
  leaf_.extensions.push_back({"1.2.3.4.5", true, {0x05, 0x00}});
  EXPECT_EQ(PathError(), X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION);
  leaf_.extensions.pop_back();
  crl_.next_update = Time{kNow - 1};
  EXPECT_EQ(PathError(), X509_V_ERR_CRL_HAS_EXPIRED);
  crl_.next_update = kEnd;
  root_.key_usage = {"cRLSign"};
  EXPECT_NE(PathError(), X509_V_OK);
}

TEST_P(CertificateBuilderTest, MeaninglessTemplatesAreRefused) {
  const auto id = [&](const CertificateTemplate& from) {
    const auto made = IssueCertificate(from, leaf_key_.public_key(), root_key_);
    return made.ok() ? "issued" : made.error().id;
  };
  const auto with = [&](auto change) {
    CertificateTemplate changed = leaf_;
    change(changed);
    return id(changed);
  };
  EXPECT_EQ(id(leaf_), "issued");
  EXPECT_EQ(with([](auto& t) { t.serial = {}; }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.serial = {0}; }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.serial = {0x80}; }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.serial = Bytes(21, 1); }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.not_after = Time{-1}; }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.not_after = Time{253402300800}; }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.subject = {{"no such attribute", "x"}}; }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.key_usage = {"keyCertSing"}; }), "cert.template");
  EXPECT_EQ(with([](auto& t) { t.extensions = {{"sgx", false, {}}}; }), "cert.template");
  crl_.revoked_serials = {{}};
  EXPECT_EQ(IssueCrl(crl_, root_key_).error().id, "crl.template");
  crl_.revoked_serials = {};
  crl_.next_update = Time{-1};
  EXPECT_EQ(IssueCrl(crl_, root_key_).error().id, "crl.template");
}

TEST_P(CertificateBuilderTest, PemIsReadBack) {
  const Bytes der = IssueCertificate(leaf_, leaf_key_.public_key(), root_key_).value();
  const std::string pem = DerToPem("CERTIFICATE", der);
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  const X509Ptr read(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), X509_free);
  BIO_free(bio);
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(X509_cmp(read.get(), Parse(der).get()), 0);
}

}  // namespace
}  // namespace attestml::crypto
