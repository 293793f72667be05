#include "statement/envelope.h"

#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/hex.h"
#include "base/json.h"
#include "statement/fields.h"

namespace attestml::statement {
namespace {

constexpr std::size_t kMaxSignature = 128;
constexpr std::size_t kMaxBundle = std::size_t{64} << 20;
constexpr std::size_t kMaxLine = std::size_t{32} << 20;
constexpr std::size_t kMaxLines = 4096;

bool Skip(std::string_view* text, std::string_view literal) {
  if (!text->starts_with(literal)) return false;
  text->remove_prefix(literal.size());
  return true;
}

// A line just as WriteEnvelope writes it. Base64 and hexadecimal need no escapes, so this reads what a JSON parser
// would, at a fraction of the cost; every other line, good or bad, is left to that parser.
std::optional<Envelope> ParseCanonical(std::string_view line) {
  if (line.size() > kMaxLine || !Skip(&line, R"({"payload":")")) return std::nullopt;
  const std::string_view payload = line.substr(0, line.find('"'));
  line.remove_prefix(payload.size());
  if (!Skip(&line, R"(","payloadType":")") || !Skip(&line, kPayloadType) ||
      !Skip(&line, R"(","signatures":[{"keyid":")")) {
    return std::nullopt;
  }
  const auto key_id = ParseDigest(line.substr(0, 64), "envelope.keyid", "keyid");
  if (!key_id.ok()) return std::nullopt;
  line.remove_prefix(64);
  if (!Skip(&line, R"(","sig":")")) return std::nullopt;
  const std::string_view signature = line.substr(0, line.find('"'));
  line.remove_prefix(signature.size());
  if (line != R"("}]})" || signature.size() > 2 * kMaxSignature) return std::nullopt;
  const auto payload_bytes = Base64Decode(payload);
  auto signature_bytes = Base64Decode(signature);
  if (!payload_bytes.ok() || !signature_bytes.ok() || signature_bytes->empty() ||
      signature_bytes->size() > kMaxSignature) {
    return std::nullopt;
  }
  return Envelope{std::string(AsText(*payload_bytes)), *key_id, std::move(signature_bytes).value(), {}};
}

}  // namespace

Bytes Pae(std::string_view payload) {
  std::string head = "DSSEv1 " + std::to_string(kPayloadType.size()) + " ";
  head += kPayloadType;
  head += " " + std::to_string(payload.size()) + " ";
  Bytes out;
  out.reserve(head.size() + payload.size());
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

Envelope SignEnvelope(std::string payload, const crypto::PrivateKey& key) {
  Envelope out;
  out.signature = key.Sign(Pae(payload));
  out.key_id = key.public_key().id();
  out.payload = std::move(payload);
  return out;
}

// Base64, hexadecimal and our payload type need no escapes.
std::string WriteEnvelope(const Envelope& envelope) {
  std::string out = R"({"payload":")";
  out += Base64Encode(AsBytes(envelope.payload));
  out += R"(","payloadType":")";
  out += kPayloadType;
  out += R"(","signatures":[{"keyid":")";
  out += HexEncode(envelope.key_id);
  out += R"(","sig":")";
  out += Base64Encode(envelope.signature);
  out += '"';
  if (!envelope.timestamps.empty()) out += R"(,"timestamps":)" + WriteTimestamps(envelope.timestamps);
  out += "}]}";
  return out;
}

Result<Envelope> ParseEnvelope(std::string_view json) {
  if (auto envelope = ParseCanonical(json)) return *std::move(envelope);
  JsonLimits limits;
  limits.max_bytes = kMaxLine;
  ATTESTML_TRY(const JsonDocument document, JsonDocument::Parse(json, limits));
  JsonFields object(document.root(), "envelope", "envelope");
  ATTESTML_TRY(const std::string_view type, object.String("payloadType"));
  ATTESTML_TRY(const std::string_view payload, object.String("payload"));
  ATTESTML_TRY(const JsonView signatures, object.Array("signatures"));
  ATTESTML_CHECK(object.Finish());
  if (type != kPayloadType) {
    return Malformed("envelope.payload_type",
                     "payloadType is \"" + Cut(type, 128) + "\", want \"" + std::string(kPayloadType) + "\"");
  }
  if (signatures.size() != 1) {
    return Malformed("envelope.signatures", std::to_string(signatures.size()) + " signatures, want exactly one");
  }
  JsonFields signature(signatures.Front(), "envelope", "signature");
  ATTESTML_TRY(const std::string_view keyid, signature.String("keyid"));
  Envelope out;
  ATTESTML_TRY(out.signature, Base64Member(signature, "sig", kMaxSignature, "envelope.signature"));
  const JsonView timestamps = signature.Optional("timestamps");
  ATTESTML_CHECK(signature.Finish());
  if (timestamps) {
    if (!timestamps.is_array()) return signature.NotA("timestamps", "an array");
    ATTESTML_TRY(out.timestamps, ParseTimestamps(timestamps));
  }
  ATTESTML_TRY(out.key_id, ParseDigest(keyid, "envelope.keyid", "keyid"));
  const auto bytes = Base64Decode(payload);
  if (!bytes.ok()) return Malformed("envelope.payload", "payload is not canonical base64");
  out.payload.assign(AsText(*bytes));
  return out;
}

Result<std::vector<Envelope>> ParseBundle(std::string_view text) {
  if (text.size() > kMaxBundle) {
    return Malformed("bundle.size",
                     "bundle of " + std::to_string(text.size()) + " bytes, want at most " + std::to_string(kMaxBundle));
  }
  if (text.empty()) return Malformed("bundle.empty", "bundle has no line");
  std::vector<Envelope> out;
  while (!text.empty()) {
    const std::string where = "line " + std::to_string(out.size() + 1);
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.empty()) return Malformed("bundle.line", where + " is empty");
    if (out.size() == kMaxLines) {
      return Malformed("bundle.lines", "more than " + std::to_string(kMaxLines) + " lines");
    }
    auto envelope = ParseEnvelope(line);
    if (!envelope.ok()) return Within(where, envelope.error());
    out.push_back(std::move(envelope).value());
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace attestml::statement
