#include "properties/overlap.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/hex.h"
#include "crypto/digest.h"
#include "properties/digest_set.h"
#include "properties/parameters.h"
#include "properties/results.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using crypto::Digest256;
using statement::MetricResult;

// The three results for leaves of one kind; `shared[row]` says that the record is in the reference.
void PutShared(const std::string& kind, const std::vector<Digest256>& leaves, const std::vector<bool>& shared,
               const std::string& at, std::vector<MetricResult>* out) {
  std::vector<Digest256> found;
  for (std::size_t row = 0; row < leaves.size(); ++row) {
    if (shared[row]) found.push_back(leaves[row]);
  }
  const auto put = [&](MetricResult result) {
    result.at = at;
    out->push_back(std::move(result));
  };
  put(MakeCount(kind, found.size(), leaves.size()));
  put(MakeResult(kind + "-proportion",
                 Ratio(static_cast<double>(found.size()), static_cast<double>(leaves.size()), reason::kNoRecords),
                 leaves.size()));
  std::sort(found.begin(), found.end());
  const auto distinct = std::unique(found.begin(), found.end()) - found.begin();
  put(MakeCount(kind + "-distinct", static_cast<std::uint64_t>(distinct), leaves.size()));
}

}  // namespace

Result<Measurement> Overlap::Measure(const Inputs& inputs) const {
  if (inputs.table == nullptr) return Usage("property.inputs", "overlap: want a table");
  const data::Table& table = *inputs.table;
  ATTESTML_CHECK(Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  if (inputs.references.empty()) {
    return Usage("property.reference", "overlap: no reference, want at least one selection to compare with");
  }
  const Digest256 schema = statement::LeafSchemaDigest(table.selection());
  for (const data::Table* reference : inputs.references) {
    if (reference == nullptr) return Usage("property.reference", "overlap: a reference is not there");
    if (statement::LeafSchemaDigest(reference->selection()) != schema) {
      return Usage("property.overlap.schema", "overlap: " + table.file().name() + " and " + reference->file().name() +
                                                  " have different columns, types or target: want the same");
    }
  }

  Measurement measurement;
  for (const bool with_label : {true, false}) {
    const std::string kind = with_label ? "with-label" : "without-label";
    const std::vector<Digest256> leaves = table.Leaves(with_label);
    std::vector<bool> in_any(leaves.size());
    std::set<std::string> seen;
    std::vector<MetricResult> single;
    for (const data::Table* reference : inputs.references) {
      // Two references with one root hold the same records: one result for both.
      const std::string root = HexEncode(reference->Records().root);
      if (!seen.insert(root).second) continue;
      const DigestSet theirs(reference->Leaves(with_label));
      std::vector<bool> in_this(leaves.size());
      for (std::size_t row = 0; row < leaves.size(); ++row) {
        if (!theirs.Contains(leaves[row])) continue;
        in_this[row] = true;
        in_any[row] = true;
      }
      PutShared(kind, leaves, in_this, root, &single);
    }
    PutShared(kind, leaves, in_any, "", &measurement.results);
    measurement.results.insert(measurement.results.end(), single.begin(), single.end());
  }
  return measurement;
}

}  // namespace attestml::properties
