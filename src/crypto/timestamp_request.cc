#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <memory>

#include "crypto/openssl_free.h"
#include "crypto/timestamp.h"

namespace attestml::crypto {
namespace {

using RequestPtr = std::unique_ptr<TS_REQ, Deleter<TS_REQ_free>>;
using ImprintPtr = std::unique_ptr<TS_MSG_IMPRINT, Deleter<TS_MSG_IMPRINT_free>>;
using AlgorithmPtr = std::unique_ptr<X509_ALGOR, Deleter<X509_ALGOR_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;

}  // namespace

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
