// X.509 certificates and CRLs as TEE vendors and certifiers use them (RFC 5280), on OpenSSL's parser.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"

namespace attestml::crypto {

// Certificate is parsed once and immutable; copies share. Parsing says nothing about who signed it.
class Certificate {
 public:
  // One DER certificate, nothing after it, at most 64 KiB. Error id cert.der.
  static Result<Certificate> FromDer(BytesView der);
  // A PEM sequence of 1 to `max` certificates in the order given; one trailing NUL is tolerated (DCAP quotes have it),
  // other text between or after them is not, but empty lines. Error ids cert.pem, cert.der.
  static Result<std::vector<Certificate>> FromPem(std::string_view pem, std::size_t max = 8);

  const Bytes& der() const;
  const Digest256& sha256() const;  // of der()
  std::string subject() const;      // RFC 2253 text, for people only
  std::string issuer() const;
  const std::string& common_name() const;  // "" when there is none, or more than one
  const Bytes& subject_der() const;
  const Bytes& issuer_der() const;
  const Bytes& serial() const;  // big endian magnitude, no leading zeros
  Time not_before() const;
  Time not_after() const;
  // The key, when it is of a type that PublicKey handles.
  const std::optional<PublicKey>& public_key() const;
  const Bytes& spki() const;
  const Digest256& key_id() const;  // SHA-256 of spki()
  bool is_ca() const;               // basicConstraints cA
  std::optional<long> path_length() const;
  bool may_sign_certificates() const;  // keyUsage absent or keyCertSign set
  bool may_sign_crls() const;          // keyUsage absent or cRLSign set
  bool may_sign() const;               // keyUsage absent or digitalSignature set
  // The dotted OID of the first critical extension that is not basicConstraints or keyUsage, and not in `handled`.
  std::optional<std::string> unknown_critical(std::span<const std::string_view> handled = {}) const;
  // The value (content of the OCTET STRING) of an extension by dotted OID; nothing when absent or present twice.
  std::optional<Bytes> extension(std::string_view oid) const;
  std::size_t extension_count(std::string_view oid) const;  // how often it stands there

  // Whether `issuer`'s key made this certificate's signature and issuer's subject is byte-equal to our issuer.
  // Signatures are ECDSA P-256 with SHA-256 or Ed25519; anything else is false.
  [[nodiscard]] bool SignedBy(const Certificate& issuer) const;
  // The signature alone; the caller compares names.
  [[nodiscard]] bool SignedBy(const PublicKey& key) const;

  // Two are equal when their bytes are.
  bool operator==(const Certificate& other) const { return der() == other.der(); }

 private:
  struct Fields;
  explicit Certificate(std::shared_ptr<const Fields> fields) : fields_(std::move(fields)) {}
  std::shared_ptr<const Fields> fields_;
};

// Crl: RFC 5280 section 5. Delta and indirect CRLs, and unknown critical extensions, are unsupported. Copies share.
class Crl {
 public:
  static constexpr std::size_t kMaxSize = std::size_t{1} << 20;
  static Result<Crl> FromDer(BytesView der);  // at most kMaxSize bytes. Error ids crl.der, crl.extension
  // FromSignedDer checks the signature first, so that unsigned bytes cost a hash and no more. Error id crl.signature
  // (untrusted) when it is not of this key; any other error is of a CRL that the key signed and that cannot be read, or
  // that is too large.
  static Result<Crl> FromSignedDer(BytesView der, const PublicKey& key);
  // The issuer's name, found without reading the rest; borrows from `der`. Nothing when this is not a CRL's beginning.
  static std::optional<BytesView> IssuerOf(BytesView der);

  const Bytes& der() const;
  const Bytes& issuer_der() const;
  std::string issuer() const;
  Time this_update() const;
  Time next_update() const;
  std::size_t size() const;
  bool Revokes(const Certificate& certificate) const;  // by serial; the caller has compared issuers

 private:
  struct Fields;
  explicit Crl(std::shared_ptr<const Fields> fields) : fields_(std::move(fields)) {}
  std::shared_ptr<const Fields> fields_;
};

}  // namespace attestml::crypto
