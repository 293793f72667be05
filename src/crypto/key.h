// Signature keys: ECDSA P-256 with SHA-256 (session keys, SGX and TDX evidence, certifiers), Ed25519 (certifiers), and,
// in certificates and evidence only, ECDSA P-384 with SHA-384 (AMD, AWS) and RSASSA-PSS with SHA-384 (AMD).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

struct evp_pkey_st;

namespace attestml::crypto {

// One type, one signature algorithm: a key never verifies under two.
enum class KeyType : std::uint8_t { kEcdsaP256, kEd25519, kEcdsaP384, kRsaPss };

// "ECDSA P-256", "Ed25519", "ECDSA P-384", "RSA-PSS".
std::string_view KeyTypeName(KeyType type);

using KeyHandle = std::shared_ptr<evp_pkey_st>;

// PublicKey is immutable and cheap to copy. Holding one says only that the bytes are a valid key of a type we handle:
// a point on the curve, not infinity.
class PublicKey {
 public:
  // SubjectPublicKeyInfo, DER, exactly, of a P-256 or Ed25519 key: the types that may sign statements. Error ids
  // key.spki (malformed) and key.type (unsupported).
  static Result<PublicKey> FromSpki(BytesView der);
  // The same of any type that certificates and evidence may hold: P-384 and RSA (rsaEncryption, 2048 to 4096 bits,
  // exponent 65537) too.
  static Result<PublicKey> FromCertifiedSpki(BytesView der);
  // X || Y, big endian, 64 bytes, as SGX and TDX quotes hold it. Error id key.point.
  static Result<PublicKey> FromP256Point(BytesView xy);
  // The same on P-384, 96 bytes.
  static Result<PublicKey> FromP384Point(BytesView xy);
  // PEM "PUBLIC KEY". Error id key.pem.
  static Result<PublicKey> FromPem(std::string_view pem);

  KeyType type() const { return type_; }
  const Bytes& spki() const { return spki_; }
  // SHA-256 of the SubjectPublicKeyInfo: the keyid of envelopes is its hex.
  const Digest256& id() const { return id_; }
  std::string ToPem() const;

  // Verify checks `signature` over `message`. ECDSA: ASN.1 DER (r, s), strictly encoded, over SHA-256 on P-256 and
  // SHA-384 on P-384; Ed25519: 64 bytes; RSA: PSS with SHA-384, MGF1 with SHA-384, 48 bytes of salt. High-S signatures
  // verify: signature bytes are never an identity.
  [[nodiscard]] bool Verify(BytesView message, BytesView signature) const;
  // VerifyRaw takes r || s, big endian, 64 bytes on P-256, 96 on P-384; false for other types. r and s outside 1..n-1
  // do not verify.
  [[nodiscard]] bool VerifyRaw(BytesView message, BytesView signature) const;

 private:
  friend class PrivateKey;
  friend class Certificate;
  friend struct KeyAccess;  // lends the handle to the issuing code in this folder
  PublicKey(KeyType type, KeyHandle handle, Bytes spki);

  KeyType type_;
  KeyHandle handle_;
  Bytes spki_;
  Digest256 id_;
};

// PrivateKey signs. Copies share the key. Nothing prints or serialises it but ToPem.
class PrivateKey {
 public:
  static PrivateKey Generate(KeyType type);
  // PKCS #8 or SEC 1 PEM, not encrypted. Error ids key.pem, key.type.
  static Result<PrivateKey> FromPem(std::string_view pem);

  const PublicKey& public_key() const { return public_; }
  std::string ToPem() const;

  Bytes Sign(BytesView message) const;     // the encodings that PublicKey::Verify takes
  Bytes SignRaw(BytesView message) const;  // ECDSA only: r || s

 private:
  friend struct KeyAccess;
  explicit PrivateKey(PublicKey key) : public_(std::move(key)) {}
  PublicKey public_;  // its handle holds the private part too
};

// 32 bytes from the system's generator, for secrets.
Digest256 RandomSecret();

}  // namespace attestml::crypto
