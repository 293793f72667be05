#include "crypto/timestamp_token.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "crypto/der.h"

namespace attestml::crypto {
namespace {

constexpr std::size_t kMaxMagnitude = 32;
constexpr std::int64_t kMaxAccuracy = 86'400;  // seconds

using TstInfoPtr = std::unique_ptr<TS_TST_INFO, decltype([](TS_TST_INFO* p) { TS_TST_INFO_free(p); })>;

std::string OidText(const ASN1_OBJECT* object) {
  char text[128];
  const int size = OBJ_obj2txt(text, sizeof text, object, 1);
  return size > 0 ? std::string(text) : std::string();
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

// Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] (1..999) OPTIONAL, micros [1] (1..999) OPTIONAL }, and
// what genTime has below a second, in whole seconds, rounded up. Nothing when it is out of range.
std::optional<std::int64_t> SecondsLate(const TS_ACCURACY* accuracy, std::string_view gen_time) {
  std::int64_t seconds = 0, below = gen_time.find('.') == std::string_view::npos ? 0 : 1;
  if (accuracy == nullptr) return below;
  std::int64_t micros = 0;
  const auto read = [](const ASN1_INTEGER* number, std::int64_t least, std::int64_t most, std::int64_t* out) {
    return number == nullptr || (ASN1_INTEGER_get_int64(out, number) == 1 && *out >= least && *out <= most);
  };
  std::int64_t millis = 0;
  if (!read(TS_ACCURACY_get_seconds(accuracy), 0, kMaxAccuracy, &seconds) ||
      !read(TS_ACCURACY_get_millis(accuracy), 1, 999, &millis) ||
      !read(TS_ACCURACY_get_micros(accuracy), 1, 999, &micros)) {
    return std::nullopt;
  }
  return seconds + below + (millis > 0 || micros > 0 ? 1 : 0);
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
  const std::string_view gen_time_text =
      AsText(BytesView(ASN1_STRING_get0_data(gen_time), static_cast<std::size_t>(ASN1_STRING_length(gen_time))));
  const auto time = ParseGenTime(gen_time_text);
  if (!time) return Malformed("timestamp.time", "genTime is not a date in UTC between 1970 and 9999");
  out->time = *time;
  const auto late = SecondsLate(TS_TST_INFO_get_accuracy(unlocked), gen_time_text);
  if (!late) return Malformed("timestamp.accuracy", "the accuracy is negative, out of range, or more than a day");
  out->latest = Time{time->unix_seconds + *late};

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

}  // namespace

Result<TimestampToken> ReadTimestampToken(BytesView bytes) {
  ATTESTML_TRY(const BytesView der, FindToken(bytes));
  TimestampToken out;
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
  const TstInfoPtr info(PKCS7_to_TS_TST_INFO(pkcs7));
  if (!info) return Format("the TSTInfo cannot be read");
  ATTESTML_CHECK(ReadInfo(info.get(), &out.said));
  return out;
}

}  // namespace attestml::crypto
