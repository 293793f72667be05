#include "statement/concealment.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "statement/selection.h"

namespace attestml::statement {
namespace {

constexpr std::array<std::string_view, 7> kKinds = {"file", "selection", "reading", "records",
                                                    "job",  "byproduct", "seed"};

std::string Text(std::string_view label, std::string_view kind) {
  std::string out(label);
  out += '\0';
  out += kind;
  out += '\0';
  return out;
}

crypto::Digest256 TextDigest(const Json& value) { return crypto::Sha256(AsBytes(DumpJson(value))); }

}  // namespace

std::string_view ConcealedKindName(ConcealedKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<ConcealedKind> ConcealedKindOf(std::string_view name) {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i] == name) return static_cast<ConcealedKind>(i);
  }
  return std::nullopt;
}

crypto::Digest256 Commit(ConcealedKind kind, const crypto::Digest256& salt, const Json& value) {
  std::string text = Text("attestml/commitment/v1", ConcealedKindName(kind));
  text += AsText(salt);
  text += AsText(TextDigest(value));
  return crypto::Sha512_256(AsBytes(text));
}

Json ReadingToJson(const Selection& selection) {
  return {{"schema", HexEncode(LeafSchemaDigest(selection))},
          {"trim", selection.format.trim},
          {"quote", selection.format.quote},
          {"missing", selection.format.missing},
          {"stripSuffix", selection.target ? selection.target->strip_suffix : ""}};
}

crypto::Digest256 SaltedLeaf(const crypto::Digest256& salt, const crypto::Digest256& leaf) {
  Bytes bytes(1 + salt.size() + leaf.size());
  std::copy(salt.begin(), salt.end(), bytes.begin() + 1);
  std::copy(leaf.begin(), leaf.end(), bytes.begin() + 33);
  return crypto::Sha256(bytes);
}

namespace {

crypto::Digest256 LeafKey(const crypto::Digest256& secret, const crypto::Digest256& root) {
  std::string text("attestml/leaves/v1");
  text += '\0';
  text += AsText(root);
  return crypto::HmacSha256(secret, AsBytes(text));
}

crypto::Digest256 SaltUnder(const crypto::Digest256& key, const crypto::Digest256& leaf) {
  std::array<std::uint8_t, 64> bytes{};
  std::copy(key.begin(), key.end(), bytes.begin());
  std::copy(leaf.begin(), leaf.end(), bytes.begin() + 32);
  return crypto::Sha256(bytes);
}

}  // namespace

std::vector<crypto::Digest256> Concealer::SaltedLeaves(const crypto::Digest256& root,
                                                       const std::vector<crypto::Digest256>& leaves) const {
  const crypto::Digest256 key = LeafKey(secret_, root);
  std::vector<crypto::Digest256> out;
  out.reserve(leaves.size());
  for (const auto& leaf : leaves) out.push_back(SaltedLeaf(SaltUnder(key, leaf), leaf));
  return out;
}

crypto::Digest256 Concealer::LeafSalt(const crypto::Digest256& root, const crypto::Digest256& leaf) const {
  return SaltUnder(LeafKey(secret_, root), leaf);
}

crypto::Digest256 Concealer::Replace(ConcealedKind kind, Json value) {
  std::string text = Text("attestml/salt/v1", ConcealedKindName(kind));
  text += AsText(TextDigest(value));
  const crypto::Digest256 salt = crypto::HmacSha256(secret_, AsBytes(text));
  const crypto::Digest256 commitment = Commit(kind, salt, value);
  if (told_.try_emplace(commitment, true).second) items_.push_back({kind, salt, std::move(value)});
  return commitment;
}

Status Concealer::ConcealData(DatasetUse* use) {
  if (use->file.id.concealed || !use->selection) return {};
  const auto salted = salted_roots_.find(use->records.root);
  if (salted == salted_roots_.end()) {
    return Unavailable("conceal.records", "the salted root of " + use->file.name + " was not said");
  }
  ConcealedData concealed;
  concealed.reading = Replace(ConcealedKind::kReading, ReadingToJson(*use->selection));
  concealed.records =
      Replace(ConcealedKind::kRecords, {{"count", use->records.count}, {"root", HexEncode(use->records.root)}});
  use->selection_id = {Replace(ConcealedKind::kSelection, SelectionToJson(*use->selection)), true};
  use->file.id = {Replace(ConcealedKind::kFile, {{"name", use->file.name}, {"sha256", HexEncode(use->file.id.digest)}}),
                  true};
  use->file.name = kConcealedName;
  use->selection.reset();
  use->records.root = salted->second;
  use->records.salted_root = salted->second;
  use->records.concealed = true;
  use->concealed = concealed;
  return {};
}

void Concealer::ConcealRun(Run* run) {
  if (run->concealed_job) return;
  run->concealed_job = Replace(ConcealedKind::kJob, run->job);
  run->job = nullptr;
  std::erase_if(run->seeds, [](const Seed& seed) { return seed.chosen_by == "job"; });
  for (Seed& seed : run->seeds) {
    if (seed.chosen_by != "derived") continue;
    seed.value = HexEncode(Replace(ConcealedKind::kSeed, {{"of", seed.of}, {"value", seed.value}}));
    seed.chosen_by = "concealed";
  }
}

Status Concealer::Conceal(Claim* claim) {
  if (auto* training = std::get_if<TrainingClaim>(claim)) {
    ConcealRun(&training->run);
    for (DatasetUse& use : training->datasets) ATTESTML_CHECK(ConcealData(&use));
    for (DataRef& byproduct : training->byproducts) {
      if (byproduct.id.concealed) continue;
      byproduct.id = {
          Replace(ConcealedKind::kByproduct, {{"name", byproduct.name}, {"sha256", HexEncode(byproduct.id.digest)}}),
          true};
    }
  } else if (auto* property = std::get_if<PropertyClaim>(claim)) {
    ConcealRun(&property->run);
    // A result says which reference it is about by the root of its records.
    for (MetricResult& result : property->results) {
      for (const DatasetUse& reference : property->references) {
        const auto salted = salted_roots_.find(reference.records.root);
        if (salted != salted_roots_.end() && result.at == HexEncode(salted->first)) {
          result.at = HexEncode(salted->second);
          break;
        }
      }
    }
    if (property->dataset) ATTESTML_CHECK(ConcealData(&*property->dataset));
    for (DatasetUse& reference : property->references) ATTESTML_CHECK(ConcealData(&reference));
  } else if (auto* inference = std::get_if<InferenceClaim>(claim)) {
    ConcealRun(&inference->run);
    RowsReading& rows = inference->rows;
    if (!rows.selection) return {};
    rows.reading = Replace(ConcealedKind::kReading, ReadingToJson(*rows.selection));
    rows.selection_id = {Replace(ConcealedKind::kSelection, SelectionToJson(*rows.selection)), true};
    rows.selection.reset();
  }
  return {};
}

}  // namespace attestml::statement
