#include "crypto/certificate_builder.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string_view>

#include "crypto/key_access.h"
#include "crypto/openssl_free.h"

namespace attestml::crypto {

namespace {

using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, Deleter<X509_REVOKED_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Deleter<X509_NAME_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>>;
using BitsPtr = std::unique_ptr<ASN1_BIT_STRING, Deleter<ASN1_BIT_STRING_free>>;
using EnumeratedPtr = std::unique_ptr<ASN1_ENUMERATED, Deleter<ASN1_ENUMERATED_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Deleter<ASN1_OBJECT_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using ConstraintsPtr = std::unique_ptr<BASIC_CONSTRAINTS, Deleter<BASIC_CONSTRAINTS_free>>;
using KeyIdPtr = std::unique_ptr<AUTHORITY_KEYID, Deleter<AUTHORITY_KEYID_free>>;
using PointsPtr = std::unique_ptr<CRL_DIST_POINTS, Deleter<CRL_DIST_POINTS_free>>;

using Name = std::vector<std::pair<std::string, std::string>>;

// RFC 5280 4.2.1.3, in the order of the bits.
constexpr std::array<std::string_view, 9> kKeyUsages = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                                        "cRLSign",          "encipherOnly",   "decipherOnly"};

NamePtr MakeName(const Name& name) {
  NamePtr out(X509_NAME_new());
  for (const auto& [type, value] : name) {
    if (X509_NAME_add_entry_by_txt(out.get(), type.c_str(), MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()),
                                   -1, 0) != 1) {
      return nullptr;
    }
  }
  return out;
}

// Null unless `serial` is a positive number of at most 20 bytes (RFC 5280 4.1.2.2).
IntegerPtr MakeSerial(const Bytes& serial) {
  if (serial.empty() || serial.size() > 20 || (serial[0] & 0x80) != 0) return nullptr;
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  IntegerPtr out(BN_is_zero(number) == 1 ? nullptr : BN_to_ASN1_INTEGER(number, nullptr));
  BN_free(number);
  return out;
}

// UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5); null outside years 1970 to 9999.
TimePtr MakeAsn1Time(Time time) {
  constexpr std::int64_t kEnd = 253402300800;  // 10000-01-01
  if (time.unix_seconds < 0 || time.unix_seconds >= kEnd) return nullptr;
  return TimePtr(ASN1_TIME_set(nullptr, time.unix_seconds));
}

OctetsPtr KeyIdentifier(const PublicKey& key) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  const unsigned char* at = key.spki().data();
  std::unique_ptr<X509_PUBKEY, Deleter<X509_PUBKEY_free>> parsed(
      d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(key.spki().size())));
  const unsigned char* bits = nullptr;
  int size = 0;
  if (!parsed || X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, parsed.get()) != 1) return nullptr;
  SHA1(bits, static_cast<std::size_t>(size), digest.data());
  OctetsPtr out(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(out.get(), digest.data(), static_cast<int>(digest.size()));
  return out;
}

KeyIdPtr AuthorityKeyIdentifier(const PrivateKey& issuer) {
  KeyIdPtr out(AUTHORITY_KEYID_new());
  out->keyid = KeyIdentifier(issuer.public_key()).release();
  return out;
}

ExtensionPtr MakeExtension(const CertificateTemplate::Extension& extension) {
  const ObjectPtr oid(OBJ_txt2obj(extension.oid.c_str(), 1));
  if (!oid) return nullptr;
  OctetsPtr value(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(value.get(), extension.value.data(), static_cast<int>(extension.value.size()));
  return ExtensionPtr(X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), extension.critical ? 1 : 0, value.get()));
}

bool AddBasicConstraints(X509* x509, const CertificateTemplate& from) {
  ConstraintsPtr constraints(BASIC_CONSTRAINTS_new());
  constraints->ca = from.is_ca ? 0xff : 0;
  if (from.path_length) {
    constraints->pathlen = ASN1_INTEGER_new();
    if (ASN1_INTEGER_set_int64(constraints->pathlen, *from.path_length) != 1) return false;
  }
  return X509_add1_ext_i2d(x509, NID_basic_constraints, constraints.get(), 1, X509V3_ADD_APPEND) == 1;
}

bool AddKeyUsage(X509* x509, const std::vector<std::string>& names) {
  if (names.empty()) return true;
  BitsPtr bits(ASN1_BIT_STRING_new());
  for (const std::string& name : names) {
    std::size_t bit = 0;
    while (bit < kKeyUsages.size() && kKeyUsages[bit] != name) ++bit;
    if (bit == kKeyUsages.size() || ASN1_BIT_STRING_set_bit(bits.get(), static_cast<int>(bit), 1) != 1) return false;
  }
  return X509_add1_ext_i2d(x509, NID_key_usage, bits.get(), 1, X509V3_ADD_APPEND) == 1;
}

bool AddCrlUrl(X509* x509, const std::optional<std::string>& url) {
  if (!url) return true;
  PointsPtr points(CRL_DIST_POINTS_new());
  DIST_POINT* point = DIST_POINT_new();
  if (sk_DIST_POINT_push(points.get(), point) <= 0) return false;
  point->distpoint = DIST_POINT_NAME_new();
  point->distpoint->type = 0;  // fullName
  point->distpoint->name.fullname = GENERAL_NAMES_new();
  GENERAL_NAME* name = GENERAL_NAME_new();
  if (sk_GENERAL_NAME_push(point->distpoint->name.fullname, name) <= 0) return false;
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, url->data(), static_cast<int>(url->size()));
  GENERAL_NAME_set0_value(name, GEN_URI, text);
  return X509_add1_ext_i2d(x509, NID_crl_distribution_points, points.get(), 0, X509V3_ADD_APPEND) == 1;
}

// The algorithm that goes with the type of a key (crypto/key.h). Null when it cannot be set up.
MdCtxPtr SigningContext(const PrivateKey& key) {
  const KeyType type = key.public_key().type();
  // Ed25519 hashes by itself and takes no digest.
  const EVP_MD* digest = type == KeyType::kEd25519     ? nullptr
                         : type == KeyType::kEcdsaP256 ? EVP_sha256()
                                                       : EVP_sha384();
  MdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  if (EVP_DigestSignInit(context.get(), &parameters, digest, nullptr, KeyAccess::Of(key)) != 1) return nullptr;
  if (type == KeyType::kRsaPss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                                   EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1 ||
                                   EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha384()) != 1)) {
    return nullptr;
  }
  return context;
}

template <auto ToDer, typename T>
Bytes Der(T* object) {
  unsigned char* der = nullptr;
  const int size = ToDer(object, &der);
  Bytes out(der, der + (size > 0 ? size : 0));
  OPENSSL_free(der);
  return out;
}

}  // namespace

Result<Bytes> IssueCertificate(const CertificateTemplate& certificate, const PublicKey& key,
                               const PrivateKey& issuer_key) {
  const auto bad = [](std::string_view what) {
    return Usage("cert.template", "certificate template has " + std::string(what));
  };
  const X509Ptr x509(X509_new());
  const NamePtr subject = MakeName(certificate.subject);
  const NamePtr issuer = MakeName(certificate.issuer);
  const IntegerPtr serial = MakeSerial(certificate.serial);
  const TimePtr not_before = MakeAsn1Time(certificate.not_before);
  const TimePtr not_after = MakeAsn1Time(certificate.not_after);
  if (!subject || !issuer) return bad("a name that cannot be encoded");
  if (!serial) return bad("a serial number that is not 1 to 20 bytes of a positive number");
  if (!not_before || !not_after) return bad("a date outside the years 1970 to 9999");
  if (X509_set_version(x509.get(), X509_VERSION_3) != 1 || X509_set_subject_name(x509.get(), subject.get()) != 1 ||
      X509_set_issuer_name(x509.get(), issuer.get()) != 1 || X509_set_serialNumber(x509.get(), serial.get()) != 1 ||
      X509_set1_notBefore(x509.get(), not_before.get()) != 1 || X509_set1_notAfter(x509.get(), not_after.get()) != 1 ||
      X509_set_pubkey(x509.get(), KeyAccess::Of(key)) != 1) {
    return bad("fields that cannot be encoded");
  }
  const KeyIdPtr authority = AuthorityKeyIdentifier(issuer_key);
  const OctetsPtr own = KeyIdentifier(key);
  if (X509_add1_ext_i2d(x509.get(), NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_APPEND) != 1 ||
      !AddCrlUrl(x509.get(), certificate.crl_url) ||
      X509_add1_ext_i2d(x509.get(), NID_subject_key_identifier, own.get(), 0, X509V3_ADD_APPEND) != 1) {
    return bad("a CRL address that cannot be encoded");
  }
  if (!AddKeyUsage(x509.get(), certificate.key_usage)) return bad("an unknown key usage");
  if (!AddBasicConstraints(x509.get(), certificate)) return bad("a path length that cannot be encoded");
  for (const auto& extension : certificate.extensions) {
    const ExtensionPtr made = MakeExtension(extension);
    if (!made || X509_add_ext(x509.get(), made.get(), -1) != 1)
      return bad("an extension OID that is not dotted numbers");
  }
  const MdCtxPtr context = SigningContext(issuer_key);
  if (!context || X509_sign_ctx(x509.get(), context.get()) <= 0) return bad("an unusable issuer key");
  return Der<i2d_X509>(x509.get());
}

Result<Bytes> IssueCrl(const CrlTemplate& crl, const PrivateKey& issuer_key) {
  const auto bad = [](std::string_view what) { return Usage("crl.template", "CRL template has " + std::string(what)); };
  const CrlPtr out(X509_CRL_new());
  const NamePtr issuer = MakeName(crl.issuer);
  const TimePtr this_update = MakeAsn1Time(crl.this_update);
  const TimePtr next_update = MakeAsn1Time(crl.next_update);
  if (!issuer) return bad("a name that cannot be encoded");
  if (!this_update || !next_update) return bad("a date outside the years 1970 to 9999");
  if (X509_CRL_set_version(out.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(out.get(), issuer.get()) != 1 ||
      X509_CRL_set1_lastUpdate(out.get(), this_update.get()) != 1 ||
      X509_CRL_set1_nextUpdate(out.get(), next_update.get()) != 1) {
    return bad("fields that cannot be encoded");
  }
  for (const Bytes& bytes : crl.revoked_serials) {
    const IntegerPtr serial = MakeSerial(bytes);
    if (!serial) return bad("a serial number that is not 1 to 20 bytes of a positive number");
    RevokedPtr revoked(X509_REVOKED_new());
    const EnumeratedPtr reason(ASN1_ENUMERATED_new());
    ASN1_ENUMERATED_set(reason.get(), CRL_REASON_KEY_COMPROMISE);
    if (X509_REVOKED_set_serialNumber(revoked.get(), serial.get()) != 1 ||
        X509_REVOKED_set_revocationDate(revoked.get(), this_update.get()) != 1 ||
        X509_REVOKED_add1_ext_i2d(revoked.get(), NID_crl_reason, reason.get(), 0, 0) != 1 ||
        X509_CRL_add0_revoked(out.get(), revoked.get()) != 1) {
      return bad("an entry that cannot be encoded");
    }
    static_cast<void>(revoked.release());
  }
  const IntegerPtr number(ASN1_INTEGER_new());
  const KeyIdPtr authority = AuthorityKeyIdentifier(issuer_key);
  if (ASN1_INTEGER_set_uint64(number.get(), crl.number) != 1 ||
      X509_CRL_add1_ext_i2d(out.get(), NID_crl_number, number.get(), 0, X509V3_ADD_APPEND) != 1 ||
      X509_CRL_add1_ext_i2d(out.get(), NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_APPEND) != 1) {
    return bad("a number that cannot be encoded");
  }
  for (const auto& extension : crl.extensions) {
    const ExtensionPtr made = MakeExtension(extension);
    if (!made || X509_CRL_add_ext(out.get(), made.get(), -1) != 1)
      return bad("an extension OID that is not dotted numbers");
  }
  X509_CRL_sort(out.get());
  const MdCtxPtr context = SigningContext(issuer_key);
  if (!context || X509_CRL_sign_ctx(out.get(), context.get()) <= 0) {
    return bad("an unusable issuer key");
  }
  return Der<i2d_X509_CRL>(out.get());
}

}  // namespace attestml::crypto
