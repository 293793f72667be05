#include "statement/fields.h"

#include <algorithm>

#include "base/base64.h"
#include "base/hex.h"
#include "statement/concealment.h"

namespace attestml::statement {
namespace {

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Status CheckArtifactName(std::string_view name, std::string_view what) {
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

std::string Cut(std::string_view text, std::size_t size) { return std::string(text.substr(0, size)); }

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

Result<crypto::Digest256> ParseDigestSet(JsonView value, std::string_view what, std::string_view algorithm) {
  const std::string name = "digest of " + std::string(what);
  JsonFields object(value, "claim.artifact", name);
  ATTESTML_TRY(const std::string_view hex, object.String(algorithm));
  ATTESTML_CHECK(object.Finish());
  return ParseDigest(hex, "claim.artifact", name);
}

Status CheckNonce(std::string_view hex, std::string_view id) {
  if (hex.empty() || hex.size() % 2 != 0 || hex.size() > 2 * kMaxNonce || !IsLowerHex(hex)) {
    return Malformed(id, "nonce of " + std::to_string(hex.size()) + " characters, want 1 to " +
                             std::to_string(kMaxNonce) + " bytes in lower-case hexadecimal");
  }
  return {};
}

Result<std::string> OptionalText(JsonFields& object, std::string_view name, std::string_view id) {
  std::string out;
  ATTESTML_CHECK(OptionalText(object, object.Optional(name), name, id, &out));
  return out;
}

Status OptionalText(const JsonFields& object, JsonView text, std::string_view name, std::string_view id,
                    std::string* out) {
  if (!text) return {};
  if (!text.is_string()) return object.NotA(name, "a string");
  if (text.String().empty()) return Malformed(id, "member \"" + std::string(name) + "\" is empty, want it absent");
  *out = text.String();
  return {};
}

Status OptionalTextMap(const JsonFields& object, JsonView map, std::string_view name, std::string_view id,
                       std::map<std::string, std::string>* out) {
  if (!map) return {};
  if (!map.is_object()) return object.NotA(name, "an object");
  if (map.empty() || map.size() > kMaxQualifiers) {
    return Malformed(id, "member \"" + std::string(name) + "\" has " + std::to_string(map.size()) +
                             " entries, want 1 to " + std::to_string(kMaxQualifiers) + " or none of it");
  }
  for (auto entry = map.begin(); entry != map.end(); ++entry) {
    if (!(*entry).is_string()) {
      return Malformed(id, "an entry of member \"" + std::string(name) + "\" is not a string");
    }
    // In order of the names, as a map is.
    out->emplace_hint(out->end(), entry.name(), (*entry).String());
  }
  return {};
}

Result<std::vector<std::string>> TextArray(JsonView value, std::size_t max, std::string_view id,
                                           std::string_view what) {
  if (!value.is_array()) return Malformed(id, std::string(what) + " is not an array");
  if (value.size() > max) {
    return Malformed(id, std::string(what) + " has " + std::to_string(value.size()) + " entries, want at most " +
                             std::to_string(max));
  }
  std::vector<std::string> out;
  out.reserve(value.size());
  for (const JsonView entry : value) {
    if (!entry.is_string()) return Malformed(id, "an entry of " + std::string(what) + " is not a string");
    out.emplace_back(entry.String());
  }
  return out;
}

Result<Json> BoundedObject(JsonFields& object, std::string_view name, std::string_view id) {
  ATTESTML_TRY(const JsonView value, object.Object(name));
  if (const std::size_t size = value.Canonical().size(); size > kMaxObject) {
    return Malformed(id, "member \"" + std::string(name) + "\" has " + std::to_string(size) + " bytes, want at most " +
                             std::to_string(kMaxObject));
  }
  return value.ToJson();
}

Result<Bytes> Base64Member(JsonFields& object, std::string_view name, std::size_t max, std::string_view id) {
  ATTESTML_TRY(const std::string_view text, object.String(name));
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

Result<ArtifactRef> ParseArtifact(JsonView value, std::string_view what) {
  JsonFields object(value, "claim.artifact", what);
  ArtifactRef out;
  ATTESTML_TRY(out.name, object.String("name"));
  ATTESTML_TRY(const JsonView digest, object.Object("digest"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckArtifactName(out.name, what));
  ATTESTML_TRY(out.sha256, ParseDigestSet(digest, what));
  return out;
}

Result<Annotated> ParseAnnotated(JsonView value, std::string_view what) {
  JsonFields object(value, "claim.artifact", what);
  Annotated out;
  ATTESTML_TRY(out.artifact.name, object.String("name"));
  ATTESTML_TRY(const JsonView digest, object.Object("digest"));
  ATTESTML_TRY(out.annotations, object.Object("annotations"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckArtifactName(out.artifact.name, what));
  ATTESTML_TRY(out.artifact.sha256, ParseDigestSet(digest, what));
  return out;
}

Json DataToJson(const DataRef& data) {
  Json out = Json::object();
  out["name"] = data.name;
  out["digest"] = DigestToJson(data.id.digest, data.id.concealed ? kCommitment : "sha256");
  return out;
}

namespace {

// A digest set with SHA-256 or, where something is concealed, a commitment; one of them and nothing else.
Result<DataId> ParseDataId(JsonView digest, std::string_view what) {
  const bool concealed = static_cast<bool>(digest.Find(kCommitment));
  ATTESTML_TRY(const crypto::Digest256 value, ParseDigestSet(digest, what, concealed ? kCommitment : "sha256"));
  return DataId{value, concealed};
}

Status ParseConcealed(JsonFields& annotations, JsonView value, std::string_view what, DatasetUse* out) {
  if (!out->file.id.concealed || !value.is_object() || out->file.name != kConcealedName ||
      annotations.Optional("selection") || annotations.Optional("selectionDigest")) {
    return Malformed("claim.dataset.concealed", std::string(what) +
                                                    " is concealed in part, want a commitment for the "
                                                    "digest, the name \"concealed\", and no selection");
  }
  JsonFields object(value, "claim.dataset.concealed", "concealed");
  ATTESTML_TRY(const std::string_view reading, object.String("reading"));
  ATTESTML_TRY(const std::string_view records, object.String("records"));
  ATTESTML_TRY(const std::string_view selection, object.String("selection"));
  ATTESTML_CHECK(object.Finish());
  ConcealedData concealed;
  ATTESTML_TRY(concealed.reading, ParseDigest(reading, "claim.dataset.concealed", "concealed.reading"));
  ATTESTML_TRY(concealed.records, ParseDigest(records, "claim.dataset.concealed", "concealed.records"));
  ATTESTML_TRY(out->selection_id.digest, ParseDigest(selection, "claim.dataset.concealed", "concealed.selection"));
  out->selection_id.concealed = true;
  out->concealed = concealed;
  out->records.concealed = true;
  out->records.salted_root = out->records.root;
  return {};
}

Status ParseOpenSelection(JsonFields& annotations, std::string_view what, DatasetUse* out) {
  ATTESTML_CHECK(
      ParseStatedSelection(annotations, what, "claim.dataset.selection_digest", &out->selection, &out->selection_id));
  if (!out->file.id.concealed) return {};
  return Malformed("claim.dataset.concealed",
                   std::string(what) + " has a commitment for its digest and is not concealed");
}

}  // namespace

Status ParseStatedSelection(JsonFields& object, std::string_view what, std::string_view digest_id,
                            std::optional<Selection>* selection, DataId* id) {
  ATTESTML_TRY(const JsonView stated, object.Object("selection"));
  ATTESTML_TRY(const std::string_view digest, object.String("selectionDigest"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_TRY(*selection, ParseSelection(stated));
  ATTESTML_TRY(id->digest, ParseDigest(digest, digest_id, "selectionDigest"));
  // Both readings must agree: the stated text, whose digest anybody can compute, and what we understood by it.
  if (stated.Canonical() != SelectionText(**selection) || crypto::Sha256(AsBytes(stated.Canonical())) != id->digest) {
    return Malformed(digest_id, "selectionDigest of " + std::string(what) + " is " + std::string(digest) +
                                    ", its selection has " + HexEncode(SelectionDigest(**selection)));
  }
  return {};
}

Result<DataRef> ParseData(JsonView value, std::string_view what) {
  JsonFields object(value, "claim.artifact", what);
  DataRef out;
  ATTESTML_TRY(out.name, object.String("name"));
  ATTESTML_TRY(const JsonView digest, object.Object("digest"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckArtifactName(out.name, what));
  ATTESTML_TRY(out.id, ParseDataId(digest, what));
  return out;
}

Result<AnnotatedData> ParseAnnotatedData(JsonView value, std::string_view what) {
  JsonFields object(value, "claim.artifact", what);
  AnnotatedData out;
  ATTESTML_TRY(out.data.name, object.String("name"));
  ATTESTML_TRY(const JsonView digest, object.Object("digest"));
  ATTESTML_TRY(out.annotations, object.Object("annotations"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckArtifactName(out.data.name, what));
  ATTESTML_TRY(out.data.id, ParseDataId(digest, what));
  return out;
}

Json DatasetToJson(const DatasetUse& dataset, bool with_role) {
  Json annotations = Json::object();
  if (dataset.concealed) {
    annotations["concealed"] = {{"reading", HexEncode(dataset.concealed->reading)},
                                {"records", HexEncode(dataset.concealed->records)},
                                {"selection", HexEncode(dataset.selection_id.digest)}};
  } else if (dataset.selection) {
    annotations["selection"] = SelectionToJson(*dataset.selection);
    annotations["selectionDigest"] = HexEncode(dataset.selection_id.digest);
  }
  Json records = Json::object();
  records["count"] = dataset.records.count;
  records["root"] = HexEncode(dataset.records.root);
  annotations["records"] = std::move(records);
  if (with_role) annotations["role"] = dataset.role;
  Json out = DataToJson(dataset.file);
  out["annotations"] = std::move(annotations);
  return out;
}

Result<DatasetUse> ParseDataset(JsonView value, std::string_view what, bool with_role) {
  DatasetUse out;
  ATTESTML_TRY(AnnotatedData annotated, ParseAnnotatedData(value, what));
  out.file = std::move(annotated.data);
  const std::string name = "annotations of " + std::string(what);
  JsonFields annotations(annotated.annotations, "claim.dataset", name);
  const JsonView concealed = annotations.Optional("concealed");
  ATTESTML_TRY(const JsonView records, annotations.Object("records"));
  if (with_role) {
    ATTESTML_TRY(out.role, annotations.String("role"));
    if (out.role != "train" && out.role != "validation" && out.role != "fit") {
      return Malformed("claim.dataset.role", std::string(what) + " has role \"" + out.role.substr(0, 64) +
                                                 "\", want train, validation or fit");
    }
  }
  const std::string records_name = "records of " + std::string(what);
  JsonFields record_object(records, "claim.dataset", records_name);
  ATTESTML_TRY(out.records.count, record_object.Unsigned("count"));
  ATTESTML_TRY(const std::string_view root, record_object.String("root"));
  ATTESTML_CHECK(record_object.Finish());
  ATTESTML_TRY(out.records.root, ParseDigest(root, "claim.dataset", "records.root of " + std::string(what)));
  if (!concealed) {
    ATTESTML_CHECK(ParseOpenSelection(annotations, what, &out));
  } else {
    ATTESTML_CHECK(ParseConcealed(annotations, concealed, what, &out));
    ATTESTML_CHECK(annotations.Finish());
  }
  return out;
}

}  // namespace attestml::statement
