#include "crypto/timestamp_builder.h"

#include <openssl/asn1.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "base/byte_writer.h"
#include "crypto/der.h"
#include "crypto/key_access.h"
#include "crypto/openssl_free.h"

namespace attestml::crypto {
namespace {

using Pkcs7Ptr = std::unique_ptr<PKCS7, Deleter<PKCS7_free>>;
using TstInfoPtr = std::unique_ptr<TS_TST_INFO, Deleter<TS_TST_INFO_free>>;
using RequestPtr = std::unique_ptr<TS_REQ, Deleter<TS_REQ_free>>;
using ImprintPtr = std::unique_ptr<TS_MSG_IMPRINT, Deleter<TS_MSG_IMPRINT_free>>;
using AlgorithmPtr = std::unique_ptr<X509_ALGOR, Deleter<X509_ALGOR_free>>;
using AccuracyPtr = std::unique_ptr<TS_ACCURACY, Deleter<TS_ACCURACY_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;
using TimePtr = std::unique_ptr<ASN1_GENERALIZEDTIME, Deleter<ASN1_GENERALIZEDTIME_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Deleter<ASN1_OBJECT_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>>;
using StringPtr = std::unique_ptr<ASN1_STRING, Deleter<ASN1_STRING_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using EssPtr = std::unique_ptr<ESS_SIGNING_CERT_V2, Deleter<ESS_SIGNING_CERT_V2_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

Error Bad(std::string_view what) { return Usage("timestamp.template", "time-stamp template has " + std::string(what)); }

X509Ptr Read(BytesView der) {
  const unsigned char* at = der.data();
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

IntegerPtr Integer(const Bytes& magnitude) {
  IntegerPtr out(ASN1_INTEGER_new());
  if (ASN1_STRING_set(out.get(), magnitude.data(), static_cast<int>(magnitude.size())) != 1) return nullptr;
  return out;
}

// "20260921133320" + fraction + "Z".
TimePtr GenTime(const TimestampTemplate& stamp) {
  std::string text;
  for (const char c : FormatTime(stamp.time)) {
    if (c >= '0' && c <= '9') text += c;
  }
  text += stamp.fraction + "Z";
  TimePtr out(ASN1_GENERALIZEDTIME_new());
  if (ASN1_STRING_set(out.get(), text.data(), static_cast<int>(text.size())) != 1) return nullptr;
  return out;
}

bool AddAccuracy(const TimestampTemplate& stamp, TS_TST_INFO* info) {
  const auto number = [](long value) {
    IntegerPtr out(value < 0 ? nullptr : ASN1_INTEGER_new());
    if (out) ASN1_INTEGER_set(out.get(), value);
    return out;
  };
  const IntegerPtr seconds = number(stamp.accuracy_seconds), millis = number(stamp.accuracy_millis),
                   micros = number(stamp.accuracy_micros);
  if (!seconds && !millis && !micros) return true;
  const AccuracyPtr accuracy(TS_ACCURACY_new());
  return TS_ACCURACY_set_seconds(accuracy.get(), seconds.get()) == 1 &&
         TS_ACCURACY_set_millis(accuracy.get(), millis.get()) == 1 &&
         TS_ACCURACY_set_micros(accuracy.get(), micros.get()) == 1 &&
         TS_TST_INFO_set_accuracy(info, accuracy.get()) == 1;
}

Result<TstInfoPtr> MakeInfo(const TimestampTemplate& stamp) {
  TstInfoPtr info(TS_TST_INFO_new());
  const ObjectPtr policy(OBJ_txt2obj(stamp.policy.c_str(), 1));
  const ObjectPtr digest(OBJ_txt2obj(stamp.imprint_algorithm.c_str(), 0));
  const IntegerPtr serial = Integer(stamp.serial);
  const TimePtr time = GenTime(stamp);
  if (!policy) return Bad("a policy that is not dotted numbers");
  if (!digest) return Bad("an unknown digest");
  const ImprintPtr imprint(TS_MSG_IMPRINT_new());
  const AlgorithmPtr algorithm(X509_ALGOR_new());
  X509_ALGOR_set0(algorithm.get(), OBJ_dup(digest.get()), V_ASN1_NULL, nullptr);
  Digest256 bytes = stamp.imprint;
  if (stamp.imprint_size > bytes.size()) return Bad("more of an imprint than there is");
  if (TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) != 1 ||
      TS_MSG_IMPRINT_set_msg(imprint.get(), bytes.data(), static_cast<int>(stamp.imprint_size)) != 1 ||
      TS_TST_INFO_set_version(info.get(), stamp.version) != 1 ||
      TS_TST_INFO_set_policy_id(info.get(), policy.get()) != 1 ||
      TS_TST_INFO_set_msg_imprint(info.get(), imprint.get()) != 1 ||
      TS_TST_INFO_set_serial(info.get(), serial.get()) != 1 || TS_TST_INFO_set_time(info.get(), time.get()) != 1) {
    return Bad("fields that cannot be encoded");
  }
  if (!AddAccuracy(stamp, info.get())) return Bad("an accuracy that cannot be encoded");
  if (stamp.nonce) {
    const IntegerPtr nonce = Integer(*stamp.nonce);
    if (TS_TST_INFO_set_nonce(info.get(), nonce.get()) != 1) return Bad("a nonce that cannot be encoded");
  }
  for (const auto& extension : stamp.extensions) {
    const ObjectPtr oid(OBJ_txt2obj(extension.oid.c_str(), 1));
    const OctetsPtr value(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(value.get(), extension.value.data(), static_cast<int>(extension.value.size()));
    const ExtensionPtr made(
        oid ? X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), extension.critical ? 1 : 0, value.get()) : nullptr);
    if (!made || TS_TST_INFO_add_ext(info.get(), made.get(), -1) != 1)
      return Bad("an extension that cannot be encoded");
  }
  return info;
}

template <auto ToDer, typename T>
Bytes Der(T* object) {
  unsigned char* der = nullptr;
  const int size = ToDer(object, &der);
  Bytes out(der, der + (size > 0 ? size : 0));
  OPENSSL_free(der);
  return out;
}

// Left out, OpenSSL would put the clock's.
bool AddSigningTime(PKCS7_SIGNER_INFO* info, Time time) {
  ASN1_TIME* when = ASN1_TIME_set(nullptr, time.unix_seconds);
  if (when != nullptr && PKCS7_add0_attrib_signing_time(info, when) == 1) return true;
  ASN1_TIME_free(when);
  return false;
}

// RFC 5816: the certificate that the signature is bound to.
bool AddSigningCertificate(PKCS7_SIGNER_INFO* info, const X509* certificate) {
  const EssPtr ess(OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), certificate, nullptr, 0));
  if (!ess) return false;
  const Bytes der = Der<i2d_ESS_SIGNING_CERT_V2>(ess.get());
  StringPtr value(ASN1_STRING_new());
  if (ASN1_STRING_set(value.get(), der.data(), static_cast<int>(der.size())) != 1 ||
      PKCS7_add_signed_attribute(info, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE, value.get()) != 1) {
    return false;
  }
  static_cast<void>(value.release());
  return true;
}

// A value of at most 64 KiB with its identifier and length octets.
Bytes DerValueOf(std::uint8_t tag, BytesView content) {
  ByteWriter out;
  out.WriteU8(tag);
  if (content.size() < 128) {
    out.WriteU8(static_cast<std::uint8_t>(content.size()));
  } else {
    const bool two = content.size() > 255;
    out.WriteU8(two ? 0x82 : 0x81);
    if (two) out.WriteU8(static_cast<std::uint8_t>(content.size() >> 8));
    out.WriteU8(static_cast<std::uint8_t>(content.size()));
  }
  out.WriteBytes(content);
  return std::move(out).Take();
}

}  // namespace

Result<Bytes> IssueTimestamp(const TimestampTemplate& stamp, const TimestampSigner& signer) {
  ATTESTML_TRY(const TstInfoPtr info, MakeInfo(stamp));
  const X509Ptr certificate = Read(signer.certificate);
  const X509Ptr attested = Read(signer.attested.value_or(signer.certificate));
  const EVP_MD* digest = EVP_get_digestbyname(stamp.signature_digest.c_str());
  if (!certificate || !attested) return Bad("a certificate that cannot be read");
  if (digest == nullptr) return Bad("an unknown digest");

  const Pkcs7Ptr token(PKCS7_new());
  if (PKCS7_set_type(token.get(), NID_pkcs7_signed) != 1) return Bad("no type");
  PKCS7* content = PKCS7_new();
  ASN1_TYPE* octets = ASN1_TYPE_new();
  ASN1_OCTET_STRING* holder = ASN1_OCTET_STRING_new();
  ASN1_TYPE_set(octets, V_ASN1_OCTET_STRING, holder);
  if (PKCS7_set0_type_other(content, NID_id_smime_ct_TSTInfo, octets) != 1 ||
      PKCS7_set_content(token.get(), content) != 1) {
    PKCS7_free(content);
    return Bad("content that cannot be encoded");
  }
  for (const Bytes& der : signer.carried) {
    const X509Ptr carried = Read(der);
    if (!carried || PKCS7_add_certificate(token.get(), carried.get()) != 1) {
      return Bad("a certificate that cannot be read");
    }
  }
  PKCS7_SIGNER_INFO* signing = PKCS7_add_signature(token.get(), certificate.get(), KeyAccess::Of(signer.key), digest);
  if (signing == nullptr ||
      PKCS7_add_signed_attribute(signing, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_id_smime_ct_TSTInfo)) !=
          1 ||
      !AddSigningTime(signing, stamp.time) || !AddSigningCertificate(signing, attested.get())) {
    return Bad("an unusable signer");
  }
  const Bytes said = Der<i2d_TS_TST_INFO>(info.get());
  const BioPtr bio(PKCS7_dataInit(token.get(), nullptr));
  if (!bio || BIO_write(bio.get(), said.data(), static_cast<int>(said.size())) != static_cast<int>(said.size()) ||
      PKCS7_dataFinal(token.get(), bio.get()) != 1) {
    return Bad("an unusable signer");
  }
  return Der<i2d_PKCS7>(token.get());
}

Bytes WrapTimestamp(std::uint8_t status, BytesView token) {
  ByteWriter out;
  out.WriteBytes(DerValueOf(kDerSequence, DerValueOf(kDerInteger, Bytes{status})));
  out.WriteBytes(token);
  return DerValueOf(kDerSequence, out.view());
}

Result<Bytes> AnswerTimestampRequest(BytesView request, Time time, const Bytes& serial, const TimestampSigner& signer) {
  const unsigned char* at = request.data();
  const RequestPtr asked(d2i_TS_REQ(nullptr, &at, static_cast<long>(request.size())));
  if (!asked || at != request.data() + request.size() || TS_REQ_get_version(asked.get()) != 1) {
    return Malformed("timestamp.request", "not one TimeStampReq of version 1");
  }
  TS_MSG_IMPRINT* imprint = TS_REQ_get_msg_imprint(asked.get());
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  const ASN1_OCTET_STRING* digest = TS_MSG_IMPRINT_get_msg(imprint);
  TimestampTemplate stamp;
  if (OBJ_obj2nid(algorithm) != NID_sha256 || ASN1_STRING_length(digest) != static_cast<int>(stamp.imprint.size())) {
    return Malformed("timestamp.request", "the digest to be stamped is not a SHA-256");
  }
  std::copy_n(ASN1_STRING_get0_data(digest), stamp.imprint.size(), stamp.imprint.begin());
  stamp.time = time;
  stamp.serial = serial;
  if (const ASN1_INTEGER* nonce = TS_REQ_get_nonce(asked.get()); nonce != nullptr) {
    stamp.nonce = Bytes(ASN1_STRING_get0_data(nonce), ASN1_STRING_get0_data(nonce) + ASN1_STRING_length(nonce));
  }
  TimestampSigner as_asked = signer;
  if (TS_REQ_get_cert_req(asked.get()) == 0) as_asked.carried.clear();
  ATTESTML_TRY(const Bytes token, IssueTimestamp(stamp, as_asked));
  return WrapTimestamp(0, token);
}

CertificateTemplate::Extension TimeStampingUsage() {
  // SEQUENCE { id-kp-timeStamping 1.3.6.1.5.5.7.3.8 }
  return {"2.5.29.37", true, {0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}};
}

}  // namespace attestml::crypto
