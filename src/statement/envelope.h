// DSSE envelopes and the bundle: one envelope a line (https://github.com/secure-systems-lab/dsse; in-toto bundle).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "statement/envelope_timestamp.h"

namespace attestml::statement {

inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

struct Envelope {
  std::string payload;         // the statement's bytes exactly as signed
  crypto::Digest256 key_id{};  // hex SHA-256 of the signer's SubjectPublicKeyInfo, as `keyid` says; not trusted
  Bytes signature;             // DER ECDSA or Ed25519
  std::vector<EnvelopeTimestamp> timestamps = {};  // of payload and signature; the signature does not cover them
};

// Pae is DSSE's pre-authentication encoding of (kPayloadType, payload): what is signed.
Bytes Pae(std::string_view payload);

Envelope SignEnvelope(std::string payload, const crypto::PrivateKey& key);

std::string WriteEnvelope(const Envelope& envelope);  // one line, no newline
// Exactly one signature, payloadType ours, canonical base64, keyid 64 hex digits, at most kMaxTimestamps time stamps,
// no other members. Error ids envelope.*.
Result<Envelope> ParseEnvelope(std::string_view json);

// A bundle is lines. At most 4096 lines and 64 MiB; empty lines are refused but for a last newline. Error ids bundle.*,
// with "line N" in the message.
Result<std::vector<Envelope>> ParseBundle(std::string_view text);

}  // namespace attestml::statement
