// RFC 3161 time stamps: a date for a digest by the word of somebody other than who presents it. On OpenSSL's CMS and TS
// parsers.
//
// What a time stamp says: the time-stamping authority (TSA) saw this SHA-256 at that time. It says nothing of what the
// digest is of. Revocation of the TSA's certificates is looked at in the CRLs that the caller brings; a relying party
// names the roots that it trusts to date things, and should name few.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace attestml::crypto {

inline constexpr std::size_t kMaxTimestamp = 64 * 1024;
inline constexpr std::size_t kMaxTimestampCertificates = 16;  // in the token, and brought by the caller

// Timestamp is what one token says.
struct Timestamp {
  Time time;  // genTime; fractions of a second are cut off
  // By when the digest existed at the latest: genTime and the accuracy that the TSA states, rounded up.
  Time latest;
  Digest256 imprint{};         // SHA-256 of what was stamped
  std::string policy;          // the TSA's, dotted
  Bytes serial;                // of the token, big endian magnitude
  std::optional<Bytes> nonce;  // big endian magnitude, empty for zero
};

// VerifiedTimestamp is one whose signature and chain held at its own time. Only VerifyTimestamp makes one.
class VerifiedTimestamp {
 public:
  const Timestamp& said() const { return said_; }
  Time time() const { return said_.time; }
  const std::string& signer() const { return signer_; }  // RFC 2253 text, for people only
  const Digest256& root() const { return root_; }        // key id of the root at which its chain ended
  // SHA-256 of the SubjectPublicKeyInfo, and of the certificate, of each certificate of the chain.
  const std::vector<Digest256>& certificates() const { return certificates_; }
  // How many CRLs of the chain's issuers were looked into. None: revocation was not checked.
  std::size_t num_crls() const { return num_crls_; }

 private:
  friend struct TimestampFactory;  // defined in crypto/timestamp.cc only
  VerifiedTimestamp() = default;
  Timestamp said_;
  std::string signer_;
  Digest256 root_{};
  std::vector<Digest256> certificates_;
  std::size_t num_crls_ = 0;
};

// ReadTimestamp reads a TimeStampToken, or a TimeStampResp that holds one (RFC 3161 2.4.2), DER, nothing after it.
// Nothing in it is verified. Error ids, malformed where not said otherwise: timestamp.size, .der, .status (untrusted:
// the TSA granted none), .format (no CMS SignedData with one signer over a TSTInfo of version 1), .algorithm
// (unsupported: the imprint or the signature is not over SHA-256, or SHA-384 or SHA-512 for the signature), .extension
// (unsupported: a critical one), .time, .imprint, .accuracy (beyond RFC 3161's ranges, or of more than a day).
Result<Timestamp> ReadTimestamp(BytesView bytes);

// TimestampCollateral is what the relying party has to tell revoked authorities by. Borrows.
struct TimestampCollateral {
  // DER, as they came. Those that an issuer of the chain signed count, whatever their dates: what one of them names, or
  // another certificate of the same key, makes the stamp worth nothing (timestamp.revoked), for who has a TSA's key
  // dates as it likes. So does one in an issuer's name that cannot be read, or is not of all that the issuer has
  // certified (timestamp.crl).
  std::span<const Bytes> crls;
  std::span<const Bytes> certificates;  // DER, of anybody: where other certificates of a key are looked for
};

// VerifyTimestamp reads it and verifies that it stamps `imprint`, that its signer's certificate is for time stamping
// and nothing else, and that a chain leads from there to one of `roots` (SHA-256 of a root's SubjectPublicKeyInfo),
// every certificate valid at the stamp's own time and no signature over SHA-1. Certificates come from the token and
// from `certificates` (DER), which need not be trusted; the root's is among them, for tokens mostly leave it out.
// Whether the root is still trusted at some later time is the caller's to ask. Error ids beyond those above, untrusted:
// timestamp.mismatch (another digest was stamped), .signer (absent, or not for time stamping alone), .chain, .validity,
// .revoked and .crl (see TimestampCollateral), .signature (of the token, or not bound to this certificate); and
// timestamp.certificates (usage) where the caller brings more than kMaxTimestampCertificates.
Result<VerifiedTimestamp> VerifyTimestamp(BytesView bytes, const Digest256& imprint, std::span<const Digest256> roots,
                                          std::span<const Bytes> certificates = {},
                                          const TimestampCollateral& collateral = {});

// EncodeTimestampRequest writes the TimeStampReq that asks a TSA to stamp `imprint`, with its certificates. `nonce`: a
// number, big endian, of 1 to 20 bytes without a leading zero and with the top bit clear. Error id timestamp.request
// (usage).
Result<Bytes> EncodeTimestampRequest(const Digest256& imprint, const std::optional<Bytes>& nonce);

}  // namespace attestml::crypto
