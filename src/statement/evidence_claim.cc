// Evidence as a SCAI v0.3 attribute report (spec/predicates.md 8, spec/binding.md).
#include "base/base64.h"
#include "base/hex.h"
#include "statement/fields.h"
#include "statement/predicates.h"

namespace attestml::statement {
namespace {

constexpr std::string_view kId = "claim.evidence";
constexpr std::string_view kBoundKey = "TEE_BOUND_KEY";
constexpr std::string_view kBoundStatement = "TEE_BOUND_STATEMENT";
constexpr std::string_view kCmwMediaType = "application/cmw+json";
constexpr std::string_view kKeyName = "session-key";
constexpr std::string_view kStatementName = "statement";
constexpr std::size_t kMaxKey = 1024;
constexpr std::size_t kMaxCmw = std::size_t{24} << 20;

// {"name":"session-key","digest":{"sha256":KEY ID},"content":SPKI}
Json KeyToJson(const Bytes& spki) {
  Json out = Json::object();
  out["name"] = kKeyName;
  out["digest"] = DigestToJson(crypto::Sha256(spki));
  out["content"] = Base64Encode(spki);
  return out;
}

Result<Bytes> ParseKey(JsonView value) {
  JsonFields object(value, kId, "session key");
  ATTESTML_TRY(const std::string_view name, object.String("name"));
  ATTESTML_TRY(const JsonView digest, object.Object("digest"));
  ATTESTML_TRY(Bytes spki, Base64Member(object, "content", kMaxKey, "claim.evidence.key"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_TRY(const crypto::Digest256 stated, ParseDigestSet(digest, "session key"));
  if (name != kKeyName) return Malformed("claim.evidence.key", "the session key is not called session-key");
  if (const crypto::Digest256 seen = crypto::Sha256(spki); seen != stated) {
    return Malformed("claim.evidence.key",
                     "digest of the session key is " + HexEncode(stated) + ", its content has " + HexEncode(seen));
  }
  return spki;
}

}  // namespace

StatementParts WriteEvidence(const EvidenceClaim& claim) {
  Json evidence = Json::object();
  evidence["mediaType"] = kCmwMediaType;
  evidence["content"] = Base64Encode(AsBytes(claim.cmw));
  if (!claim.nonce.empty()) {
    Json annotations = Json::object();
    annotations["nonce"] = claim.nonce;
    evidence["annotations"] = std::move(annotations);
  }
  Json attribute = Json::object();
  attribute["attribute"] = claim.for_statement ? kBoundStatement : kBoundKey;
  attribute["evidence"] = std::move(evidence);
  Json predicate = Json::object();
  predicate["attributes"] = Json::array({std::move(attribute)});
  if (!claim.for_statement) return {KeyToJson(claim.session_key), std::move(predicate)};
  predicate["producer"] = KeyToJson(claim.session_key);
  return {ArtifactToJson({std::string(kStatementName), claim.target}), std::move(predicate)};
}

bool IsOurEvidence(JsonView predicate) {
  if (!predicate.is_object()) return true;
  const JsonView attributes = predicate.Find("attributes");
  if (!attributes || !attributes.is_array() || attributes.empty()) return true;
  for (const JsonView entry : attributes) {
    if (!entry.is_object()) return true;
    const JsonView attribute = entry.Find("attribute");
    if (!attribute || !attribute.is_string()) return true;
    const std::string_view name = attribute.String();
    if (name == kBoundKey || name == kBoundStatement) return true;
  }
  return false;
}

Result<EvidenceClaim> ParseEvidence(JsonView subject, JsonView predicate) {
  EvidenceClaim out;
  JsonFields object(predicate, kId, "predicate");
  ATTESTML_TRY(const JsonView attributes, object.Array("attributes"));
  if (attributes.size() != 1) {
    return Malformed("claim.evidence.attribute", std::to_string(attributes.size()) + " attributes, want exactly one");
  }
  JsonFields attribute(attributes.Front(), kId, "attribute");
  ATTESTML_TRY(const std::string_view name, attribute.String("attribute"));
  ATTESTML_TRY(const JsonView evidence, attribute.Object("evidence"));
  ATTESTML_CHECK(attribute.Finish());
  if (name != kBoundKey && name != kBoundStatement) {
    return Malformed("claim.evidence.attribute", "attribute is \"" + Cut(name) + "\", want " + std::string(kBoundKey) +
                                                     " or " + std::string(kBoundStatement));
  }

  JsonFields descriptor(evidence, kId, "evidence");
  ATTESTML_TRY(const std::string_view media_type, descriptor.String("mediaType"));
  ATTESTML_TRY(const Bytes cmw, Base64Member(descriptor, "content", kMaxCmw, "claim.evidence.content"));
  const bool with_nonce = static_cast<bool>(descriptor.Optional("annotations"));
  if (with_nonce) {
    ATTESTML_TRY(const JsonView annotations, descriptor.Object("annotations"));
    JsonFields annotation(annotations, kId, "annotations of evidence");
    ATTESTML_TRY(out.nonce, annotation.String("nonce"));
    ATTESTML_CHECK(annotation.Finish());
    ATTESTML_CHECK(CheckNonce(out.nonce, "claim.evidence.nonce"));
  }
  ATTESTML_CHECK(descriptor.Finish());
  if (media_type != kCmwMediaType) {
    return Malformed("claim.evidence.media_type",
                     "mediaType is \"" + Cut(media_type, 128) + "\", want \"" + std::string(kCmwMediaType) + "\"");
  }
  out.cmw.assign(AsText(cmw));

  out.for_statement = name == kBoundStatement;
  if (!out.for_statement) {
    ATTESTML_CHECK(object.Finish());
    ATTESTML_TRY(out.session_key, ParseKey(subject));
    out.target = crypto::Sha256(out.session_key);
    return out;
  }
  ATTESTML_TRY(const JsonView producer, object.Object("producer"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_TRY(out.session_key, ParseKey(producer));
  ATTESTML_TRY(const ArtifactRef target, ParseArtifact(subject, "subject"));
  // A target of zeros would be read as evidence for the key (spec/binding.md 2).
  if (target.name != kStatementName || target.sha256 == crypto::Digest256{}) {
    return Malformed("claim.evidence.subject", "the subject is not called statement, or its digest is zero");
  }
  out.target = target.sha256;
  return out;
}

}  // namespace attestml::statement
