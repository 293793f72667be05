#include "properties/groups.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/decimal.h"

namespace attestml::properties {
namespace {

using statement::ColumnType;
using statement::Comparison;

// False when the selection's own filter leaves no record with this value.
bool Admits(const statement::Selection& selection, std::string_view column, const std::string& value) {
  for (const statement::Condition& condition : selection.filter) {
    if (condition.column != column) continue;
    const bool listed = std::find(condition.values.begin(), condition.values.end(), value) != condition.values.end();
    if (condition.comparison == Comparison::kIn && !listed) return false;
    if (condition.comparison == Comparison::kNotIn && listed) return false;
  }
  return true;
}

void NameMissing(Categories* categories) {
  const std::int32_t code = static_cast<std::int32_t>(categories->names.size());
  bool any = false;
  for (std::int32_t& c : categories->codes) {
    if (c != data::kMissingCode) continue;
    c = code;
    any = true;
  }
  if (any) categories->names.emplace_back();
}

Categories OfValues(const data::Table& table, const data::ColumnData& column) {
  Categories categories{column.name, {}, column.codes};
  // A value that the filter excludes has no members; were a record to have it all the same, it would stay a group.
  std::vector<bool> present(column.values.size());
  for (const std::int32_t code : column.codes) {
    if (code != data::kMissingCode) present[static_cast<std::size_t>(code)] = true;
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < column.values.size(); ++i) {
    if (present[i] || Admits(table.selection(), column.name, column.values[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return column.values[a] < column.values[b]; });
  std::vector<std::int32_t> position(column.values.size(), data::kMissingCode);
  for (std::size_t i = 0; i < order.size(); ++i) {
    position[order[i]] = static_cast<std::int32_t>(i);
    categories.names.push_back(column.values[order[i]]);
  }
  for (std::int32_t& code : categories.codes) {
    if (code != data::kMissingCode) code = position[static_cast<std::size_t>(code)];
  }
  return categories;
}

Categories OfBins(const data::ColumnData& column, const std::vector<double>& edges) {
  Categories categories{column.name, {}, {}};
  for (std::size_t i = 0; i <= edges.size(); ++i) categories.names.push_back(BinName(edges, i));
  categories.codes.reserve(column.numbers.size());
  for (const double number : column.numbers) {
    categories.codes.push_back(std::isnan(number) ? data::kMissingCode
                                                  : static_cast<std::int32_t>(BinOf(edges, number)));
  }
  return categories;
}

}  // namespace

std::string BinName(const std::vector<double>& edges, std::size_t index) {
  const std::string lower = index == 0 ? "(-inf" : "[" + FormatDecimal(edges[index - 1]);
  return lower + "," + (index == edges.size() ? "inf" : FormatDecimal(edges[index])) + ")";
}

std::size_t BinOf(const std::vector<double>& edges, double value) {
  return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
}

Result<Categories> MakeCategories(const data::Table& table, std::string_view name, const Bins& bins) {
  ATTESTML_TRY(const data::ColumnData* column, FindColumn(table, name));
  Categories categories;
  if (column->type != ColumnType::kNumeric && column->type != ColumnType::kCategorical) {
    return Usage("property.column", "column " + column->name + " is neither numeric nor categorical");
  }
  if (column->type == ColumnType::kNumeric) {
    const auto edges = bins.find(column->name);
    if (edges == bins.end()) {
      return Usage("property.bins", "column " + column->name + " is numeric: want its edges in the parameter bins");
    }
    categories = OfBins(*column, edges->second);
  } else {
    categories = OfValues(table, *column);
  }
  NameMissing(&categories);
  return categories;
}

Result<Grouping> MakeGrouping(const data::Table& table, NameList columns, const Bins& bins) {
  std::sort(columns.begin(), columns.end());
  Grouping grouping{columns, {}, {}};
  std::vector<std::size_t> index(table.rows(), 0);
  grouping.groups.emplace_back();
  for (const std::string& name : columns) {
    ATTESTML_TRY(const Categories categories, MakeCategories(table, name, bins));
    const std::size_t width = categories.names.size();
    if (width != 0 && grouping.groups.size() > kMaxGroups / width) {
      return Usage("property.groups", "more than " + std::to_string(kMaxGroups) + " groups with column " + name);
    }
    std::vector<Group> product;
    product.reserve(grouping.groups.size() * width);
    for (const Group& group : grouping.groups) {
      for (const std::string& value : categories.names) {
        product.push_back(group);
        product.back().key.emplace(name, value);
      }
    }
    grouping.groups = std::move(product);
    for (std::size_t row = 0; row < index.size(); ++row) {
      index[row] = index[row] * width + static_cast<std::size_t>(categories.codes[row]);
    }
    if (const auto edges = bins.find(name); edges != bins.end()) {
      grouping.bins += (grouping.bins.empty() ? "" : ";") + name + "=";
      for (std::size_t i = 0; i < edges->second.size(); ++i) {
        grouping.bins += (i == 0 ? "" : ",") + FormatDecimal(edges->second[i]);
      }
    }
  }
  for (std::size_t row = 0; row < index.size(); ++row) {
    grouping.groups[index[row]].rows.push_back(static_cast<std::uint32_t>(row));
  }
  return grouping;
}

}  // namespace attestml::properties
