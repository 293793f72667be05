// Signature keys: ECDSA P-256 with SHA-256 (session keys, TEE evidence, certifiers) and Ed25519 (certifiers).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

struct evp_pkey_st;

namespace attestml::crypto {

enum class KeyType : std::uint8_t { kEcdsaP256, kEd25519 };

using KeyHandle = std::shared_ptr<evp_pkey_st>;

// PublicKey is immutable and cheap to copy. Holding one says only that the bytes are a valid key of a type we handle:
// a point on the curve, not infinity.
class PublicKey {
 public:
  // SubjectPublicKeyInfo, DER, exactly. Error ids key.spki (malformed) and key.type (unsupported).
  static Result<PublicKey> FromSpki(BytesView der);
  // X || Y, big endian, 64 bytes, as SGX and TDX quotes hold it. Error id key.point.
  static Result<PublicKey> FromP256Point(BytesView xy);
  // PEM "PUBLIC KEY". Error id key.pem.
  static Result<PublicKey> FromPem(std::string_view pem);

  KeyType type() const { return type_; }
  const Bytes& spki() const { return spki_; }
  // SHA-256 of the SubjectPublicKeyInfo: the keyid of envelopes is its hex.
  const Digest256& id() const { return id_; }
  std::string ToPem() const;

  // Verify checks `signature` over `message`. P-256: ASN.1 DER (r, s), strictly encoded; Ed25519: 64 bytes.
  // High-S signatures verify: signature bytes are never an identity.
  [[nodiscard]] bool Verify(BytesView message, BytesView signature) const;
  // VerifyRaw takes r || s, big endian, 64 bytes; P-256 only. r and s outside 1..n-1 do not verify.
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
  Bytes SignRaw(BytesView message) const;  // P-256 only: r || s

 private:
  friend struct KeyAccess;
  explicit PrivateKey(PublicKey key) : public_(std::move(key)) {}
  PublicKey public_;  // its handle holds the private part too
};

// 32 bytes from the system's generator, for secrets.
Digest256 RandomSecret();

}  // namespace attestml::crypto
