#include "properties/parameters.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/decimal.h"
#include "base/nearest_name.h"

namespace attestml::properties {
namespace {

constexpr std::size_t kMaxEdges = 1000;

Result<std::vector<double>> ReadDecimals(const Json& value, Error otherwise) {
  if (!value.is_array()) return otherwise;
  std::vector<double> numbers;
  for (const Json& element : value) {
    const std::optional<double> number = ReadDecimal(element);
    if (!number) return otherwise;
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

std::string Suggestion(std::string_view name, std::span<const std::string_view> options) {
  const std::string nearest = NearestName(name, options);
  return nearest.empty() ? "" : " (did you mean " + nearest + "?)";
}

std::optional<NameList> ReadNames(const Json& value) {
  NameList names;
  if (value.is_string()) {
    names.push_back(value.get<std::string>());
  } else if (value.is_array()) {
    for (const Json& element : value) {
      if (!element.is_string()) return std::nullopt;
      names.push_back(element.get<std::string>());
    }
  }
  if (names.empty() || std::set<std::string>(names.begin(), names.end()).size() != names.size()) return std::nullopt;
  return names;
}

std::optional<double> ReadDecimal(const Json& value) {
  if (value.is_string()) return ParseDecimal(value.get_ref<const std::string&>());
  if (value.is_number_integer()) return static_cast<double>(value.get<std::int64_t>());
  return std::nullopt;
}

Result<const data::ColumnData*> FindColumn(const data::Table& table, std::string_view name) {
  if (const data::ColumnData* column = table.Find(name)) return column;
  std::vector<std::string_view> names;
  for (const data::ColumnData& column : table.columns()) names.push_back(column.name);
  return Usage("property.column",
               "no column " + std::string(name) + " in " + table.file().name() + Suggestion(name, names));
}

Result<Parameters> Parameters::Read(std::string_view property, const Json* value,
                                    std::span<const std::string_view> known) {
  Parameters parameters;
  parameters.property_ = property;
  if (value == nullptr || value->is_null()) return parameters;
  if (!value->is_object()) {
    return Usage("property.parameter", std::string(property) + ": parameters are not an object");
  }
  for (const auto& [name, member] : value->items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Usage("property.parameter",
                   std::string(property) + ": unknown parameter " + name + Suggestion(name, known));
    }
  }
  parameters.value_ = value;
  return parameters;
}

const Json* Parameters::Find(std::string_view name) const {
  if (value_ == nullptr) return nullptr;
  const auto found = value_->find(name);
  return found == value_->end() ? nullptr : &*found;
}

Error Parameters::Wrong(std::string_view name, std::string_view what) const {
  return Usage("property.parameter", property_ + ": parameter " + std::string(name) + " " + std::string(what));
}

Result<bool> Parameters::Bool(std::string_view name, bool otherwise) const {
  const Json* value = Find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) return Wrong(name, "is not true or false");
  return value->get<bool>();
}

Result<NameList> Parameters::Names(std::string_view name, NameList otherwise) const {
  const Json* value = Find(name);
  if (value == nullptr) return otherwise;
  std::optional<NameList> names = ReadNames(*value);
  if (!names) return Wrong(name, "is not a name or a list of distinct names");
  return *std::move(names);
}

Result<std::vector<NameList>> Parameters::NameLists(std::string_view name) const {
  std::vector<NameList> lists;
  const Json* value = Find(name);
  if (value == nullptr) return lists;
  if (!value->is_array()) return Wrong(name, "is not a list");
  std::set<std::set<std::string>> seen;
  for (const Json& element : *value) {
    std::optional<NameList> names = ReadNames(element);
    if (!names) return Wrong(name, "has an element that is not a name or a list of distinct names");
    // Two orders of one list would be the same results twice.
    if (!seen.emplace(names->begin(), names->end()).second) return Wrong(name, "names the same columns twice");
    lists.push_back(*std::move(names));
  }
  return lists;
}

Result<std::vector<double>> Parameters::Decimals(std::string_view name, std::vector<double> otherwise) const {
  const Json* value = Find(name);
  if (value == nullptr) return otherwise;
  return ReadDecimals(*value, Wrong(name, "is not a list of decimals"));
}

Result<std::optional<double>> Parameters::Decimal(std::string_view name) const {
  const Json* value = Find(name);
  if (value == nullptr) return std::optional<double>();
  const std::optional<double> number = ReadDecimal(*value);
  if (!number) return Wrong(name, "is not a decimal");
  return number;
}

Result<Bins> Parameters::ReadBins(const data::Table& table) const {
  Bins bins;
  const Json* value = Find("bins");
  if (value == nullptr) return bins;
  if (!value->is_object()) return Wrong("bins", "is not a table of column = [edge, ...]");
  for (const auto& [name, edges] : value->items()) {
    ATTESTML_TRY(const data::ColumnData* column, FindColumn(table, name));
    if (column->type != statement::ColumnType::kNumeric) {
      return Usage("property.bins", "bins of " + name + ", which is not numeric");
    }
    ATTESTML_TRY(std::vector<double> numbers, ReadDecimals(edges, Wrong("bins", name + " is not a list of decimals")));
    if (numbers.empty() || numbers.size() > kMaxEdges ||
        std::adjacent_find(numbers.begin(), numbers.end(), [](double a, double b) { return !(a < b); }) !=
            numbers.end()) {
      return Usage("property.bins", "edges of " + name + " are not 1 to 1000 ascending decimals");
    }
    bins.emplace(name, std::move(numbers));
  }
  return bins;
}

Result<std::map<std::string, std::string>> Parameters::TextMap(std::string_view name) const {
  std::map<std::string, std::string> map;
  const Json* value = Find(name);
  if (value == nullptr) return map;
  if (!value->is_object()) return Wrong(name, "is not a table of column = \"value\"");
  for (const auto& [key, member] : value->items()) {
    if (!member.is_string()) return Wrong(name, key + " is not text");
    map.emplace(key, member.get<std::string>());
  }
  return map;
}

}  // namespace attestml::properties
