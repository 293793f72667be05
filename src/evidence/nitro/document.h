// AWS Nitro Enclaves attestation document: bytes to struct. Nothing in it is trusted.
//
//   COSE_Sign1 (RFC 9052 4.2), tagged 18 or not:
//     [ << {1: -35} >>, {}, << payload >>, signature 96 ]        -35: ECDSA with SHA-384
//   payload (AWS, "Nitro Enclaves Attestation Process", 2.2 and 3.2.2), a map with each key once, in any order:
//     "module_id": text               "digest": "SHA384"           "timestamp": milliseconds since 1970
//     "pcrs": {0..31: bytes 48}       "certificate": bytes 1..1024 "cabundle": [bytes 1..1024]
//     "public_key": bytes 1..1024     "user_data": bytes 0..512    "nonce": bytes 0..512
//
// The last three may be absent or null: AWS' text allows no null, AWS' hypervisor writes it. It also writes the payload
// map with indefinite length since some time before 2026; this one map may be. Everything else has definite lengths in
// their shortest form, and nothing follows the document. AWS also allows registers of 32 and 64 bytes, which are no
// SHA-384 digests and are refused here.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::evidence::nitro {

inline constexpr std::size_t kMaxPayload = 16384;
inline constexpr std::size_t kMaxDocument = kMaxPayload + 1024;
inline constexpr std::size_t kMaxCabundle = 8;  // AWS' have 4
inline constexpr std::uint64_t kCoseSign1Tag = 18;
inline constexpr std::array<std::uint8_t, 4> kEs384Header = {0xa1, 0x01, 0x38, 0x22};  // {1: -35}

using Pcr = std::array<std::uint8_t, 48>;

struct Document {
  bool tagged = false;
  std::string module_id;         // printable ASCII, at most 256 characters
  std::uint64_t timestamp = 0;   // milliseconds since 1970, until the year 9999
  std::map<unsigned, Pcr> pcrs;  // 0, 1 and 2 are always there
  Bytes certificate;             // DER, of the key that signed
  std::vector<Bytes> cabundle;   // DER, AWS' root first as a rule
  std::optional<Bytes> public_key, user_data, nonce;
  std::array<std::uint8_t, 96> signature{};  // r || s

  Bytes protected_header, payload;  // exactly as they came; what is signed is SigStructure of the two

  // An enclave in debug mode has zeros for PCR0, PCR1 and PCR2. One of them is enough to call it that: no digest is all
  // zero, so what it stands for was not measured.
  bool debug() const;
};

// ParseDocument reads one document. Error ids, all malformed, in the order of the checks: nitro.document.size, .cose,
// .protected, .unprotected, .payload, .signature_size, .trailing; then of the payload .map, .key (unknown or twice),
// .module_id, .digest, .timestamp, .pcrs, .certificate, .cabundle, .public_key, .user_data, .nonce, and .missing.
Result<Document> ParseDocument(BytesView bytes);

// SigStructure is what COSE signs (RFC 9052 4.4): ["Signature1", protected header, no external data, payload].
Bytes SigStructure(BytesView protected_header, BytesView payload);

}  // namespace attestml::evidence::nitro
