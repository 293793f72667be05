// Issues RFC 3161 time stamps: for a local time-stamping authority, and for tests, which bend single fields.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate_builder.h"
#include "crypto/digest.h"
#include "crypto/key.h"

namespace attestml::crypto {

// What a token says. Written as it stands, sensible or not.
struct TimestampTemplate {
  Digest256 imprint{};
  Time time;
  std::string fraction;            // of a second: ".25"; what stands between the seconds and "Z"
  std::string policy = "1.2.3.4";  // dotted
  Bytes serial = {1};              // 1 to 20 bytes, big endian, top bit clear
  std::optional<Bytes> nonce;      // likewise
  // Written when any of them is set; -1 leaves that part out.
  long accuracy_seconds = -1, accuracy_millis = -1, accuracy_micros = -1;
  long version = 1;
  std::size_t imprint_size = 32;             // how much of the imprint is written
  std::string imprint_algorithm = "SHA256";  // OpenSSL's name
  std::string signature_digest = "SHA256";   // likewise
  std::vector<CertificateTemplate::Extension> extensions;
};

// Who signs: a certificate (DER) that says what it may, its key, and the certificates that the token carries.
struct TimestampSigner {
  Bytes certificate;
  PrivateKey key;                 // ECDSA or RSA
  std::vector<Bytes> carried;     // the signer's own as a rule; absent certificates are the verifier's to find
  std::optional<Bytes> attested;  // the certificate that the token binds itself to (RFC 5816); the signer's
};

// IssueTimestamp returns a TimeStampToken. Error id timestamp.template (usage).
Result<Bytes> IssueTimestamp(const TimestampTemplate& stamp, const TimestampSigner& signer);

// WrapTimestamp returns a TimeStampResp of PKIStatus `status` around a token; without one where `token` is empty.
Bytes WrapTimestamp(std::uint8_t status, BytesView token);

// AnswerTimestampRequest is an authority that stamps every SHA-256 it is asked for, at `time`. Error id
// timestamp.request (malformed) for what is no TimeStampReq of version 1 over SHA-256.
Result<Bytes> AnswerTimestampRequest(BytesView request, Time time, const Bytes& serial, const TimestampSigner& signer);

// The critical extension that makes a certificate one for time stamping (RFC 3161 2.3).
CertificateTemplate::Extension TimeStampingUsage();

}  // namespace attestml::crypto
