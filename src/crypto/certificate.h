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

struct x509_st;
struct X509_crl_st;

namespace attestml::crypto {

// Certificate is parsed once and immutable; copies share. Parsing says nothing about who signed it.
class Certificate {
 public:
  // One DER certificate, nothing after it, at most 64 KiB. Error id cert.der.
  static Result<Certificate> FromDer(BytesView der);
  // A PEM sequence of 1 to `max` certificates in the order given; one trailing NUL is tolerated (DCAP quotes have it),
  // other text between or after them is not, but white space. Error id cert.pem.
  static Result<std::vector<Certificate>> FromPem(std::string_view pem, std::size_t max = 8);

  const Bytes& der() const { return der_; }
  std::string subject() const;      // RFC 2253 text, for people only
  std::string issuer() const;
  std::string common_name() const;  // "" when there is none
  const Bytes& subject_der() const { return subject_; }
  const Bytes& issuer_der() const { return issuer_; }
  const Bytes& serial() const { return serial_; }  // big endian magnitude
  Time not_before() const { return not_before_; }
  Time not_after() const { return not_after_; }
  // The key, when it is of a type that PublicKey handles.
  const std::optional<PublicKey>& public_key() const { return key_; }
  const Bytes& spki() const { return spki_; }
  const Digest256& key_id() const { return key_id_; }  // SHA-256 of spki()
  bool is_ca() const { return is_ca_; }                // basicConstraints cA
  std::optional<long> path_length() const { return path_length_; }
  bool may_sign_certificates() const;  // keyUsage absent or keyCertSign set
  bool may_sign_crls() const;          // keyUsage absent or cRLSign set
  bool may_sign() const;               // keyUsage absent or digitalSignature set
  // The dotted OID of the first critical extension that is not basicConstraints or keyUsage, and not in `handled`.
  std::optional<std::string> unknown_critical(std::span<const std::string_view> handled = {}) const;
  // The value (content of the OCTET STRING) of an extension by dotted OID; nothing when absent or present twice.
  std::optional<Bytes> extension(std::string_view oid) const;

  // Whether `issuer`'s key made this certificate's signature and issuer's subject is byte-equal to our issuer.
  [[nodiscard]] bool SignedBy(const Certificate& issuer) const;

 private:
  Certificate() = default;
  std::shared_ptr<x509_st> x509_;
  Bytes der_, subject_, issuer_, serial_, spki_;
  Digest256 key_id_{};
  Time not_before_, not_after_;
  std::optional<PublicKey> key_;
  bool is_ca_ = false;
  std::optional<long> path_length_;
  std::uint32_t key_usage_ = 0;
};

// Crl: RFC 5280 section 5. Delta and indirect CRLs, and unknown critical extensions, are unsupported.
class Crl {
 public:
  static Result<Crl> FromDer(BytesView der);  // at most 4 MiB. Error id crl.der

  const Bytes& der() const { return der_; }
  const Bytes& issuer_der() const { return issuer_; }
  std::string issuer() const;
  Time this_update() const { return this_update_; }
  Time next_update() const { return next_update_; }
  std::size_t size() const;
  bool Revokes(const Certificate& certificate) const;  // by serial; the caller has compared issuers
  [[nodiscard]] bool SignedBy(const Certificate& issuer) const;

 private:
  Crl() = default;
  std::shared_ptr<X509_crl_st> crl_;
  Bytes der_, issuer_;
  Time this_update_, next_update_;
};

}  // namespace attestml::crypto
