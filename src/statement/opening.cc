#include "statement/opening.h"

#include "base/hex.h"
#include "base/json_fields.h"
#include "statement/fields.h"
#include "statement/rows.h"
#include "statement/selection.h"

namespace attestml::statement {
namespace {

constexpr std::string_view kType = "attestml/opening/v1";

// A file's name and SHA-256.
Result<DataRef> ParseFileValue(const Json& value, std::string_view what) {
  ATTESTML_TRY(const JsonDocument document, JsonDocument::Of(value));
  JsonFields object(document.root(), "opening.value", what);
  DataRef out;
  ATTESTML_TRY(out.name, object.String("name"));
  ATTESTML_TRY(const std::string_view hex, object.String("sha256"));
  ATTESTML_CHECK(object.Finish());
  ATTESTML_CHECK(CheckArtifactName(out.name, what));
  ATTESTML_TRY(out.id.digest, ParseDigest(hex, "opening.value", what));
  return out;
}

Result<OpeningItem> ParseItem(JsonView value) {
  JsonFields object(value, "opening.member", "item");
  OpeningItem out;
  ATTESTML_TRY(const std::string_view kind, object.String("kind"));
  ATTESTML_TRY(const std::string_view salt, object.String("salt"));
  ATTESTML_TRY(const JsonView content, object.Object("value"));
  ATTESTML_CHECK(object.Finish());
  const auto known = ConcealedKindOf(kind);
  if (!known) return Malformed("opening.kind", "\"" + Cut(kind) + "\" is no kind of thing that is concealed");
  out.kind = *known;
  ATTESTML_TRY(out.salt, ParseDigest(salt, "opening.member", "salt"));
  out.value = content.ToJson();
  return out;
}

}  // namespace

std::string WriteOpening(const std::vector<OpeningItem>& items) {
  Json list = Json::array();
  for (const OpeningItem& item : items) {
    list.push_back({{"kind", ConcealedKindName(item.kind)}, {"salt", HexEncode(item.salt)}, {"value", item.value}});
  }
  return DumpJson({{"type", kType}, {"items", std::move(list)}}) + "\n";
}

Result<std::vector<OpeningItem>> ParseOpening(std::string_view json) {
  if (json.size() > kMaxOpening) {
    return Malformed("opening.size", "an opening of " + std::to_string(json.size()) + " bytes, want at most " +
                                         std::to_string(kMaxOpening));
  }
  if (json.ends_with('\n')) json.remove_suffix(1);
  JsonLimits limits;
  limits.max_bytes = kMaxOpening;
  ATTESTML_TRY(const JsonDocument document, JsonDocument::Parse(json, limits));
  JsonFields object(document.root(), "opening.member", "opening");
  ATTESTML_TRY(const JsonView items, object.Array("items"));
  ATTESTML_TRY(const std::string_view type, object.String("type"));
  ATTESTML_CHECK(object.Finish());
  if (type != kType) {
    return Unsupported("opening.type", "type is \"" + Cut(type) + "\", want \"" + std::string(kType) + "\"");
  }
  if (items.size() > kMaxOpeningItems) {
    return Malformed("opening.size", std::to_string(items.size()) + " items, want at most 65536");
  }
  std::vector<OpeningItem> out;
  out.reserve(items.size());
  for (const JsonView item : items) {
    ATTESTML_TRY(OpeningItem one, ParseItem(item));
    out.push_back(std::move(one));
  }
  return out;
}

void Opener::Add(const std::vector<OpeningItem>& items) {
  for (const OpeningItem& item : items) {
    items_.try_emplace({item.kind, Commit(item.kind, item.salt, item.value)}, item.value);
  }
}

const Json* Opener::Find(ConcealedKind kind, const crypto::Digest256& commitment) const {
  const auto it = items_.find({kind, commitment});
  return it == items_.end() ? nullptr : &it->second;
}

Status Opener::OpenData(DatasetUse* use, std::map<std::string, std::string>* roots) const {
  if (use->file.id.concealed) {
    if (const Json* value = Find(ConcealedKind::kFile, use->file.id.digest)) {
      const crypto::Digest256 commitment = use->file.id.digest;
      ATTESTML_TRY(use->file, ParseFileValue(*value, "an opened file"));
      use->file.commitment = commitment;
    }
  }
  if (use->selection_id.concealed) {
    if (const Json* value = Find(ConcealedKind::kSelection, use->selection_id.digest)) {
      ATTESTML_TRY(use->selection, ParseSelection(*value));
      use->selection_commitment = use->selection_id.digest;
      use->selection_id = {SelectionDigest(*use->selection), false};
    }
  }
  if (use->concealed && use->selection) ATTESTML_CHECK(CheckReading(use->concealed->reading, *use->selection));
  if (use->records.concealed && use->concealed) {
    if (const Json* value = Find(ConcealedKind::kRecords, use->concealed->records)) {
      ATTESTML_TRY(const JsonDocument document, JsonDocument::Of(*value));
      JsonFields object(document.root(), "opening.value", "opened records");
      ATTESTML_TRY(const std::uint64_t count, object.Unsigned("count"));
      ATTESTML_TRY(const std::string_view hex, object.String("root"));
      ATTESTML_CHECK(object.Finish());
      ATTESTML_TRY(const crypto::Digest256 root, ParseDigest(hex, "opening.value", "root of opened records"));
      if (count != use->records.count) {
        return Malformed("opening.value", "opened records are " + std::to_string(count) + ", the statement has " +
                                              std::to_string(use->records.count));
      }
      (*roots)[HexEncode(use->records.root)] = hex;
      use->records.root = root;
      use->records.concealed = false;
    }
  }
  if (!use->file.id.concealed && use->selection && !use->records.concealed) use->concealed.reset();
  return {};
}

Status Opener::CheckReading(const crypto::Digest256& reading, const Selection& selection) const {
  const Json* value = Find(ConcealedKind::kReading, reading);
  if (value == nullptr || *value == ReadingToJson(selection)) return {};
  return Malformed("opening.reading", "an opened selection is read in another way than its statement committed to");
}

Status Opener::OpenRows(RowsReading* rows) const {
  if (!rows->reading || !rows->selection_id.concealed) return {};
  const Json* value = Find(ConcealedKind::kSelection, rows->selection_id.digest);
  if (value == nullptr) return {};
  ATTESTML_TRY(rows->selection, ParseSelection(*value));
  ATTESTML_CHECK(CheckRows(*rows->selection));
  rows->selection_commitment = rows->selection_id.digest;
  rows->selection_id = {SelectionDigest(*rows->selection), false};
  return CheckReading(*rows->reading, *rows->selection);
}

Status Opener::OpenRun(Run* run) const {
  if (run->concealed_job) {
    if (const Json* value = Find(ConcealedKind::kJob, *run->concealed_job)) {
      run->job = *value;
      run->concealed_job.reset();
    }
  }
  for (Seed& seed : run->seeds) {
    crypto::Digest256 commitment{};
    if (seed.chosen_by != "concealed" || !HexDecodeInto(seed.value, commitment)) continue;
    const Json* value = Find(ConcealedKind::kSeed, commitment);
    if (value == nullptr) continue;
    ATTESTML_TRY(const JsonDocument document, JsonDocument::Of(*value));
    JsonFields object(document.root(), "opening.value", "an opened seed");
    ATTESTML_TRY(const std::string_view of, object.String("of"));
    ATTESTML_TRY(const std::string_view text, object.String("value"));
    ATTESTML_CHECK(object.Finish());
    if (of != seed.of) return Malformed("opening.value", "an opened seed is of something else");
    seed.value = text;
    seed.chosen_by = "derived";
  }
  return {};
}

Status Opener::Open(Claim* claim) const {
  if (items_.empty()) return {};
  std::map<std::string, std::string> roots;
  if (auto* training = std::get_if<TrainingClaim>(claim)) {
    ATTESTML_CHECK(OpenRun(&training->run));
    for (DatasetUse& use : training->datasets) ATTESTML_CHECK(OpenData(&use, &roots));
    for (DataRef& byproduct : training->byproducts) {
      if (!byproduct.id.concealed) continue;
      if (const Json* value = Find(ConcealedKind::kByproduct, byproduct.id.digest)) {
        ATTESTML_TRY(byproduct, ParseFileValue(*value, "an opened byproduct"));
      }
    }
  } else if (auto* property = std::get_if<PropertyClaim>(claim)) {
    ATTESTML_CHECK(OpenRun(&property->run));
    if (property->dataset) ATTESTML_CHECK(OpenData(&*property->dataset, &roots));
    for (DatasetUse& reference : property->references) ATTESTML_CHECK(OpenData(&reference, &roots));
    for (MetricResult& result : property->results) {
      if (const auto it = roots.find(result.at); it != roots.end()) result.at = it->second;
    }
  } else if (auto* inference = std::get_if<InferenceClaim>(claim)) {
    ATTESTML_CHECK(OpenRun(&inference->run));
    ATTESTML_CHECK(OpenRows(&inference->rows));
  }
  return {};
}

}  // namespace attestml::statement
