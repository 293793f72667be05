#include "properties/duplicates.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "crypto/digest.h"
#include "properties/parameters.h"
#include "properties/results.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using crypto::Digest256;
using statement::MetricResult;

// Calls `visit` with the rows of each group of equal leaves.
template <typename Visit>
void ForEachGroup(const std::vector<Digest256>& leaves, Visit visit) {
  std::vector<std::uint32_t> order(leaves.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return leaves[a] < leaves[b]; });
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from + 1;
    while (to < order.size() && leaves[order[to]] == leaves[order[from]]) ++to;
    visit(std::span<const std::uint32_t>(order).subspan(from, to - from));
    from = to;
  }
}

void PutRepeated(const std::string& kind, const std::vector<Digest256>& leaves, std::vector<MetricResult>* out) {
  std::uint64_t distinct = 0, repeated = 0, largest = 0;
  ForEachGroup(leaves, [&](std::span<const std::uint32_t> rows) {
    distinct += 1;
    if (rows.size() > 1) repeated += rows.size();
    largest = std::max<std::uint64_t>(largest, rows.size());
  });
  const std::uint64_t n = leaves.size();
  out->push_back(MakeCount(kind + "-distinct", distinct, n));
  out->push_back(MakeCount(kind + "-repeated", repeated, n));
  out->push_back(MakeResult(kind + "-repeated-proportion",
                            Ratio(static_cast<double>(repeated), static_cast<double>(n), reason::kNoRecords), n));
  out->push_back(MakeCount(kind + "-largest", largest, n));
}

// Records whose leaf without label is also that of a record with another leaf: equal but for the label.
std::uint64_t Conflicts(const std::vector<Digest256>& without, const std::vector<Digest256>& with) {
  std::uint64_t conflicts = 0;
  ForEachGroup(without, [&](std::span<const std::uint32_t> rows) {
    const bool same = std::all_of(rows.begin(), rows.end(), [&](auto row) { return with[row] == with[rows[0]]; });
    if (!same) conflicts += rows.size();
  });
  return conflicts;
}

}  // namespace

Result<Measurement> Duplicates::Measure(const Inputs& inputs) const {
  ATTESTML_CHECK(Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  if (inputs.table == nullptr) return Usage("property.inputs", "duplicates: want a table");
  if (!inputs.references.empty()) return Usage("property.reference", "duplicates: references, want none");
  const data::Table& table = *inputs.table;
  const std::vector<Digest256> with = table.Leaves(true);
  const std::vector<Digest256> without = table.Leaves(false);
  const std::uint64_t n = table.rows();
  Measurement measurement;
  measurement.results.push_back(MakeCount("records", n, n));
  PutRepeated("with-label", with, &measurement.results);
  PutRepeated("without-label", without, &measurement.results);
  if (!table.selection().target) {
    for (const char* metric : {"label-conflicts", "label-conflicts-proportion"}) {
      measurement.results.push_back(MakeResult(metric, Value::Undefined(reason::kNoTarget), n));
    }
    return measurement;
  }
  const std::uint64_t conflicts = Conflicts(without, with);
  measurement.results.push_back(MakeCount("label-conflicts", conflicts, n));
  measurement.results.push_back(
      MakeResult("label-conflicts-proportion",
                 Ratio(static_cast<double>(conflicts), static_cast<double>(n), reason::kNoRecords), n));
  return measurement;
}

}  // namespace attestml::properties
