#include <algorithm>

#include "properties/groups.h"
#include "properties/parameters.h"
#include "properties/property.h"
#include "properties/results.h"

namespace attestml::properties {
namespace {

// SmallestGroup: which share of the records stands in the smallest group of some columns.
class SmallestGroup final : public Property {
 public:
  std::string_view name() const override { return "smallest-group"; }
  std::string_view implementation() const override { return "smallest-group/1"; }
  bool needs_predictions() const override { return false; }

  Result<Measurement> Measure(const Inputs& inputs) const override {
    static constexpr std::string_view kParameters[] = {"columns"};
    const data::Table& table = *inputs.table;
    ATTESTML_TRY(const Parameters parameters, Parameters::Read(name(), inputs.parameters, kParameters));
    ATTESTML_TRY(const NameList columns, parameters.Names("columns", table.selection().sensitive));
    ATTESTML_TRY(const Grouping grouping, MakeGrouping(table, columns, {}));
    std::size_t smallest = table.rows();
    for (const Group& group : grouping.groups) smallest = std::min(smallest, group.rows.size());
    Measurement measurement;
    measurement.results.push_back(MakeProportion("proportion", smallest, table.rows(), reason::kNoRecords));
    measurement.results.back().across = grouping.columns;
    return measurement;
  }
};

}  // namespace

const Property* SmallestGroupProperty() {
  static const SmallestGroup property;
  return &property;
}

}  // namespace attestml::properties
