#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>

#include "crypto/der.h"
#include "crypto/digest_signature.h"
#include "crypto/key_access.h"
#include "crypto/pem.h"

namespace attestml::crypto {
namespace {

constexpr std::size_t kMaxPem = 64 * 1024;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};
using EcKeyPtr = std::unique_ptr<EC_KEY, Deleter<EC_KEY_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using SigPtr = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using BnPtr = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

KeyHandle Own(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

// DER prefix of an id-ecPublicKey SubjectPublicKeyInfo on prime256v1 with an uncompressed point (RFC 5480); the 64
// bytes of X || Y follow.
constexpr std::array<std::uint8_t, 27> kP256SpkiPrefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                          0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                          0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
// The same on secp384r1; 96 bytes follow.
constexpr std::array<std::uint8_t, 24> kP384SpkiPrefix = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                                          0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                                          0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04};
// AlgorithmIdentifier of rsaEncryption with its NULL (RFC 3279).
constexpr std::array<std::uint8_t, 15> kRsaAlgorithm = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
// RFC 8410: Ed25519.
constexpr std::array<std::uint8_t, 12> kEd25519SpkiPrefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                             0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

Bytes SpkiOf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  Bytes out(der, der + (size > 0 ? size : 0));
  OPENSSL_free(der);
  return out;
}

std::string TakeText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

// The curve must be given by its name: explicit parameters are another curve with our key type (CVE-2020-0601's class).
std::optional<KeyType> TypeOf(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyType::kEd25519;
  if (EVP_PKEY_is_a(key, "RSA") == 1) return KeyType::kRsaPss;
  if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
  char group[64];
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group, sizeof group, &size) != 1) return std::nullopt;
  if (std::string_view(group, size) == "prime256v1") return KeyType::kEcdsaP256;
  if (std::string_view(group, size) == "secp384r1") return KeyType::kEcdsaP384;
  return std::nullopt;
}

// PKCS #8 (RFC 5208, RFC 5915) of a P-256 key with its public point, as OpenSSL writes it: these bytes, the 32 of the
// private number, kP256Pkcs8Point, and X || Y.
constexpr std::array<std::uint8_t, 36> kP256Pkcs8Prefix = {
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20};
constexpr std::array<std::uint8_t, 6> kP256Pkcs8Point = {0xa1, 0x44, 0x03, 0x42, 0x00, 0x04};

// What differs between the two curves.
struct Curve {
  KeyType type;
  int nid;
  std::string_view name;
  std::size_t field;  // bytes of a coordinate
  BytesView spki_prefix;
};
const Curve kP256 = {KeyType::kEcdsaP256, NID_X9_62_prime256v1, "P-256", 32, kP256SpkiPrefix};
const Curve kP384 = {KeyType::kEcdsaP384, NID_secp384r1, "P-384", 48, kP384SpkiPrefix};

// Null for keys that are not on a curve of ours.
const Curve* CurveOf(KeyType type) {
  return type == KeyType::kEcdsaP256 ? &kP256 : type == KeyType::kEcdsaP384 ? &kP384 : nullptr;
}

bool StartsWith(BytesView bytes, BytesView prefix) {
  return bytes.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

Bytes SpkiOfPoint(const Curve& curve, BytesView xy) {
  Bytes spki(curve.spki_prefix.begin(), curve.spki_prefix.end());
  spki.insert(spki.end(), xy.begin(), xy.end());
  return spki;
}

// What is signed: the digest that goes with the curve.
Bytes DigestOf(const Curve& curve, BytesView message) {
  return curve.type == KeyType::kEcdsaP256 ? ToBytes(Sha256(message)) : ToBytes(Sha384(message));
}

bool IsP256Pkcs8(BytesView der) {
  const std::size_t point = kP256Pkcs8Prefix.size() + 32;
  return der.size() == point + kP256Pkcs8Point.size() + 64 &&
         std::equal(kP256Pkcs8Prefix.begin(), kP256Pkcs8Prefix.end(), der.begin()) &&
         std::equal(kP256Pkcs8Point.begin(), kP256Pkcs8Point.end(), der.begin() + static_cast<std::ptrdiff_t>(point));
}

// Null where the point is not that of the number.
EcKeyPtr ReadP256Pkcs8(BytesView der) {
  EcKeyPtr ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  const BnPtr number(BN_bin2bn(der.data() + kP256Pkcs8Prefix.size(), 32, nullptr));
  if (EC_KEY_oct2key(ec.get(), der.last(65).data(), 65, nullptr) != 1 ||
      EC_KEY_set_private_key(ec.get(), number.get()) != 1 || EC_KEY_check_key(ec.get()) != 1) {
    return nullptr;
  }
  return ec;
}

KeyHandle HandleOf(EcKeyPtr ec) {
  KeyHandle handle = Own(EVP_PKEY_new());
  if (EVP_PKEY_assign_EC_KEY(handle.get(), ec.get()) != 1) return nullptr;
  static_cast<void>(ec.release());
  return handle;
}

bool VerifyEcdsa(const EVP_PKEY* key, BytesView digest, const ECDSA_SIG* sig) {
  const EC_KEY* ec = EVP_PKEY_get0_EC_KEY(key);
  return ec != nullptr &&
         ECDSA_do_verify(digest.data(), static_cast<int>(digest.size()), sig, const_cast<EC_KEY*>(ec)) == 1;
}

bool VerifyEcdsaDer(const EVP_PKEY* key, const Curve& curve, BytesView digest, BytesView signature) {
  if (signature.empty() || signature.size() > 2 * curve.field + 16) return false;
  const unsigned char* at = signature.data();
  const SigPtr sig(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  if (!sig || at != signature.data() + signature.size()) return false;
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(sig.get(), &der);
  const bool strict = size > 0 && std::equal(der, der + size, signature.begin(), signature.end());
  OPENSSL_free(der);
  return strict && VerifyEcdsa(key, digest, sig.get());
}

SigPtr SignEcdsa(const EVP_PKEY* key, BytesView digest) {
  const EC_KEY* ec = EVP_PKEY_get0_EC_KEY(key);
  SigPtr sig(ec == nullptr ? nullptr
                           : ECDSA_do_sign(digest.data(), static_cast<int>(digest.size()), const_cast<EC_KEY*>(ec)));
  if (sig == nullptr) std::abort();
  return sig;
}

Result<EcKeyPtr> ReadPoint(const Curve& curve, BytesView xy) {
  const std::size_t size = 2 * curve.field;
  if (xy.size() != size) {
    return Malformed("key.point", std::to_string(xy.size()) + " bytes of " + std::string(curve.name) + " point, want " +
                                      std::to_string(size));
  }
  EcKeyPtr ec(EC_KEY_new_by_curve_name(curve.nid));
  // Checks that both coordinates are below p and that the point lies on the curve; the group has cofactor 1.
  Bytes encoded(1 + size, 4);
  std::copy(xy.begin(), xy.end(), encoded.begin() + 1);
  if (EC_KEY_oct2key(ec.get(), encoded.data(), encoded.size(), nullptr) != 1) {
    return Malformed("key.point", std::to_string(size) + " bytes are not a point on " + std::string(curve.name));
  }
  return ec;
}

// RFC 8017 8.1.2 with SHA-384 throughout. The general interface would build a provider's key first, which takes longer
// than the arithmetic.
bool VerifyPss(const EVP_PKEY* key, BytesView message, BytesView signature) {
  RSA* rsa = const_cast<RSA*>(EVP_PKEY_get0_RSA(key));
  const auto size = static_cast<std::size_t>(RSA_size(rsa));
  if (signature.size() != size) return false;
  Bytes encoded(size);
  if (RSA_public_decrypt(static_cast<int>(size), signature.data(), encoded.data(), rsa, RSA_NO_PADDING) !=
      static_cast<int>(size)) {
    return false;
  }
  return RSA_verify_PKCS1_PSS_mgf1(rsa, Sha384(message).data(), EVP_sha384(), EVP_sha384(), encoded.data(), 48) == 1;
}

Bytes SignPss(const EVP_PKEY* key, BytesView message) {
  RSA* rsa = const_cast<RSA*>(EVP_PKEY_get0_RSA(key));
  Bytes encoded(static_cast<std::size_t>(RSA_size(rsa)));
  Bytes out(encoded.size());
  if (RSA_padding_add_PKCS1_PSS_mgf1(rsa, encoded.data(), Sha384(message).data(), EVP_sha384(), EVP_sha384(), 48) !=
          1 ||
      RSA_private_encrypt(static_cast<int>(encoded.size()), encoded.data(), out.data(), rsa, RSA_NO_PADDING) !=
          static_cast<int>(out.size())) {
    std::abort();
  }
  return out;
}

// RSAPublicKey of a SubjectPublicKeyInfo (RFC 8017 A.1.1); null when it is not one that we take.
KeyHandle ReadRsa(BytesView der) {
  DerReader outer(der);
  DerReader in;
  DerValue algorithm;
  BytesView bits;
  if (!outer.ReadSequence(&in) || !outer.empty() || !in.Read(&algorithm) || !in.Read(kDerBitString, &bits) ||
      !in.empty() || bits.empty() || bits[0] != 0) {
    return nullptr;
  }
  if (!std::equal(algorithm.full.begin(), algorithm.full.end(), kRsaAlgorithm.begin(), kRsaAlgorithm.end())) {
    return nullptr;
  }
  DerReader key_outer(bits.subspan(1));
  DerReader key;
  BytesView modulus;
  std::uint64_t exponent = 0;
  if (!key_outer.ReadSequence(&key) || !key_outer.empty() || !key.Read(kDerInteger, &modulus) ||
      !key.ReadUnsigned(&exponent) || !key.empty()) {
    return nullptr;
  }
  // A positive number whose top bit is set has one zero byte before it.
  if (modulus.size() < 257 || modulus.size() > 513 || modulus[0] != 0 || (modulus[1] & 0x80) == 0) return nullptr;
  if ((modulus.back() & 1) == 0 || exponent != 65537) return nullptr;
  RSA* rsa = RSA_new();
  BIGNUM* n = BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr);
  BIGNUM* e = BN_new();
  BN_set_word(e, exponent);
  RSA_set0_key(rsa, n, e, nullptr);
  KeyHandle handle = Own(EVP_PKEY_new());
  if (EVP_PKEY_assign_RSA(handle.get(), rsa) != 1) {
    RSA_free(rsa);
    return nullptr;
  }
  return handle;
}

}  // namespace

PublicKey::PublicKey(KeyType type, KeyHandle handle, Bytes spki)
    : type_(type), handle_(std::move(handle)), spki_(std::move(spki)), id_(Sha256(spki_)) {}

std::string_view KeyTypeName(KeyType type) {
  switch (type) {
    case KeyType::kEcdsaP256:
      return "ECDSA P-256";
    case KeyType::kEd25519:
      return "Ed25519";
    case KeyType::kEcdsaP384:
      return "ECDSA P-384";
    case KeyType::kRsaPss:
      return "RSA-PSS";
  }
  return "unknown";
}

Result<PublicKey> PublicKey::FromP256Point(BytesView xy) {
  ATTESTML_TRY(EcKeyPtr ec, ReadPoint(kP256, xy));
  KeyHandle handle = HandleOf(std::move(ec));
  if (!handle) return Malformed("key.point", "64 bytes are not a point on P-256");
  return PublicKey(KeyType::kEcdsaP256, std::move(handle), SpkiOfPoint(kP256, xy));
}

Result<PublicKey> PublicKey::FromP384Point(BytesView xy) {
  ATTESTML_TRY(EcKeyPtr ec, ReadPoint(kP384, xy));
  KeyHandle handle = HandleOf(std::move(ec));
  if (!handle) return Malformed("key.point", "96 bytes are not a point on P-384");
  return PublicKey(KeyType::kEcdsaP384, std::move(handle), SpkiOfPoint(kP384, xy));
}

Result<PublicKey> PublicKey::FromSpki(BytesView der) {
  if (der.size() == kP256SpkiPrefix.size() + 64 && StartsWith(der, kP256SpkiPrefix)) {
    return FromP256Point(der.subspan(kP256SpkiPrefix.size()));
  }
  if (der.size() == kEd25519SpkiPrefix.size() + 32 && StartsWith(der, kEd25519SpkiPrefix)) {
    EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, der.data() + kEd25519SpkiPrefix.size(), 32);
    if (key == nullptr) return Malformed("key.spki", "not an Ed25519 public key");
    return PublicKey(KeyType::kEd25519, Own(key), ToBytes(der));
  }
  if (der.empty() || der[0] != 0x30) return Malformed("key.spki", "not a SubjectPublicKeyInfo");
  return Unsupported("key.type", "public key of " + std::to_string(der.size()) +
                                     " bytes is neither P-256 (named curve, uncompressed) nor Ed25519");
}

Result<PublicKey> PublicKey::FromCertifiedSpki(BytesView der) {
  if (der.size() == kP384SpkiPrefix.size() + 96 && StartsWith(der, kP384SpkiPrefix)) {
    return FromP384Point(der.subspan(kP384SpkiPrefix.size()));
  }
  if (KeyHandle rsa = ReadRsa(der)) return PublicKey(KeyType::kRsaPss, std::move(rsa), ToBytes(der));
  return FromSpki(der);
}

Result<PublicKey> PublicKey::FromPem(std::string_view pem) {
  if (pem.size() > kMaxPem) return Malformed("key.pem", "PEM text is larger than 64 KiB");
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const KeyHandle key = Own(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return Malformed("key.pem", "not a PEM public key");
  return FromSpki(SpkiOf(key.get()));
}

std::string PublicKey::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), handle_.get());
  return TakeText(bio.get());
}

bool PublicKey::Verify(BytesView message, BytesView signature) const {
  if (const Curve* curve = CurveOf(type_)) {
    return VerifyEcdsaDer(handle_.get(), *curve, DigestOf(*curve, message), signature);
  }
  if (type_ == KeyType::kRsaPss) return VerifyPss(handle_.get(), message, signature);
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, handle_.get()) == 1 &&
         EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

bool VerifyDigest(const PublicKey& key, const Digest256& sha256, BytesView signature) {
  return key.type() == KeyType::kEcdsaP256 && VerifyEcdsaDer(KeyAccess::Of(key), kP256, sha256, signature);
}

bool PublicKey::VerifyRaw(BytesView message, BytesView signature) const {
  const Curve* curve = CurveOf(type_);
  if (curve == nullptr || signature.size() != 2 * curve->field) return false;
  const int field = static_cast<int>(curve->field);
  const SigPtr sig(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(signature.data(), field, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + field, field, nullptr);
  ECDSA_SIG_set0(sig.get(), r, s);
  return VerifyEcdsa(handle_.get(), DigestOf(*curve, message), sig.get());
}

PrivateKey PrivateKey::Generate(KeyType type) {
  // No entropy, no key: nothing sensible can be done without one.
  if (type == KeyType::kEd25519) {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (key == nullptr) std::abort();
    Bytes spki = SpkiOf(key);
    return PrivateKey(PublicKey(type, Own(key), std::move(spki)));
  }
  if (type == KeyType::kRsaPss) {
    EVP_PKEY* key = EVP_RSA_gen(4096);
    if (key == nullptr) std::abort();
    Bytes spki = SpkiOf(key);
    return PrivateKey(PublicKey(type, Own(key), std::move(spki)));
  }
  const Curve& curve = *CurveOf(type);
  EcKeyPtr ec(EC_KEY_new_by_curve_name(curve.nid));
  Bytes point(1 + 2 * curve.field);
  if (ec == nullptr || EC_KEY_generate_key(ec.get()) != 1 ||
      EC_POINT_point2oct(EC_KEY_get0_group(ec.get()), EC_KEY_get0_public_key(ec.get()), POINT_CONVERSION_UNCOMPRESSED,
                         point.data(), point.size(), nullptr) != point.size()) {
    std::abort();
  }
  KeyHandle handle = HandleOf(std::move(ec));
  if (!handle) std::abort();
  return PrivateKey(PublicKey(type, std::move(handle), SpkiOfPoint(curve, BytesView(point).subspan(1))));
}

Result<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  if (pem.size() > kMaxPem) return Malformed("key.pem", "PEM text is larger than 64 KiB");
  // OpenSSL's general decoder takes milliseconds to set up in a process that needs it for nothing else.
  if (const auto blocks = ParsePem(pem, 1);
      blocks.ok() && blocks->front().label == "PRIVATE KEY" && IsP256Pkcs8(blocks->front().der)) {
    EcKeyPtr ec = ReadP256Pkcs8(blocks->front().der);
    KeyHandle handle = ec ? HandleOf(std::move(ec)) : nullptr;
    if (!handle) return Malformed("key.pem", "the private key's public point is not its own");
    const BytesView xy = BytesView(blocks->front().der).last(64);
    return PrivateKey(PublicKey(KeyType::kEcdsaP256, std::move(handle), SpkiOfPoint(kP256, xy)));
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyHandle key = Own(PEM_read_bio_PrivateKey(
      bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  if (!key) return Malformed("key.pem", "not a PEM private key (encrypted keys are not read)");
  const auto type = TypeOf(key.get());
  if (!type) return Unsupported("key.type", "private key is neither P-256, P-384, Ed25519 nor RSA");
  Bytes spki = SpkiOf(key.get());
  return PrivateKey(PublicKey(*type, std::move(key), std::move(spki)));
}

std::string PrivateKey::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), public_.handle_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return TakeText(bio.get());
}

Bytes PrivateKey::Sign(BytesView message) const {
  if (public_.type_ == KeyType::kRsaPss) return SignPss(public_.handle_.get(), message);
  if (const Curve* curve = CurveOf(public_.type_)) {
    const SigPtr sig = SignEcdsa(public_.handle_.get(), DigestOf(*curve, message));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(sig.get(), &der);
    Bytes out(der, der + (size > 0 ? size : 0));
    OPENSSL_free(der);
    return out;
  }
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, public_.handle_.get()) != 1 ||
      EVP_DigestSign(ctx.get(), nullptr, &size, message.data(), message.size()) != 1) {
    std::abort();
  }
  Bytes out(size);
  if (EVP_DigestSign(ctx.get(), out.data(), &size, message.data(), message.size()) != 1) std::abort();
  out.resize(size);
  return out;
}

Bytes PrivateKey::SignRaw(BytesView message) const {
  const Curve* curve = CurveOf(public_.type_);
  if (curve == nullptr) std::abort();
  const SigPtr sig = SignEcdsa(public_.handle_.get(), DigestOf(*curve, message));
  const int field = static_cast<int>(curve->field);
  Bytes out(2 * curve->field);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), out.data(), field) != field ||
      BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), out.data() + field, field) != field) {
    std::abort();
  }
  return out;
}

Digest256 RandomSecret() {
  Digest256 out{};
  if (RAND_priv_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
  return out;
}

}  // namespace attestml::crypto
