#include "statement/envelope_timestamp.h"

#include <utility>

#include "base/base64.h"
#include "base/hex.h"
#include "base/json_fields.h"
#include "crypto/merkle.h"
#include "crypto/timestamp.h"
#include "statement/envelope.h"
#include "statement/fields.h"

namespace attestml::statement {
namespace {

constexpr std::string_view kId = "envelope.timestamp";
constexpr std::string_view kType = "rfc3161";
// Far more lines than a bundle has; room for trees of other things.
constexpr std::uint64_t kMaxTree = std::uint64_t{1} << kMaxTimestampPath;

Result<EnvelopeTimestamp> ParseTimestamp(JsonView value) {
  JsonFields object(value, kId, "time stamp");
  EnvelopeTimestamp out;
  ATTESTML_TRY(out.index, object.Unsigned("index"));
  ATTESTML_TRY(const JsonView path, object.Array("path"));
  ATTESTML_TRY(out.size, object.Unsigned("size"));
  ATTESTML_TRY(out.token, Base64Member(object, "token", crypto::kMaxTimestamp, kId));
  ATTESTML_TRY(const std::string_view type, object.String("type"));
  ATTESTML_CHECK(object.Finish());
  if (type != kType) {
    return Malformed(kId, "type is \"" + Cut(type) + "\", want \"" + std::string(kType) + "\"");
  }
  if (out.index >= out.size || out.size > kMaxTree) {
    return Malformed(kId, "index is " + std::to_string(out.index) + " of " + std::to_string(out.size) +
                              ", want one of at most " + std::to_string(kMaxTree));
  }
  ATTESTML_TRY(const auto digests, TextArray(path, kMaxTimestampPath, kId, "path"));
  for (const std::string& digest : digests) {
    ATTESTML_TRY(const auto parsed, ParseDigest(digest, kId, "path"));
    out.path.push_back(parsed);
  }
  if (!crypto::InclusionRoot({}, out.index, out.size, out.path)) {
    return Malformed(kId, std::to_string(out.path.size()) + " digests are no path of leaf " +
                              std::to_string(out.index) + " of " + std::to_string(out.size));
  }
  return out;
}

std::vector<crypto::Digest256> Leaves(const std::vector<Envelope>& envelopes) {
  std::vector<crypto::Digest256> leaves;
  leaves.reserve(envelopes.size());
  for (const Envelope& envelope : envelopes) leaves.push_back(TimestampLeaf(envelope));
  return leaves;
}

}  // namespace

crypto::Digest256 TimestampLeaf(const Envelope& envelope) {
  Bytes data = Pae(envelope.payload);
  data.insert(data.end(), envelope.signature.begin(), envelope.signature.end());
  return crypto::LeafHash(data);
}

std::optional<crypto::Digest256> TimestampRoot(const Envelope& envelope, const EnvelopeTimestamp& timestamp) {
  return crypto::InclusionRoot(TimestampLeaf(envelope), timestamp.index, timestamp.size, timestamp.path);
}

crypto::Digest256 TimestampedRoot(const std::vector<Envelope>& envelopes) {
  return crypto::MerkleRoot(Leaves(envelopes));
}

Status AddTimestamp(const Bytes& token, std::vector<Envelope>* envelopes) {
  for (std::size_t i = 0; i < envelopes->size(); ++i) {
    if ((*envelopes)[i].timestamps.size() < kMaxTimestamps) continue;
    return Usage(kId, "line " + std::to_string(i + 1) + " has " + std::to_string(kMaxTimestamps) +
                          " time stamps already, which is the most it can have");
  }
  const crypto::MerkleTree tree(Leaves(*envelopes));
  for (std::size_t i = 0; i < envelopes->size(); ++i) {
    (*envelopes)[i].timestamps.push_back({token, i, tree.size(), tree.InclusionProof(i)});
  }
  return {};
}

// Base64, hexadecimal and numbers need no escapes.
std::string WriteTimestamps(const std::vector<EnvelopeTimestamp>& timestamps) {
  std::string out = "[";
  for (const EnvelopeTimestamp& each : timestamps) {
    out += out.size() > 1 ? "," : "";
    out += R"({"index":)" + std::to_string(each.index) + R"(,"path":[)";
    for (std::size_t i = 0; i < each.path.size(); ++i) out += (i > 0 ? ",\"" : "\"") + HexEncode(each.path[i]) + "\"";
    out += R"(],"size":)" + std::to_string(each.size) + R"(,"token":")" + Base64Encode(each.token);
    out += R"(","type":")";
    out += kType;
    out += R"("})";
  }
  return out + "]";
}

Result<std::vector<EnvelopeTimestamp>> ParseTimestamps(JsonView value) {
  if (value.size() == 0 || value.size() > kMaxTimestamps) {
    return Malformed(kId, std::to_string(value.size()) + " time stamps, want 1 to " + std::to_string(kMaxTimestamps));
  }
  std::vector<EnvelopeTimestamp> out;
  for (const JsonView each : value) {
    ATTESTML_TRY(EnvelopeTimestamp timestamp, ParseTimestamp(each));
    out.push_back(std::move(timestamp));
  }
  return out;
}

}  // namespace attestml::statement
