#include "properties/slices.h"

#include <numeric>
#include <utility>

#include "properties/groups.h"

namespace attestml::properties {
namespace {

constexpr std::size_t kMaxResults = 50000;

}  // namespace

Result<std::vector<Slice>> ReadSlices(const Parameters& parameters, const data::Table& table,
                                      std::size_t results_each) {
  ATTESTML_TRY(const Bins bins, parameters.ReadBins(table));
  ATTESTML_TRY(const std::vector<NameList> lists, parameters.NameLists("slices"));
  std::vector<Slice> slices(1);
  slices[0].rows.resize(table.rows());
  std::iota(slices[0].rows.begin(), slices[0].rows.end(), 0U);
  for (const NameList& columns : lists) {
    ATTESTML_TRY(Grouping grouping, MakeGrouping(table, columns, bins));
    for (Group& group : grouping.groups) slices.push_back({std::move(group.key), std::move(group.rows)});
  }
  if (results_each > kMaxResults / slices.size()) {
    return Usage("property.size", std::to_string(slices.size()) + " slices of " + std::to_string(results_each) +
                                      " results are more than " + std::to_string(kMaxResults));
  }
  return slices;
}

}  // namespace attestml::properties
