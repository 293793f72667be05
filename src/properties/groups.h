// Columns as categories, and rows in groups by one column or several. spec/properties.md, "Groups".
//
// The groups of a column are all values that the file has and the selection's filter admits for it, whether or not a
// record of this selection has them; so a group without members is seen, not left out. Records that miss the value are
// a group of their own, named "" (which no value can be), present when there is such a record.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "properties/parameters.h"

namespace attestml::properties {

// One column as categories: values sorted bytewise, or bins in ascending order; "" (missing) last.
struct Categories {
  std::string column;
  std::vector<std::string> names;
  std::vector<std::int32_t> codes;  // of each row, an index into `names`
};

// A numeric column needs edges in `bins`: e1 < … < ek give "(-inf,e1)", "[e1,e2)", …, "[ek,inf)". Errors:
// property.column, property.bins, both of kind usage.
Result<Categories> MakeCategories(const data::Table& table, std::string_view column, const Bins& bins);

// The text of a bin whose lower edge is edges[index - 1] and whose upper edge is edges[index].
std::string BinName(const std::vector<double>& edges, std::size_t index);
std::size_t BinOf(const std::vector<double>& edges, double value);

struct Group {
  std::map<std::string, std::string> key;  // {"sex": "Female", "race": "White"}
  std::vector<std::uint32_t> rows;         // its members, in file order
};

// The full product of the columns' categories, the last column running fastest.
struct Grouping {
  std::vector<std::string> columns;  // sorted bytewise
  std::string bins;                  // "" or, for columns with bins, "age=25,45": what `at` of an aggregate says
  std::vector<Group> groups;
};

inline constexpr std::size_t kMaxGroups = 20000;

// Error property.groups (usage) when there would be more than kMaxGroups.
Result<Grouping> MakeGrouping(const data::Table& table, NameList columns, const Bins& bins);

}  // namespace attestml::properties
