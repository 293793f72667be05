#include "crypto/timestamp.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string>

#include "crypto/certificate.h"
#include "crypto/openssl_free.h"
#include "crypto/timestamp_token.h"

namespace attestml::crypto {

struct TimestampFactory {
  static VerifiedTimestamp Make(Timestamp said, std::string signer, const Digest256& root,
                                std::vector<Digest256> certificates, std::size_t num_crls) {
    VerifiedTimestamp out;
    out.said_ = std::move(said);
    out.signer_ = std::move(signer);
    out.root_ = root;
    out.certificates_ = std::move(certificates);
    out.num_crls_ = num_crls;
    return out;
  }
};

namespace {

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
struct FreeBorrowingStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;
using BorrowingStackPtr = std::unique_ptr<STACK_OF(X509), FreeBorrowingStack>;
using StorePtr = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Deleter<X509_NAME_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;
using UsagePtr = std::unique_ptr<EXTENDED_KEY_USAGE, Deleter<EXTENDED_KEY_USAGE_free>>;

constexpr int kAuthLevel = 2;  // 112 bits: no SHA-1 below the root, RSA of at least 2048 bits

// What OpenSSL leaves in its queue of errors is nobody else's to find.
struct ErrorQueue {
  ErrorQueue() { ERR_set_mark(); }
  ~ErrorQueue() { ERR_pop_to_mark(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
};

Digest256 KeyIdOf(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  const Digest256 out = Sha256(BytesView(der, static_cast<std::size_t>(size > 0 ? size : 0)));
  OPENSSL_free(der);
  return out;
}

Digest256 CertificateDigest(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const Digest256 out = Sha256(BytesView(der, static_cast<std::size_t>(size > 0 ? size : 0)));
  OPENSSL_free(der);
  return out;
}

std::string NameOf(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const auto parsed = Certificate::FromDer(BytesView(der, static_cast<std::size_t>(size > 0 ? size : 0)));
  OPENSSL_free(der);
  return parsed.ok() ? parsed->subject() : std::string("that cannot be read");
}

// RFC 3161 2.3: extendedKeyUsage is there, critical, and names time stamping alone.
bool IsForTimeStamping(const X509* certificate) {
  int critical = -1;
  const UsagePtr usage(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, nullptr)));
  return usage && critical == 1 && sk_ASN1_OBJECT_num(usage.get()) == 1 &&
         OBJ_obj2nid(sk_ASN1_OBJECT_value(usage.get(), 0)) == NID_time_stamp;
}

// A root is a key. Its certificate is only as good as its own signature, and says how long and for what it is a root.
bool IsRoot(X509* certificate, std::span<const Digest256> roots) {
  if (std::find(roots.begin(), roots.end(), KeyIdOf(certificate)) == roots.end()) return false;
  return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0 &&
         X509_verify(certificate, X509_get0_pubkey(certificate)) == 1;
}

// What cannot be read is on nobody's path.
void PushDer(const Bytes& der, STACK_OF(X509) * out) {
  const unsigned char* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != der.data() + der.size()) return;
  if (sk_X509_push(out, certificate.get()) > 0) static_cast<void>(certificate.release());
}

class Verifier {
 public:
  explicit Verifier(TimestampToken token) : token_(std::move(token)) {}
  Result<VerifiedTimestamp> Verify(std::span<const Digest256> roots, std::span<const Bytes> certificates,
                                   const TimestampCollateral& collateral);

 private:
  Status Collect(std::span<const Digest256> roots, std::span<const Bytes> certificates);
  Status FindSigner();
  Result<StackPtr> BuildChain();
  bool Revokes(X509_CRL* crl, const X509* issuer, X509* certificate) const;
  Result<std::size_t> CheckRevocation(const STACK_OF(X509) * chain, std::span<const Bytes> crls) const;

  TimestampToken token_;
  StackPtr all_;         // the token's certificates and the caller's
  StackPtr bystanders_;  // on no path; they tell whose key a CRL bars
  StorePtr store_;
  X509* signer_ = nullptr;
};

Status Verifier::Collect(std::span<const Digest256> roots, std::span<const Bytes> certificates) {
  if (certificates.size() > kMaxTimestampCertificates) {
    return Usage("timestamp.certificates",
                 std::to_string(certificates.size()) + " certificates beside the token, want at most 16");
  }
  all_.reset(sk_X509_new_null());
  const STACK_OF(X509)* own = token_.pkcs7->d.sign->cert;
  for (int i = 0; i < sk_X509_num(own); ++i) {
    X509* certificate = sk_X509_value(own, i);
    if (X509_up_ref(certificate) == 1) sk_X509_push(all_.get(), certificate);
  }
  for (const Bytes& der : certificates) PushDer(der, all_.get());
  store_.reset(X509_STORE_new());
  for (int i = 0; i < sk_X509_num(all_.get()); ++i) {
    X509* certificate = sk_X509_value(all_.get(), i);
    if (IsRoot(certificate, roots)) X509_STORE_add_cert(store_.get(), certificate);
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store_.get());
  X509_VERIFY_PARAM_set_time(parameters, token_.said.time.unix_seconds);
  X509_VERIFY_PARAM_set_auth_level(parameters, kAuthLevel);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  return {};
}

Status Verifier::FindSigner() {
  const BorrowingStackPtr signers(PKCS7_get0_signers(token_.pkcs7.get(), all_.get(), 0));
  if (!signers || sk_X509_num(signers.get()) != 1) {
    return Untrusted("timestamp.signer", "the signer's certificate is neither in the token nor beside it");
  }
  signer_ = sk_X509_value(signers.get(), 0);
  if (!IsForTimeStamping(signer_)) {
    return Untrusted("timestamp.signer",
                     "certificate " + NameOf(signer_) + " is not, by a critical extension, for time stamping alone");
  }
  return {};
}

Result<StackPtr> Verifier::BuildChain() {
  const StoreCtxPtr context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store_.get(), signer_, all_.get()) != 1 ||
      X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_TIMESTAMP_SIGN) != 1) {
    return Untrusted("timestamp.chain", "no chain can be built");
  }
  if (X509_verify_cert(context.get()) == 1) return StackPtr(X509_STORE_CTX_get1_chain(context.get()));
  const int code = X509_STORE_CTX_get_error(context.get());
  const X509* at = X509_STORE_CTX_get_current_cert(context.get());
  const std::string message = "certificate " + (at == nullptr ? std::string("of the signer") : NameOf(at)) + ": " +
                              X509_verify_cert_error_string(code);
  const bool window = code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID;
  return Untrusted(window ? "timestamp.validity" : "timestamp.chain",
                   message + (window ? ", at " + FormatTime(token_.said.time) : ""));
}

// Whether `crl`, of this issuer, names this certificate or another one of its key: what leaked is the key, and the
// issuer may have certified it under another serial, too.
bool Verifier::Revokes(X509_CRL* crl, const X509* issuer, X509* certificate) const {
  X509_REVOKED* entry = nullptr;
  const auto names = [&](X509* each) { return X509_CRL_get0_by_serial(crl, &entry, X509_get_serialNumber(each)) != 0; };
  if (names(certificate)) return true;
  for (const STACK_OF(X509) * pool : {all_.get(), bystanders_.get()}) {
    for (int i = 0; i < sk_X509_num(pool); ++i) {
      X509* other = sk_X509_value(pool, i);
      if (names(other) && EVP_PKEY_eq(X509_get0_pubkey(other), X509_get0_pubkey(certificate)) == 1 &&
          X509_NAME_cmp(X509_get_issuer_name(other), X509_get_subject_name(issuer)) == 0 &&
          X509_verify(other, X509_get0_pubkey(issuer)) == 1) {
        return true;
      }
    }
  }
  return false;
}

// Names first: most CRLs that lie about are of nobody in this chain, and cost no signature. What has the name of an
// issuer and cannot be read may be what revokes; what its key did not sign is nobody's.
Result<std::size_t> Verifier::CheckRevocation(const STACK_OF(X509) * chain, std::span<const Bytes> crls) const {
  const int size = sk_X509_num(chain);
  std::size_t counted = 0;
  for (const Bytes& der : crls) {
    const auto name_der = Crl::IssuerOf(der);
    if (!name_der) continue;
    const unsigned char* at = name_der->data();
    const NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(name_der->size())));
    bool counts = false;
    for (int i = 0; i < size; ++i) {
      X509* certificate = sk_X509_value(chain, i);
      const X509* issuer = sk_X509_value(chain, std::min(i + 1, size - 1));
      if (!name || X509_NAME_cmp(name.get(), X509_get_subject_name(issuer)) != 0) continue;
      at = der.data();
      const CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
      if (crl && X509_CRL_verify(crl.get(), X509_get0_pubkey(issuer)) != 1) continue;
      if (crl && Revokes(crl.get(), issuer, certificate)) {
        return Untrusted("timestamp.revoked", "certificate " + NameOf(certificate) + ", or its key, is revoked");
      }
      if (!crl || !Crl::FromDer(der).ok()) {
        return Untrusted("timestamp.crl", "a CRL in the name of " + NameOf(issuer) + " cannot be read");
      }
      counts = true;
    }
    counted += counts ? 1 : 0;
  }
  return counted;
}

Result<VerifiedTimestamp> Verifier::Verify(std::span<const Digest256> roots, std::span<const Bytes> certificates,
                                           const TimestampCollateral& collateral) {
  ATTESTML_CHECK(Collect(roots, certificates));
  bystanders_.reset(sk_X509_new_null());
  for (const Bytes& der : collateral.certificates) PushDer(der, bystanders_.get());
  ATTESTML_CHECK(FindSigner());
  ATTESTML_TRY(const StackPtr chain, BuildChain());
  ATTESTML_TRY(const std::size_t num_crls, CheckRevocation(chain.get(), collateral.crls));
  // The signature over the signed attributes, their digest of the TSTInfo, and the certificate that they name.
  if (TS_RESP_verify_signature(token_.pkcs7.get(), all_.get(), store_.get(), nullptr) != 1) {
    return Untrusted("timestamp.signature", "the token's signature is not of certificate " + NameOf(signer_));
  }
  std::vector<Digest256> used;
  for (int i = 0; i < sk_X509_num(chain.get()); ++i) {
    const X509* certificate = sk_X509_value(chain.get(), i);
    used.push_back(KeyIdOf(certificate));
    used.push_back(CertificateDigest(certificate));
  }
  const X509* root = sk_X509_value(chain.get(), sk_X509_num(chain.get()) - 1);
  return TimestampFactory::Make(std::move(token_.said), NameOf(signer_), KeyIdOf(root), std::move(used), num_crls);
}

}  // namespace

Result<Timestamp> ReadTimestamp(BytesView bytes) {
  const ErrorQueue errors;
  ATTESTML_TRY(TimestampToken token, ReadTimestampToken(bytes));
  return std::move(token.said);
}

Result<VerifiedTimestamp> VerifyTimestamp(BytesView bytes, const Digest256& imprint, std::span<const Digest256> roots,
                                          std::span<const Bytes> certificates, const TimestampCollateral& collateral) {
  const ErrorQueue errors;
  ATTESTML_TRY(TimestampToken token, ReadTimestampToken(bytes));
  if (token.said.imprint != imprint) return Untrusted("timestamp.mismatch", "the time stamp is of another digest");
  return Verifier(std::move(token)).Verify(roots, certificates, collateral);
}

}  // namespace attestml::crypto
