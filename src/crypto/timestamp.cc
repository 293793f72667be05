#include "crypto/timestamp.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "crypto/certificate.h"
#include "crypto/der.h"

namespace attestml::crypto {

struct TimestampFactory {
  static VerifiedTimestamp Make(Timestamp said, std::string signer, const Digest256& root,
                                std::vector<Digest256> certificates) {
    VerifiedTimestamp out;
    out.said_ = std::move(said);
    out.signer_ = std::move(signer);
    out.root_ = root;
    out.certificates_ = std::move(certificates);
    return out;
  }
};

namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
struct FreeBorrowingStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Pkcs7Ptr = std::unique_ptr<PKCS7, Deleter<PKCS7_free>>;
using TstInfoPtr = std::unique_ptr<TS_TST_INFO, Deleter<TS_TST_INFO_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using StackPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;
using BorrowingStackPtr = std::unique_ptr<STACK_OF(X509), FreeBorrowingStack>;
using StorePtr = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;
using UsagePtr = std::unique_ptr<EXTENDED_KEY_USAGE, Deleter<EXTENDED_KEY_USAGE_free>>;
using RequestPtr = std::unique_ptr<TS_REQ, Deleter<TS_REQ_free>>;
using ImprintPtr = std::unique_ptr<TS_MSG_IMPRINT, Deleter<TS_MSG_IMPRINT_free>>;
using AlgorithmPtr = std::unique_ptr<X509_ALGOR, Deleter<X509_ALGOR_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;

constexpr int kAuthLevel = 2;  // 112 bits: no SHA-1 below the root, RSA of at least 2048 bits
constexpr std::size_t kMaxMagnitude = 32;

// What OpenSSL leaves in its queue of errors is nobody else's to find.
struct ErrorQueue {
  ErrorQueue() { ERR_set_mark(); }
  ~ErrorQueue() { ERR_pop_to_mark(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
};

std::string OidText(const ASN1_OBJECT* object) {
  char text[128];
  const int size = OBJ_obj2txt(text, sizeof text, object, 1);
  return size > 0 ? std::string(text) : std::string();
}

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

// "20260921133320Z" or "20260921133320.25Z" (RFC 3161 2.4.2).
std::optional<Time> ParseGenTime(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t digits) {
    int out = 0;
    for (std::size_t i = at; i < at + digits; ++i) out = out * 10 + (text[i] - '0');
    return out;
  };
  if (text.size() < 15 || text.back() != 'Z') return std::nullopt;
  const std::string_view fraction = text.substr(14, text.size() - 15);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(text.begin(), text.begin() + 14, is_digit)) return std::nullopt;
  if (!fraction.empty() &&
      (fraction.size() < 2 || fraction[0] != '.' || !std::all_of(fraction.begin() + 1, fraction.end(), is_digit))) {
    return std::nullopt;
  }
  const auto time = MakeTime(number(0, 4), number(4, 2), number(6, 2), number(8, 2), number(10, 2), number(12, 2));
  if (!time.ok()) return std::nullopt;
  return *time;
}

// Nothing for a negative number, or one of more than 32 bytes.
std::optional<Bytes> Magnitude(const ASN1_INTEGER* number) {
  if (number == nullptr || ASN1_STRING_type(number) != V_ASN1_INTEGER) return std::nullopt;
  const unsigned char* at = ASN1_STRING_get0_data(number);
  const unsigned char* end = at + ASN1_STRING_length(number);
  at = std::find_if(at, end, [](unsigned char c) { return c != 0; });
  if (end - at > static_cast<std::ptrdiff_t>(kMaxMagnitude)) return std::nullopt;
  return Bytes(at, end);
}

// TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }; a ContentInfo begins with
// an OID instead. Finds the token's bytes, which `bytes` holds.
Result<BytesView> FindToken(BytesView bytes) {
  if (bytes.size() > kMaxTimestamp) {
    return Malformed("timestamp.size", "time stamp of " + std::to_string(bytes.size()) + " bytes, want at most " +
                                           std::to_string(kMaxTimestamp));
  }
  DerReader outer(bytes);
  DerReader in;
  DerValue first;
  if (!outer.ReadSequence(&in) || !outer.empty() || !in.Read(&first)) {
    return Malformed("timestamp.der", "not one DER time stamp");
  }
  if (first.tag == kDerOid) return bytes;
  DerReader status(first.content);
  std::uint64_t code = 0;
  if (first.tag != kDerSequence || !status.ReadUnsigned(&code)) {
    return Malformed("timestamp.der", "neither a time-stamp token nor a response");
  }
  if (code > 1) {
    return Untrusted("timestamp.status", "the authority's status is " + std::to_string(code) + ", want 0 (granted)");
  }
  DerValue token;
  if (!in.Read(&token) || token.tag != kDerSequence || !in.empty()) {
    return Malformed("timestamp.der", "a granted response holds no token, or more than one");
  }
  return token.full;
}

struct Token {
  Pkcs7Ptr pkcs7;
  TstInfoPtr info;
  Timestamp said;
};

Error Format(std::string message) { return Malformed("timestamp.format", std::move(message)); }

Status ReadInfo(const TS_TST_INFO* info, Timestamp* out) {
  if (TS_TST_INFO_get_version(info) != 1) return Format("version of the stamp is not 1");
  TS_TST_INFO* unlocked = const_cast<TS_TST_INFO*>(info);  // OpenSSL's readers are not const
  TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(unlocked);
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  if (OBJ_obj2nid(algorithm) != NID_sha256) {
    return Unsupported("timestamp.algorithm", "the imprint's digest is " + OidText(algorithm) + ", want SHA-256");
  }
  const ASN1_OCTET_STRING* digest = TS_MSG_IMPRINT_get_msg(imprint);
  if (ASN1_STRING_length(digest) != static_cast<int>(out->imprint.size())) {
    return Malformed("timestamp.imprint",
                     "the imprint has " + std::to_string(ASN1_STRING_length(digest)) + " bytes, want 32");
  }
  std::copy_n(ASN1_STRING_get0_data(digest), out->imprint.size(), out->imprint.begin());

  const ASN1_GENERALIZEDTIME* gen_time = TS_TST_INFO_get_time(info);
  const auto time = ParseGenTime(
      AsText(BytesView(ASN1_STRING_get0_data(gen_time), static_cast<std::size_t>(ASN1_STRING_length(gen_time)))));
  if (!time) return Malformed("timestamp.time", "genTime is not a date in UTC between 1970 and 9999");
  out->time = *time;

  for (int i = 0; i < TS_TST_INFO_get_ext_count(unlocked); ++i) {
    X509_EXTENSION* extension = TS_TST_INFO_get_ext(unlocked, i);
    if (X509_EXTENSION_get_critical(extension) == 0) continue;
    return Unsupported("timestamp.extension",
                       "critical extension " + OidText(X509_EXTENSION_get_object(extension)) + " is not known");
  }
  auto serial = Magnitude(TS_TST_INFO_get_serial(info));
  if (!serial) return Format("serial number is negative, or longer than 32 bytes");
  out->serial = *std::move(serial);
  if (const ASN1_INTEGER* nonce = TS_TST_INFO_get_nonce(info); nonce != nullptr) {
    out->nonce = Magnitude(nonce);
    if (!out->nonce) return Format("nonce is negative, or longer than 32 bytes");
  }
  out->policy = OidText(TS_TST_INFO_get_policy_id(unlocked));
  return {};
}

// RFC 5652 5.4, 11.1: with signed attributes, the type of what is signed must be among them.
bool StatesContentType(PKCS7_SIGNER_INFO* signer) {
  const ASN1_TYPE* type = PKCS7_get_signed_attribute(signer, NID_pkcs9_contentType);
  return type != nullptr && type->type == V_ASN1_OBJECT && OBJ_obj2nid(type->value.object) == NID_id_smime_ct_TSTInfo;
}

Result<Token> ReadToken(BytesView bytes) {
  ATTESTML_TRY(const BytesView der, FindToken(bytes));
  Token out;
  const unsigned char* at = der.data();
  out.pkcs7.reset(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (!out.pkcs7 || at != der.data() + der.size()) return Malformed("timestamp.der", "not one CMS structure");
  PKCS7* pkcs7 = out.pkcs7.get();
  if (PKCS7_type_is_signed(pkcs7) != 1 || PKCS7_get_detached(pkcs7) == 1) return Format("not CMS SignedData");
  if (OBJ_obj2nid(pkcs7->d.sign->contents->type) != NID_id_smime_ct_TSTInfo)
    return Format("what is signed is no TSTInfo");
  const STACK_OF(X509)* certificates = pkcs7->d.sign->cert;
  if (sk_X509_num(certificates) > static_cast<int>(kMaxTimestampCertificates)) {
    return Format(std::to_string(sk_X509_num(certificates)) + " certificates in the token, want at most 16");
  }
  STACK_OF(PKCS7_SIGNER_INFO)* signers = PKCS7_get_signer_info(pkcs7);
  if (sk_PKCS7_SIGNER_INFO_num(signers) != 1) return Format("the token has not exactly one signer");
  PKCS7_SIGNER_INFO* signer = sk_PKCS7_SIGNER_INFO_value(signers, 0);
  X509_ALGOR* digest = nullptr;
  PKCS7_SIGNER_INFO_get0_algs(signer, nullptr, &digest, nullptr);
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, digest);
  const int nid = OBJ_obj2nid(algorithm);
  if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512) {
    return Unsupported("timestamp.algorithm",
                       "the signature's digest is " + OidText(algorithm) + ", want SHA-256, SHA-384 or SHA-512");
  }
  if (!StatesContentType(signer)) return Format("the signed attributes do not say that this is a TSTInfo");
  out.info.reset(PKCS7_to_TS_TST_INFO(pkcs7));
  if (!out.info) return Format("the TSTInfo cannot be read");
  ATTESTML_CHECK(ReadInfo(out.info.get(), &out.said));
  return out;
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

class Verifier {
 public:
  explicit Verifier(Token token) : token_(std::move(token)) {}
  Result<VerifiedTimestamp> Verify(std::span<const Digest256> roots, std::span<const Bytes> certificates);

 private:
  Status Collect(std::span<const Digest256> roots, std::span<const Bytes> certificates);
  Status FindSigner();
  Result<StackPtr> BuildChain();

  Token token_;
  StackPtr all_;  // the token's certificates and the caller's
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
  for (const Bytes& der : certificates) {
    const unsigned char* at = der.data();
    X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate || at != der.data() + der.size()) continue;  // what cannot be read is on nobody's path
    sk_X509_push(all_.get(), certificate.release());
  }
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

Result<VerifiedTimestamp> Verifier::Verify(std::span<const Digest256> roots, std::span<const Bytes> certificates) {
  ATTESTML_CHECK(Collect(roots, certificates));
  ATTESTML_CHECK(FindSigner());
  ATTESTML_TRY(const StackPtr chain, BuildChain());
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
  return TimestampFactory::Make(std::move(token_.said), NameOf(signer_), KeyIdOf(root), std::move(used));
}

}  // namespace

Result<Timestamp> ReadTimestamp(BytesView bytes) {
  const ErrorQueue errors;
  ATTESTML_TRY(Token token, ReadToken(bytes));
  return std::move(token.said);
}

Result<VerifiedTimestamp> VerifyTimestamp(BytesView bytes, const Digest256& imprint, std::span<const Digest256> roots,
                                          std::span<const Bytes> certificates) {
  const ErrorQueue errors;
  ATTESTML_TRY(Token token, ReadToken(bytes));
  if (token.said.imprint != imprint) return Untrusted("timestamp.mismatch", "the time stamp is of another digest");
  return Verifier(std::move(token)).Verify(roots, certificates);
}

Result<Bytes> EncodeTimestampRequest(const Digest256& imprint, const std::optional<Bytes>& nonce) {
  if (nonce && (nonce->empty() || nonce->size() > 20 || nonce->front() == 0 || nonce->front() > 0x7f)) {
    return Usage("timestamp.request", "a nonce is a positive number of 1 to 20 bytes");
  }
  const RequestPtr request(TS_REQ_new());
  const ImprintPtr message(TS_MSG_IMPRINT_new());
  const AlgorithmPtr algorithm(X509_ALGOR_new());
  Digest256 digest = imprint;
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  if (TS_MSG_IMPRINT_set_algo(message.get(), algorithm.get()) != 1 ||
      TS_MSG_IMPRINT_set_msg(message.get(), digest.data(), static_cast<int>(digest.size())) != 1 ||
      TS_REQ_set_version(request.get(), 1) != 1 || TS_REQ_set_msg_imprint(request.get(), message.get()) != 1 ||
      TS_REQ_set_cert_req(request.get(), 1) != 1) {
    return Usage("timestamp.request", "the request cannot be encoded");
  }
  if (nonce) {
    const IntegerPtr number(ASN1_INTEGER_new());
    if (ASN1_STRING_set(number.get(), nonce->data(), static_cast<int>(nonce->size())) != 1 ||
        TS_REQ_set_nonce(request.get(), number.get()) != 1) {
      return Usage("timestamp.request", "the nonce cannot be encoded");
    }
  }
  unsigned char* der = nullptr;
  const int size = i2d_TS_REQ(request.get(), &der);
  Bytes out(der, der + (size > 0 ? size : 0));
  OPENSSL_free(der);
  return out;
}

}  // namespace attestml::crypto
