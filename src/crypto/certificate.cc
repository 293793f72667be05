#include "crypto/certificate.h"

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "crypto/der.h"
#include "crypto/pem.h"

namespace attestml::crypto {
namespace {

constexpr std::size_t kMaxCertificate = 64 * 1024;
constexpr std::uint32_t kAnyUsage = 0xffffffff;
constexpr int kDigitalSignature = 0;
constexpr int kKeyCertSign = 5;
constexpr int kCrlSign = 6;

// What is common to certificates and CRLs: SEQUENCE { to be signed, algorithm, BIT STRING }, and nothing after it.
// Borrows from the DER. The signature is checked over these very bytes and never over a re-encoding.
struct SignedDer {
  BytesView tbs;
  BytesView algorithm;
  BytesView signature;
};

bool SplitSigned(BytesView der, SignedDer* out) {
  DerReader outer(der);
  DerReader in;
  DerValue tbs;
  DerValue algorithm;
  BytesView bits;
  if (!outer.ReadSequence(&in) || !outer.empty()) return false;
  if (!in.Read(&tbs) || tbs.tag != kDerSequence || !in.Read(&algorithm) || algorithm.tag != kDerSequence) return false;
  if (!in.Read(kDerBitString, &bits) || !in.empty()) return false;
  if (bits.empty() || bits[0] != 0) return false;
  *out = {tbs.full, algorithm.full, bits.subspan(1)};
  return true;
}

// AlgorithmIdentifier: ecdsa-with-SHA256 and ecdsa-with-SHA384 (RFC 5758, no parameters), Ed25519 (RFC 8410).
constexpr std::uint8_t kEcdsaSha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
constexpr std::uint8_t kEcdsaSha384[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
constexpr std::uint8_t kEd25519[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};
// RFC 4055: id-RSASSA-PSS with SHA-384 (its NULL written), MGF1 with SHA-384, 48 bytes of salt, and trailer field 1
// written (as AMD does, though it is the default) or left out.
constexpr std::uint8_t kPssSha384[] = {
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30};
constexpr std::uint8_t kPssSha384Trailer[] = {
    0x30, 0x46, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x39, 0xa0, 0x0f, 0x30,
    0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a,
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
    0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30, 0xa3, 0x03, 0x02, 0x01, 0x01};

BytesView AlgorithmOf(KeyType type) {
  switch (type) {
    case KeyType::kEcdsaP256:
      return kEcdsaSha256;
    case KeyType::kEcdsaP384:
      return kEcdsaSha384;
    case KeyType::kEd25519:
      return kEd25519;
    case KeyType::kRsaPss:
      return kPssSha384;
  }
  return {};
}

bool VerifySigned(const SignedDer& value, const PublicKey& key) {
  BytesView want = AlgorithmOf(key.type());
  if (key.type() == KeyType::kRsaPss && value.algorithm.size() == sizeof kPssSha384Trailer) want = kPssSha384Trailer;
  if (!std::equal(value.algorithm.begin(), value.algorithm.end(), want.begin(), want.end())) return false;
  return key.Verify(value.tbs, value.signature);
}

bool SameAlgorithm(const X509_ALGOR* inner, BytesView outer) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_ALGOR(inner, &der);
  const bool same = size > 0 && std::equal(der, der + size, outer.begin(), outer.end());
  OPENSSL_free(der);
  return same;
}

Bytes NameDer(const X509_NAME* name) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
  return Bytes(der, der + size);
}

std::string NameText(const X509_NAME* name) {
  BIO* bio = BIO_new(BIO_s_mem());
  std::string text;
  // Escapes everything that is not printable ASCII, so that a name cannot write to somebody's terminal.
  if (bio != nullptr && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    text.assign(data, static_cast<std::size_t>(size > 0 ? size : 0));
  }
  BIO_free(bio);
  return text;
}

std::optional<Time> ToTime(const ASN1_TIME* time) {
  std::tm tm{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1) return std::nullopt;
  auto out = MakeTime(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
  if (!out.ok()) return std::nullopt;
  return *out;
}

std::string OidText(const ASN1_OBJECT* object) {
  char text[128];
  const int size = OBJ_obj2txt(text, sizeof text, object, 1);
  return size > 0 ? std::string(text) : std::string();
}

// Nothing when there is none, or more than one.
std::string CommonName(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size > 0 ? size : 0));
  OPENSSL_free(text);
  return out;
}

std::vector<std::string> OtherCritical(const X509* x509) {
  std::vector<std::string> out;
  for (int i = 0; i < X509_get_ext_count(x509); ++i) {
    X509_EXTENSION* extension = X509_get_ext(x509, i);
    if (X509_EXTENSION_get_critical(extension) == 0) continue;
    const ASN1_OBJECT* object = X509_EXTENSION_get_object(extension);
    const int nid = OBJ_obj2nid(object);
    if (nid != NID_basic_constraints && nid != NID_key_usage) out.push_back(OidText(object));
  }
  return out;
}

// OpenSSL decodes a certificate's key while it parses, which costs more than all the rest and is for nothing: PublicKey
// reads the key from the SubjectPublicKeyInfo. A context without algorithms finds no decoder and leaves it out. Kept
// for the life of the process.
OSSL_LIB_CTX* WithoutAlgorithms() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    if (made != nullptr && OSSL_PROVIDER_load(made, "null") == nullptr) {
      OSSL_LIB_CTX_free(made);
      made = nullptr;
    }
    return made;  // none: the usual context, which only takes longer
  }();
  return context;
}

Error BadCertificate(std::string message) { return Malformed("cert.der", std::move(message)); }

}  // namespace

struct Certificate::Fields {
  std::shared_ptr<X509> x509;
  Bytes der, subject, issuer, serial, spki;
  Digest256 sha256{};
  std::string common_name;
  std::vector<std::string> other_critical;  // OIDs of critical extensions but basicConstraints and keyUsage
  SignedDer parts;                          // borrows from `der`
  Digest256 key_id{};
  Time not_before, not_after;
  std::optional<PublicKey> key;
  bool is_ca = false;
  std::optional<long> path_length;
  std::uint32_t key_usage = kAnyUsage;
};

Result<Certificate> Certificate::FromDer(BytesView der) {
  if (der.size() > kMaxCertificate) {
    return BadCertificate("certificate of " + std::to_string(der.size()) + " bytes, want at most 65536");
  }
  auto fields = std::make_shared<Fields>();
  fields->der = ToBytes(der);
  if (!SplitSigned(fields->der, &fields->parts)) return BadCertificate("not one DER certificate");
  const unsigned char* at = fields->der.data();
  // Freed, and set to null, by d2i_X509 where it fails.
  X509* x509 = X509_new_ex(WithoutAlgorithms(), nullptr);
  d2i_X509(&x509, &at, static_cast<long>(fields->der.size()));
  fields->x509.reset(x509, X509_free);
  if (x509 == nullptr) return BadCertificate("not one DER certificate");
  if (!SameAlgorithm(X509_get0_tbs_sigalg(x509), fields->parts.algorithm)) {
    return BadCertificate("signature algorithms inside and outside the certificate differ");
  }
  fields->subject = NameDer(X509_get_subject_name(x509));
  fields->issuer = NameDer(X509_get_issuer_name(x509));
  fields->sha256 = Sha256(fields->der);
  fields->common_name = CommonName(X509_get_subject_name(x509));
  fields->other_critical = OtherCritical(x509);

  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
  if (ASN1_STRING_type(serial) != V_ASN1_INTEGER) return BadCertificate("serial number is negative");
  const unsigned char* digits = ASN1_STRING_get0_data(serial);
  const unsigned char* digits_end = digits + ASN1_STRING_length(serial);
  fields->serial.assign(std::find_if(digits, digits_end, [](unsigned char c) { return c != 0; }), digits_end);

  const auto not_before = ToTime(X509_get0_notBefore(x509));
  const auto not_after = ToTime(X509_get0_notAfter(x509));
  if (!not_before || !not_after) return BadCertificate("validity is not two dates between 1970 and 9999");
  fields->not_before = *not_before;
  fields->not_after = *not_after;

  unsigned char* spki = nullptr;
  const int spki_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
  if (spki_size > 0) fields->spki.assign(spki, spki + spki_size);
  OPENSSL_free(spki);
  if (auto key = PublicKey::FromCertifiedSpki(fields->spki); key.ok()) {
    fields->key_id = key->id();
    fields->key = std::move(key).value();
  } else {
    fields->key_id = Sha256(fields->spki);
  }

  int critical = 0;
  auto* basic = static_cast<BASIC_CONSTRAINTS*>(X509_get_ext_d2i(x509, NID_basic_constraints, &critical, nullptr));
  if (basic == nullptr && critical != -1) return BadCertificate("basicConstraints is malformed or stands twice");
  if (basic != nullptr) {
    fields->is_ca = basic->ca != 0;
    // A negative or huge length reads as -1, and then nothing may be issued under it.
    if (basic->pathlen != nullptr) fields->path_length = ASN1_INTEGER_get(basic->pathlen);
    BASIC_CONSTRAINTS_free(basic);
  }
  auto* usage = static_cast<ASN1_BIT_STRING*>(X509_get_ext_d2i(x509, NID_key_usage, &critical, nullptr));
  if (usage == nullptr && critical != -1) return BadCertificate("keyUsage is malformed or stands twice");
  if (usage != nullptr) {
    fields->key_usage = 0;
    for (int bit = 0; bit < 9; ++bit) {
      if (ASN1_BIT_STRING_get_bit(usage, bit) != 0) fields->key_usage |= 1U << bit;
    }
    ASN1_BIT_STRING_free(usage);
  }
  return Certificate(std::move(fields));
}

Result<std::vector<Certificate>> Certificate::FromPem(std::string_view pem, std::size_t max) {
  auto blocks = ParsePem(pem, max);
  if (!blocks.ok()) return Malformed("cert.pem", blocks.error().message);
  std::vector<Certificate> out;
  for (const PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") return Malformed("cert.pem", "PEM block is not a certificate");
    ATTESTML_TRY(Certificate certificate, FromDer(block.der));
    out.push_back(std::move(certificate));
  }
  return out;
}

const Bytes& Certificate::der() const { return fields_->der; }
const Digest256& Certificate::sha256() const { return fields_->sha256; }
const std::string& Certificate::common_name() const { return fields_->common_name; }
std::string Certificate::subject() const { return NameText(X509_get_subject_name(fields_->x509.get())); }
std::string Certificate::issuer() const { return NameText(X509_get_issuer_name(fields_->x509.get())); }

const Bytes& Certificate::subject_der() const { return fields_->subject; }
const Bytes& Certificate::issuer_der() const { return fields_->issuer; }
const Bytes& Certificate::serial() const { return fields_->serial; }
Time Certificate::not_before() const { return fields_->not_before; }
Time Certificate::not_after() const { return fields_->not_after; }
const std::optional<PublicKey>& Certificate::public_key() const { return fields_->key; }
const Bytes& Certificate::spki() const { return fields_->spki; }
const Digest256& Certificate::key_id() const { return fields_->key_id; }
bool Certificate::is_ca() const { return fields_->is_ca; }
std::optional<long> Certificate::path_length() const { return fields_->path_length; }
bool Certificate::may_sign_certificates() const { return (fields_->key_usage >> kKeyCertSign & 1U) != 0; }
bool Certificate::may_sign_crls() const { return (fields_->key_usage >> kCrlSign & 1U) != 0; }
bool Certificate::may_sign() const { return (fields_->key_usage >> kDigitalSignature & 1U) != 0; }

std::optional<std::string> Certificate::unknown_critical(std::span<const std::string_view> handled) const {
  for (const std::string& oid : fields_->other_critical) {
    if (std::find(handled.begin(), handled.end(), oid) == handled.end()) return oid;
  }
  return std::nullopt;
}

std::optional<Bytes> Certificate::extension(std::string_view oid) const {
  const X509* x509 = fields_->x509.get();
  ASN1_OBJECT* object = OBJ_txt2obj(std::string(oid).c_str(), 1);
  if (object == nullptr) return std::nullopt;
  const int at = X509_get_ext_by_OBJ(x509, object, -1);
  const bool once = at >= 0 && X509_get_ext_by_OBJ(x509, object, at) < 0;
  ASN1_OBJECT_free(object);
  if (!once) return std::nullopt;
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(x509, at));
  const unsigned char* data = ASN1_STRING_get0_data(value);
  return Bytes(data, data + ASN1_STRING_length(value));
}

std::size_t Certificate::extension_count(std::string_view oid) const {
  const X509* x509 = fields_->x509.get();
  ASN1_OBJECT* object = OBJ_txt2obj(std::string(oid).c_str(), 1);
  if (object == nullptr) return 0;
  std::size_t count = 0;
  for (int at = -1; (at = X509_get_ext_by_OBJ(x509, object, at)) >= 0;) ++count;
  ASN1_OBJECT_free(object);
  return count;
}

bool Certificate::SignedBy(const Certificate& issuer) const {
  return issuer.public_key() && issuer.subject_der() == issuer_der() && SignedBy(*issuer.public_key());
}

bool Certificate::SignedBy(const PublicKey& key) const { return VerifySigned(fields_->parts, key); }

struct Crl::Fields {
  std::shared_ptr<X509_CRL> crl;
  Bytes der, issuer;
  SignedDer parts;  // borrows from `der`
  Time this_update, next_update;
};

Result<Crl> Crl::FromDer(BytesView der) {
  if (der.size() > kMaxSize)
    return Malformed("crl.der",
                     "CRL of " + std::to_string(der.size()) + " bytes, want at most " + std::to_string(kMaxSize));
  auto fields = std::make_shared<Fields>();
  fields->der = ToBytes(der);
  if (!SplitSigned(fields->der, &fields->parts)) return Malformed("crl.der", "not one DER CRL");
  const unsigned char* at = fields->der.data();
  fields->crl.reset(d2i_X509_CRL(nullptr, &at, static_cast<long>(fields->der.size())), X509_CRL_free);
  X509_CRL* crl = fields->crl.get();
  if (crl == nullptr) return Malformed("crl.der", "not one DER CRL");
  // The algorithm inside stands in the signed bytes; d2i has parsed it, and no accessor gives it. Its encoding follows
  // the optional version, so read it from there.
  DerReader tbs_outer(fields->parts.tbs);
  DerReader tbs;
  DerValue first;
  if (!tbs_outer.ReadSequence(&tbs) || !tbs.Read(&first)) return Malformed("crl.der", "not one DER CRL");
  if (first.tag == kDerInteger && !tbs.Read(&first)) return Malformed("crl.der", "not one DER CRL");
  if (!std::equal(first.full.begin(), first.full.end(), fields->parts.algorithm.begin(),
                  fields->parts.algorithm.end())) {
    return Malformed("crl.der", "signature algorithms inside and outside the CRL differ");
  }
  fields->issuer = NameDer(X509_CRL_get_issuer(crl));
  // OpenSSL also reads a name whose tag is not DER's. What finds a CRL by its issuer must see the same name.
  const auto issuer_bytes = IssuerOf(fields->der);
  if (!issuer_bytes ||
      !std::equal(issuer_bytes->begin(), issuer_bytes->end(), fields->issuer.begin(), fields->issuer.end())) {
    return Malformed("crl.der", "the issuer's name is not DER");
  }
  const auto this_update = ToTime(X509_CRL_get0_lastUpdate(crl));
  const auto next_update = ToTime(X509_CRL_get0_nextUpdate(crl));
  if (!this_update || !next_update)
    return Malformed("crl.der", "a CRL needs thisUpdate and nextUpdate between 1970 and 9999");
  fields->this_update = *this_update;
  fields->next_update = *next_update;

  // A critical extension can narrow what a CRL speaks for (delta, one distribution point, other issuers). Ours are
  // whole.
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* extension = X509_CRL_get_ext(crl, i);
    const ASN1_OBJECT* object = X509_EXTENSION_get_object(extension);
    const int nid = OBJ_obj2nid(object);
    if (X509_EXTENSION_get_critical(extension) != 0 || nid == NID_delta_crl || nid == NID_issuing_distribution_point) {
      return Unsupported("crl.extension", "CRL extension " + OidText(object) + " is not handled");
    }
  }
  STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(revoked, i);
    // A serial that lost its leading zero would match nothing, and what it revokes would stay in use.
    if (ASN1_STRING_type(X509_REVOKED_get0_serialNumber(entry)) != V_ASN1_INTEGER) {
      return Malformed("crl.der", "a revoked serial number is negative");
    }
    for (int j = 0; j < X509_REVOKED_get_ext_count(entry); ++j) {
      X509_EXTENSION* extension = X509_REVOKED_get_ext(entry, j);
      const ASN1_OBJECT* object = X509_EXTENSION_get_object(extension);
      const int nid = OBJ_obj2nid(object);
      if (nid == NID_certificate_issuer || (X509_EXTENSION_get_critical(extension) != 0 && nid != NID_crl_reason)) {
        return Unsupported("crl.extension", "CRL entry extension " + OidText(object) + " is not handled");
      }
    }
  }
  return Crl(std::move(fields));
}

Result<Crl> Crl::FromSignedDer(BytesView der, const PublicKey& key) {
  SignedDer parts;
  if (der.size() > kMaxSize || !SplitSigned(der, &parts))
    return Malformed("crl.der", "not one DER CRL of at most 1 MiB");
  if (!VerifySigned(parts, key)) return Untrusted("crl.signature", "the CRL's signature is not of this key");
  return FromDer(der);
}

std::optional<BytesView> Crl::IssuerOf(BytesView der) {
  SignedDer parts;
  if (!SplitSigned(der, &parts)) return std::nullopt;
  DerReader outer(parts.tbs);
  DerReader in;
  DerValue value;
  if (!outer.ReadSequence(&in) || !in.Read(&value)) return std::nullopt;
  // version INTEGER OPTIONAL, algorithm SEQUENCE, issuer SEQUENCE, thisUpdate: a certificate has a number and no date
  // here.
  if (value.tag == kDerInteger && !in.Read(&value)) return std::nullopt;
  if (value.tag != kDerSequence || !in.Read(&value) || value.tag != kDerSequence) return std::nullopt;
  const BytesView issuer = value.full;
  if (!in.Read(&value) || (value.tag != kDerUtcTime && value.tag != kDerGeneralizedTime)) return std::nullopt;
  return issuer;
}

const Bytes& Crl::der() const { return fields_->der; }
const Bytes& Crl::issuer_der() const { return fields_->issuer; }
std::string Crl::issuer() const { return NameText(X509_CRL_get_issuer(fields_->crl.get())); }
Time Crl::this_update() const { return fields_->this_update; }
Time Crl::next_update() const { return fields_->next_update; }

std::size_t Crl::size() const {
  const int n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(fields_->crl.get()));
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

bool Crl::Revokes(const Certificate& certificate) const {
  STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(fields_->crl.get());
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i));
    const unsigned char* at = ASN1_STRING_get0_data(serial);
    const unsigned char* end = at + ASN1_STRING_length(serial);
    at = std::find_if(at, end, [](unsigned char c) { return c != 0; });
    if (std::equal(at, end, certificate.serial().begin(), certificate.serial().end())) return true;
  }
  return false;
}

}  // namespace attestml::crypto
