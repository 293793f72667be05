// Time stamps as envelopes carry them (spec/bundle.md 3.1): RFC 3161 tokens over many envelopes at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json_document.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::statement {

struct Envelope;  // statement/envelope.h

inline constexpr std::size_t kMaxTimestamps = 8;  // of one envelope
inline constexpr std::size_t kMaxTimestampPath = 32;

// EnvelopeTimestamp is a time stamp of many envelopes as it lies in one of them: the token stamps the root of an RFC
// 9162 tree in which this envelope is a leaf. Nothing in it is verified.
struct EnvelopeTimestamp {
  Bytes token;                          // TimeStampToken or TimeStampResp, DER
  std::uint64_t index = 0, size = 1;    // of the leaf, of the tree
  std::vector<crypto::Digest256> path;  // from the leaf's sibling up
  bool operator==(const EnvelopeTimestamp&) const = default;
};

// TimestampLeaf is LeafHash(Pae(payload) || signature): what is dated is that this signature was there.
crypto::Digest256 TimestampLeaf(const Envelope& envelope);

// What the token must have stamped for it to be about this envelope; nothing when the path is none of its place and
// size.
std::optional<crypto::Digest256> TimestampRoot(const Envelope& envelope, const EnvelopeTimestamp& timestamp);

// AddTimestamp puts `token`, which must stamp TimestampedRoot of the same envelopes, into each of them. Error ids
// envelope.timestamp (usage: one of them has kMaxTimestamps already).
crypto::Digest256 TimestampedRoot(const std::vector<Envelope>& envelopes);
Status AddTimestamp(const Bytes& token, std::vector<Envelope>* envelopes);

// [{"index":0,"path":["…"],"size":2,"token":"…","type":"rfc3161"}]
std::string WriteTimestamps(const std::vector<EnvelopeTimestamp>& timestamps);
// 1 to kMaxTimestamps of them. Error id envelope.timestamp (malformed).
Result<std::vector<EnvelopeTimestamp>> ParseTimestamps(JsonView value);

}  // namespace attestml::statement
