// The parts that several predicates share: digests, names, in-toto resource descriptors, datasets as used.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/json_fields.h"
#include "base/result.h"
#include "statement/claims.h"

namespace attestml::statement {

// Limits of spec/predicates.md 2. A reader must accept as much, and refuses more.
inline constexpr std::size_t kMaxName = 4096;                      // bytes of an artifact's name
inline constexpr std::size_t kMaxText = std::size_t{64} << 10;     // bytes of any other string or member name
inline constexpr std::size_t kMaxObject = std::size_t{256} << 10;  // canonical bytes of a job, or of parameters
inline constexpr std::size_t kMaxDatasets = 64;
inline constexpr std::size_t kMaxLibraries = 4096;
inline constexpr std::size_t kMaxResults = 65536;
inline constexpr std::size_t kMaxSeries = 256;
inline constexpr std::size_t kMaxQualifiers = 64;  // columns in a slice, where, given, across
inline constexpr std::size_t kMaxNonce = 64;       // bytes

// The start of a text that may be long or hostile, for a message.
std::string Cut(std::string_view text, std::size_t size = 64);

// 64 lower-case hexadecimal digits. `what` names the member in messages.
Result<crypto::Digest256> ParseDigest(std::string_view hex, std::string_view id, std::string_view what);
// {"sha256": "…"} with exactly that member; `algorithm` may be another name.
Json DigestToJson(const crypto::Digest256& digest, std::string_view algorithm = "sha256");
Result<crypto::Digest256> ParseDigestSet(JsonView value, std::string_view what, std::string_view algorithm = "sha256");

// A nonce: an even number of lower-case hexadecimal digits, 1 to kMaxNonce bytes.
Status CheckNonce(std::string_view hex, std::string_view id);

// An optional string: "" when the member is absent; present and empty is refused, so that one claim has one text. The
// forms with `member` take one already asked for, and fill an empty `out`.
Result<std::string> OptionalText(JsonFields& object, std::string_view name, std::string_view id);
Status OptionalText(const JsonFields& object, JsonView member, std::string_view name, std::string_view id,
                    std::string* out);
// An optional object of strings: empty when absent; present and empty is refused.
Status OptionalTextMap(const JsonFields& object, JsonView member, std::string_view name, std::string_view id,
                       std::map<std::string, std::string>* out);
// An array of at most `max` strings.
Result<std::vector<std::string>> TextArray(JsonView value, std::size_t max, std::string_view id, std::string_view what);
// An object whose canonical text has at most kMaxObject bytes.
Result<Json> BoundedObject(JsonFields& object, std::string_view name, std::string_view id);
// Base64 in a string member, 1 to `max` bytes.
Result<Bytes> Base64Member(JsonFields& object, std::string_view name, std::size_t max, std::string_view id);

// In-toto ResourceDescriptor with `name` and `digest`; `annotations` when the predicate has some to give. A name has 1
// to kMaxName bytes and no control characters. Error id claim.artifact.
Json ArtifactToJson(const ArtifactRef& artifact);
Result<ArtifactRef> ParseArtifact(JsonView value, std::string_view what);
struct Annotated {
  ArtifactRef artifact;
  JsonView annotations;  // borrows; an object
};
Result<Annotated> ParseAnnotated(JsonView value, std::string_view what);

// The name of an artifact: 1 to kMaxName bytes, no control characters. Error id claim.artifact.
Status CheckArtifactName(std::string_view name, std::string_view what);

// The same for what may be concealed: its digest is SHA-256 or a commitment.
Json DataToJson(const DataRef& data);
Result<DataRef> ParseData(JsonView value, std::string_view what);
struct AnnotatedData {
  DataRef data;
  JsonView annotations;  // borrows; an object
};
Result<AnnotatedData> ParseAnnotatedData(JsonView value, std::string_view what);

// Members selection and selectionDigest: the stated digest must be that of the stated selection (error id `digest_id`).
Status ParseStatedSelection(JsonFields& object, std::string_view what, std::string_view digest_id,
                            std::optional<Selection>* selection, DataId* id);

// A dataset as one task used it: annotations selection, selectionDigest, records, and role where `with_role`. The
// stated digest must be that of the stated selection. Or a concealed one, with its commitments. Error ids
// claim.dataset.*, and selection.* from the selection itself.
Json DatasetToJson(const DatasetUse& dataset, bool with_role);
Result<DatasetUse> ParseDataset(JsonView value, std::string_view what, bool with_role);

}  // namespace attestml::statement
