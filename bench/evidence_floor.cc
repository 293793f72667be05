#define OPENSSL_SUPPRESS_DEPRECATED
#include "evidence_floor.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/openssl_free.h"

namespace attestml::bench {
namespace {

using crypto::Deleter;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;
using EcPtr = std::unique_ptr<EC_KEY, Deleter<EC_KEY_free>>;
using RsaPtr = std::unique_ptr<RSA, Deleter<RSA_free>>;
using SigPtr = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

OSSL_LIB_CTX* WithoutAlgorithms() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    if (OSSL_PROVIDER_load(made, "null") == nullptr) std::abort();
    return made;
  }();
  return context;
}

X509Ptr ReadCertificate(BytesView der, bool plain) {
  const unsigned char* at = der.data();
  X509* out = plain ? nullptr : X509_new_ex(WithoutAlgorithms(), nullptr);
  d2i_X509(&out, &at, static_cast<long>(der.size()));
  return X509Ptr(out);
}

CrlPtr ReadCrl(BytesView der) {
  const unsigned char* at = der.data();
  return CrlPtr(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
}

// The block that begins at or after `*at`.
Bytes ReadPem(std::string_view text, std::size_t* at) {
  const std::size_t begin = text.find("-----BEGIN", *at);
  const std::size_t from = text.find('\n', begin) + 1;
  const std::size_t to = text.find("-----END", from);
  *at = to;
  Bytes out((to - from) * 3 / 4 + 3);
  EVP_ENCODE_CTX* context = EVP_ENCODE_CTX_new();
  int size = 0;
  int tail = 0;
  EVP_DecodeInit(context);
  EVP_DecodeUpdate(context, out.data(), &size, reinterpret_cast<const unsigned char*>(text.data()) + from,
                   static_cast<int>(to - from));
  EVP_DecodeFinal(context, out.data() + size, &tail);
  EVP_ENCODE_CTX_free(context);
  out.resize(static_cast<std::size_t>(size + tail));
  return out;
}

EcPtr KeyOfPoint(int nid, BytesView encoded) {
  EcPtr key(EC_KEY_new_by_curve_name(nid));
  if (EC_KEY_oct2key(key.get(), encoded.data(), encoded.size(), nullptr) != 1) return nullptr;
  return key;
}

BytesView KeyBits(const X509* certificate) {
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(certificate);
  return {bits->data, static_cast<std::size_t>(bits->length)};
}

EcPtr KeyOf(int nid, const X509* certificate) { return KeyOfPoint(nid, KeyBits(certificate)); }

// The first element of a SEQUENCE, whole: what a certificate's or CRL's signature is over.
BytesView Tbs(BytesView der) {
  const unsigned char* at = der.data();
  long size = 0;
  int tag = 0;
  int type = 0;
  ASN1_get_object(&at, &size, &tag, &type, static_cast<long>(der.size()));
  const unsigned char* from = at;
  ASN1_get_object(&at, &size, &tag, &type, size);
  return {from, static_cast<std::size_t>(at - from + size)};
}

std::array<std::uint8_t, 32> Sha256(BytesView bytes) {
  std::array<std::uint8_t, 32> out;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(out.data(), &context);
  return out;
}

std::array<std::uint8_t, 48> Sha384(BytesView bytes) {
  std::array<std::uint8_t, 48> out;
  SHA512_CTX context;
  SHA384_Init(&context);
  SHA384_Update(&context, bytes.data(), bytes.size());
  SHA384_Final(out.data(), &context);
  return out;
}

bool VerifyDer(BytesView digest, BytesView signature, EC_KEY* key) {
  const unsigned char* at = signature.data();
  const SigPtr sig(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  return ECDSA_do_verify(digest.data(), static_cast<int>(digest.size()), sig.get(), key) == 1;
}

bool VerifyRaw(BytesView digest, BytesView signature, EC_KEY* key) {
  const int field = static_cast<int>(signature.size() / 2);
  const SigPtr sig(ECDSA_SIG_new());
  ECDSA_SIG_set0(sig.get(), BN_bin2bn(signature.data(), field, nullptr),
                 BN_bin2bn(signature.data() + field, field, nullptr));
  return ECDSA_do_verify(digest.data(), static_cast<int>(digest.size()), sig.get(), key) == 1;
}

BytesView SignatureOf(const X509* certificate) {
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, certificate);
  return {signature->data, static_cast<std::size_t>(signature->length)};
}

BytesView SignatureOf(const X509_CRL* crl) {
  const ASN1_BIT_STRING* signature = nullptr;
  X509_CRL_get0_signature(crl, &signature, nullptr);
  return {signature->data, static_cast<std::size_t>(signature->length)};
}

bool Valid(const ASN1_TIME* from, const ASN1_TIME* until, std::time_t time) {
  return ASN1_TIME_cmp_time_t(from, time) <= 0 && ASN1_TIME_cmp_time_t(until, time) >= 0;
}

bool Valid(const X509* certificate, std::time_t time) {
  return Valid(X509_get0_notBefore(certificate), X509_get0_notAfter(certificate), time);
}

bool Valid(const X509_CRL* crl, std::time_t time) {
  return Valid(X509_CRL_get0_lastUpdate(crl), X509_CRL_get0_nextUpdate(crl), time);
}

bool Revoked(X509_CRL* crl, const X509* certificate) {
  X509_REVOKED* entry = nullptr;
  return X509_CRL_get0_by_serial(crl, &entry, const_cast<ASN1_INTEGER*>(X509_get0_serialNumber(certificate))) != 0;
}

// {"<member>":{…},"signature":"…"}, as Intel serves it.
bool VerifyDocument(const std::string& text, EC_KEY* key) {
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return false;
  const std::size_t from = text.find('{', 1);
  const std::size_t to = text.rfind(",\"signature\"");
  const auto& hex = value["signature"].get_ref<const std::string&>();
  long size = 0;
  unsigned char* bytes = OPENSSL_hexstr2buf(hex.c_str(), &size);
  const bool good = size == 64 && VerifyRaw(Sha256(AsBytes(std::string_view(text).substr(from, to - from))),
                                            BytesView(bytes, 64), key);
  OPENSSL_free(bytes);
  return good;
}

BytesView Part(const Bytes& bytes, std::size_t from, std::size_t size) { return BytesView(bytes).subspan(from, size); }

}  // namespace

struct QuoteFloor::Cache {
  std::array<X509Ptr, 4> certificates;
  std::array<EcPtr, 4> keys;
};

QuoteFloor::QuoteFloor(QuoteParts parts, std::time_t time) : parts_(std::move(parts)), time_(time), cache_(new Cache) {}
QuoteFloor::~QuoteFloor() { delete cache_; }

// The layouts of version 3 and 4: length, signature, attestation key; version 4 wraps what follows in a header of 6.
bool QuoteFloor::RunQuote(const void* pck_key) {
  const Bytes& quote = parts_.quote;
  const std::size_t end = 48 + parts_.report_size;
  const std::size_t qe = end + 4 + 128 + (quote[0] == 3 ? 0 : 6);
  const std::size_t auth = qe + 384 + 64;
  const std::size_t auth_size = quote[auth] | std::size_t{quote[auth + 1]} << 8;
  if (!VerifyRaw(Sha256(Part(quote, qe, 384)), Part(quote, qe + 384, 64),
                 static_cast<EC_KEY*>(const_cast<void*>(pck_key)))) {
    return false;
  }
  Bytes bound = ToBytes(Part(quote, end + 4 + 64, 64));
  const BytesView auth_data = Part(quote, auth + 2, auth_size);
  bound.insert(bound.end(), auth_data.begin(), auth_data.end());
  if (std::memcmp(Sha256(bound).data(), quote.data() + qe + 320, 32) != 0) return false;
  std::array<std::uint8_t, 65> point{4};
  std::memcpy(point.data() + 1, quote.data() + end + 4 + 64, 64);
  const EcPtr key = KeyOfPoint(NID_X9_62_prime256v1, point);
  return key && VerifyRaw(Sha256(Part(quote, 0, end)), Part(quote, end + 4, 64), key.get());
}

bool QuoteFloor::RunCold(bool plain_d2i) {
  // PCK certificate, its CA, root, TCB signer.
  std::array<Bytes, 4> der;
  const std::string_view text = AsText(parts_.quote);
  std::size_t at = 0;
  for (std::size_t i = 0; i < 3; ++i) der[i] = ReadPem(text, &at);
  at = 0;
  der[3] = ReadPem(parts_.tcb_signer_pem, &at);
  for (std::size_t i = 0; i < 4; ++i) {
    cache_->certificates[i] = ReadCertificate(der[i], plain_d2i);
    cache_->keys[i] = KeyOf(NID_X9_62_prime256v1, cache_->certificates[i].get());
    if (!Valid(cache_->certificates[i].get(), time_)) return false;
  }
  const auto& certificates = cache_->certificates;
  const auto& keys = cache_->keys;
  if (Sha256(der[2])[0] != 0x44) return false;  // Intel's
  for (const auto& [subject, issuer] : {std::pair<std::size_t, std::size_t>{0, 1}, {1, 2}, {3, 2}}) {
    if (!VerifyDer(Sha256(Tbs(der[subject])), SignatureOf(certificates[subject].get()), keys[issuer].get()))
      return false;
  }
  const CrlPtr pck_crl = ReadCrl(parts_.pck_crl);
  const CrlPtr root_crl = ReadCrl(parts_.root_crl);
  if (!Valid(pck_crl.get(), time_) || !Valid(root_crl.get(), time_)) return false;
  if (!VerifyDer(Sha256(Tbs(parts_.pck_crl)), SignatureOf(pck_crl.get()), keys[1].get())) return false;
  if (!VerifyDer(Sha256(Tbs(parts_.root_crl)), SignatureOf(root_crl.get()), keys[2].get())) return false;
  if (Revoked(pck_crl.get(), certificates[0].get()) || Revoked(root_crl.get(), certificates[1].get()) ||
      Revoked(root_crl.get(), certificates[3].get())) {
    return false;
  }
  return VerifyDocument(parts_.tcb_info, keys[3].get()) && VerifyDocument(parts_.qe_identity, keys[3].get()) &&
         RunQuote(keys[0].get());
}

bool QuoteFloor::Run(Floor kind) {
  if (kind != Floor::kWarm) return RunCold(kind == Floor::kColdPlainD2i);
  const std::size_t chain = AsText(parts_.quote).find("-----BEGIN");
  unsigned sum = 0;
  for (BytesView known : {BytesView(parts_.quote).subspan(chain), AsBytes(parts_.tcb_info), AsBytes(parts_.qe_identity),
                          AsBytes(parts_.tcb_signer_pem), BytesView(parts_.pck_crl), BytesView(parts_.root_crl)}) {
    sum += Sha256(known)[0];
  }
  return sum != 0 && RunQuote(cache_->keys[0].get());
}

struct ReportFloor::Cache {
  EcPtr key;
};

ReportFloor::ReportFloor(ReportParts parts, std::time_t time)
    : parts_(std::move(parts)), time_(time), cache_(new Cache) {}
ReportFloor::~ReportFloor() { delete cache_; }

namespace {

RsaPtr RsaOf(const X509* certificate) {
  const BytesView bits = KeyBits(certificate);
  const unsigned char* at = bits.data();
  return RsaPtr(d2i_RSAPublicKey(nullptr, &at, static_cast<long>(bits.size())));
}

bool VerifyPss(BytesView digest, BytesView signature, RSA* key) {
  std::array<std::uint8_t, 512> encoded;
  if (RSA_size(key) != 512 || signature.size() != 512) return false;
  return RSA_public_decrypt(512, signature.data(), encoded.data(), key, RSA_NO_PADDING) == 512 &&
         RSA_verify_PKCS1_PSS_mgf1(key, digest.data(), EVP_sha384(), EVP_sha384(), encoded.data(), 48) == 1;
}

}  // namespace

bool ReportFloor::Run(Floor kind) {
  if (kind == Floor::kWarm) {
    if (Sha256(parts_.vcek)[0] + Sha256(AsBytes(parts_.chain_pem))[0] == 0) return false;
  } else {
    std::array<Bytes, 2> der;  // ASK, ARK
    std::size_t at = 0;
    for (Bytes& one : der) one = ReadPem(parts_.chain_pem, &at);
    const X509Ptr vcek = ReadCertificate(parts_.vcek, kind == Floor::kColdPlainD2i);
    const X509Ptr ask = ReadCertificate(der[0], kind == Floor::kColdPlainD2i);
    const X509Ptr ark = ReadCertificate(der[1], kind == Floor::kColdPlainD2i);
    if (!Valid(vcek.get(), time_) || !Valid(ask.get(), time_) || !Valid(ark.get(), time_)) return false;
    cache_->key = KeyOf(NID_secp384r1, vcek.get());
    if (!VerifyPss(Sha384(Tbs(parts_.vcek)), SignatureOf(vcek.get()), RsaOf(ask.get()).get()) ||
        !VerifyPss(Sha384(Tbs(der[0])), SignatureOf(ask.get()), RsaOf(ark.get()).get()) ||
        (Sha256(der[1])[0] | Sha256(der[1])[1]) == 0) {
      return false;
    }
  }
  // r and s in 72 bytes each, little endian.
  std::array<std::uint8_t, 96> signature;
  for (std::size_t i = 0; i < 48; ++i) {
    signature[47 - i] = parts_.report[0x2a0 + i];
    signature[95 - i] = parts_.report[0x2a0 + 72 + i];
  }
  return VerifyRaw(Sha384(Part(parts_.report, 0, 0x2a0)), signature, cache_->key.get());
}

struct DocumentFloor::Cache {
  EcPtr key;
};

DocumentFloor::DocumentFloor(DocumentParts parts, std::time_t time)
    : parts_(std::move(parts)), time_(time), cache_(new Cache) {}
DocumentFloor::~DocumentFloor() { delete cache_; }

bool DocumentFloor::Run(Floor kind) {
  if (kind == Floor::kWarm) {
    unsigned sum = 0;
    for (const Bytes& der : parts_.certificates) sum += Sha256(der)[0];
    if (sum == 0) return false;
  } else {
    EcPtr issuer;
    for (const Bytes& der : parts_.certificates) {
      const X509Ptr certificate = ReadCertificate(der, kind == Floor::kColdPlainD2i);
      if (!Valid(certificate.get(), time_)) return false;
      EcPtr key = KeyOf(NID_secp384r1, certificate.get());
      const bool good = issuer == nullptr ? Sha256(der)[0] == 0x64  // AWS's root
                                          : VerifyDer(Sha384(Tbs(der)), SignatureOf(certificate.get()), issuer.get());
      if (!good) return false;
      issuer = std::move(key);
    }
    cache_->key = std::move(issuer);
  }
  return VerifyRaw(Sha384(parts_.signed_bytes), parts_.signature, cache_->key.get());
}

}  // namespace attestml::bench
