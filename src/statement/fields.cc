#include "statement/fields.h"

#include <algorithm>

#include "base/base64.h"
#include "base/hex.h"

namespace attestml::statement {
namespace {

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Status CheckName(std::string_view name, std::string_view what) {
  if (name.empty() || name.size() > kMaxName) {
    return Malformed("claim.artifact", std::string(what) + " has a name of " + std::to_string(name.size()) +
                                           " bytes, want 1 to " + std::to_string(kMaxName));
  }
  // Names reach terminals.
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  if (control) return Malformed("claim.artifact", std::string(what) + " has a control character in its name");
  return {};
}

}  // namespace

Result<crypto::Digest256> ParseDigest(std::string_view hex, std::string_view id, std::string_view what) {
  crypto::Digest256 out{};
  if (!IsLowerHex(hex) || !HexDecodeInto(hex, out)) {
    return Malformed(id, std::string(what) + " is not a digest of 64 lower-case hexadecimal digits");
  }
  return out;
}

Json DigestToJson(const crypto::Digest256& digest, std::string_view algorithm) {
  Json out = Json::object();
  out[std::string(algorithm)] = HexEncode(digest);
  return out;
}

Result<crypto::Digest256> ParseDigestSet(const Json& value, std::string_view what, std::string_view algorithm) {
  JsonObject object(value, "claim.artifact", "digest of " + std::string(what));
  ATTESTML_TRY(const std::string hex, object.String(algorithm));
  ATTESTML_CHECK(object.Finish());
  return ParseDigest(hex, "claim.artifact", std::string(algorithm) + " of " + std::string(what));
}

Status CheckNonce(std::string_view hex, std::string_view id) {
  if (hex.empty() || hex.size() % 2 != 0 || hex.size() > 2 * kMaxNonce || !IsLowerHex(hex)) {
    return Malformed(id, "nonce of " + std::to_string(hex.size()) + " characters, want 1 to " +
                             std::to_string(kMaxNonce) + " bytes in lower-case hexadecimal");
  }
  return {};
}

Result<std::string> OptionalText(JsonObject& object, std::string_view name, std::string_view id) {
  if (object.Optional(name) == nullptr) return std::string();
  ATTESTML_TRY(std::string text, object.String(name));
  if (text.empty()) return Malformed(id, "member \"" + std::string(name) + "\" is empty, want it absent");
  return text;
}

Result<std::map<std::string, std::string>> OptionalTextMap(JsonObject& object, std::string_view name,
                                                           std::string_view id) {
  std::map<std::string, std::string> out;
  if (object.Optional(name) == nullptr) return out;
  ATTESTML_TRY(const Json* map, object.Object(name));
  if (map->empty() || map->size() > kMaxQualifiers) {
    return Malformed(id, "member \"" + std::string(name) + "\" has " + std::to_string(map->size()) +
                             " entries, want 1 to " + std::to_string(kMaxQualifiers) + " or none of it");
  }
  for (const auto& entry : map->items()) {
    if (!entry.value().is_string()) {
      return Malformed(id, "an entry of member \"" + std::string(name) + "\" is not a string");
    }
    out[entry.key()] = entry.value().get_ref<const std::string&>();
  }
  return out;
}

Result<std::vector<std::string>> TextArray(const Json& value, std::size_t max, std::string_view id,
                                           std::string_view what) {
  if (!value.is_array()) return Malformed(id, std::string(what) + " is not an array");
  if (value.size() > max) {
    return Malformed(id, std::string(what) + " has " + std::to_string(value.size()) + " entries, want at most " +
                             std::to_string(max));
  }
  std::vector<std::string> out;
  out.reserve(value.size());
  for (const Json& entry : value) {
    if (!entry.is_string()) return Malformed(id, "an entry of " + std::string(what) + " is not a string");
    out.push_back(entry.get_ref<const std::string&>());
  }
  return out;
}

Result<Json> BoundedObject(JsonObject& object, std::string_view name, std::string_view id) {
  ATTESTML_TRY(const Json* value, object.Object(name));
  if (const std::size_t size = DumpJson(*value).size(); size > kMaxObject) {
    return Malformed(id, "member \"" + std::string(name) + "\" has " + std::to_string(size) + " bytes, want at most " +
                             std::to_string(kMaxObject));
  }
  return *value;
}

Result<Bytes> Base64Member(JsonObject& object, std::string_view name, std::size_t max, std::string_view id) {
  ATTESTML_TRY(const std::string text, object.String(name));
  auto bytes = Base64Decode(text);
  if (!bytes.ok() || bytes->empty() || bytes->size() > max) {
    return Malformed(
        id, "member \"" + std::string(name) + "\" is not canonical base64 of 1 to " + std::to_string(max) + " bytes");
  }
  return std::move(bytes).value();
}

Json ArtifactToJson(const ArtifactRef& artifact) {
  Json out = Json::object();
  out["name"] = artifact.name;
  out["digest"] = DigestToJson(artifact.sha256);
  return out;
}

Result<ArtifactRef> ParseArtifact(const Json& value, std::string_view what) {
  JsonObject object(value, "claim.artifact", std::string(what));
  ArtifactRef out;
  ATTESTML_TRY(out.name, object.String("name"));
  ATTESTML_TRY(const Json* digest, object.Object("digest"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckName(out.name, what));
  ATTESTML_TRY(out.sha256, ParseDigestSet(*digest, what));
  return out;
}

Result<Annotated> ParseAnnotated(const Json& value, std::string_view what) {
  JsonObject object(value, "claim.artifact", std::string(what));
  Annotated out;
  ATTESTML_TRY(out.artifact.name, object.String("name"));
  ATTESTML_TRY(const Json* digest, object.Object("digest"));
  ATTESTML_TRY(out.annotations, object.Object("annotations"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckName(out.artifact.name, what));
  ATTESTML_TRY(out.artifact.sha256, ParseDigestSet(*digest, what));
  return out;
}

Json DatasetToJson(const DatasetUse& dataset, bool with_role) {
  Json annotations = Json::object();
  annotations["selection"] = SelectionToJson(dataset.selection);
  annotations["selectionDigest"] = HexEncode(dataset.selection_digest);
  Json records = Json::object();
  records["count"] = dataset.records.count;
  records["root"] = HexEncode(dataset.records.root);
  annotations["records"] = std::move(records);
  if (with_role) annotations["role"] = dataset.role;
  Json out = ArtifactToJson(dataset.file);
  out["annotations"] = std::move(annotations);
  return out;
}

Result<DatasetUse> ParseDataset(const Json& value, std::string_view what, bool with_role) {
  DatasetUse out;
  ATTESTML_TRY(Annotated annotated, ParseAnnotated(value, what));
  out.file = std::move(annotated.artifact);
  JsonObject annotations(*annotated.annotations, "claim.dataset", "annotations of " + std::string(what));
  ATTESTML_TRY(const Json* selection, annotations.Object("selection"));
  ATTESTML_TRY(const std::string selection_digest, annotations.String("selectionDigest"));
  ATTESTML_TRY(const Json* records, annotations.Object("records"));
  if (with_role) {
    ATTESTML_TRY(out.role, annotations.String("role"));
    if (out.role != "train" && out.role != "validation" && out.role != "fit") {
      return Malformed("claim.dataset.role", std::string(what) + " has role \"" + out.role.substr(0, 64) +
                                                 "\", want train, validation or fit");
    }
  }
  ATTESTML_CHECK(annotations.Finish());

  JsonObject record_object(*records, "claim.dataset", "records of " + std::string(what));
  ATTESTML_TRY(out.records.count, record_object.Unsigned("count"));
  ATTESTML_TRY(const std::string root, record_object.String("root"));
  ATTESTML_CHECK(record_object.Finish());
  ATTESTML_TRY(out.records.root, ParseDigest(root, "claim.dataset", "records.root of " + std::string(what)));

  ATTESTML_TRY(out.selection, ParseSelection(*selection));
  ATTESTML_TRY(out.selection_digest,
               ParseDigest(selection_digest, "claim.dataset.selection_digest", "selectionDigest"));
  // Both readings must agree: the digest of the stated text, which anybody can compute, and of what we understood by
  // it.
  if (crypto::Sha256(AsBytes(DumpJson(*selection))) != out.selection_digest ||
      SelectionDigest(out.selection) != out.selection_digest) {
    return Malformed("claim.dataset.selection_digest", "selectionDigest of " + std::string(what) + " is " +
                                                           selection_digest + ", its selection has " +
                                                           HexEncode(SelectionDigest(out.selection)));
  }
  return out;
}

}  // namespace attestml::statement
