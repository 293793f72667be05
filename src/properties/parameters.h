// Reading a property's parameters: an object in which every member is known and of the right type. A typo is an error
// of kind usage that names the nearest known word, never an ignored setting.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "data/table.h"

namespace attestml::properties {

using NameList = std::vector<std::string>;
using Bins = std::map<std::string, std::vector<double>>;  // column → ascending edges

// Borrows what it reads. Error id property.parameter, or property.bins.
class Parameters {
 public:
  // `value` null means no parameters. Every member of it must be in `known`.
  static Result<Parameters> Read(std::string_view property, const Json* value, std::span<const std::string_view> known);

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  Result<bool> Bool(std::string_view name, bool otherwise) const;
  // "sex" or ["sex", "race"]: distinct names, at least one. Absent: `otherwise`.
  Result<NameList> Names(std::string_view name, NameList otherwise) const;
  // ["sex", ["sex", "race"]]: each a name or a list of distinct names. Absent: none.
  Result<std::vector<NameList>> NameLists(std::string_view name) const;
  // ["0.25", "0.5"]: decimals as text, or whole numbers. Absent: `otherwise`.
  Result<std::vector<double>> Decimals(std::string_view name, std::vector<double> otherwise) const;
  Result<std::optional<double>> Decimal(std::string_view name) const;
  // {"age": ["25", "45"]}: for each numeric column of the table that it names, ascending edges, 1 to 1000 of them.
  Result<Bins> ReadBins(const data::Table& table) const;
  // {"sex": "Male"}. Absent: none.
  Result<std::map<std::string, std::string>> TextMap(std::string_view name) const;
  const Json* Find(std::string_view name) const;

  // An error about parameter `name`: "accuracy: parameter slices …".
  Error Wrong(std::string_view name, std::string_view what) const;

 private:
  std::string property_;
  const Json* value_ = nullptr;
};

// The same reading for a value inside a parameter.
std::optional<NameList> ReadNames(const Json& value);
std::optional<double> ReadDecimal(const Json& value);

// The column of that name, or an error of kind usage, id property.column, with the nearest name.
Result<const data::ColumnData*> FindColumn(const data::Table& table, std::string_view name);

// `options` as " (did you mean X?)" for a misspelt `name`; "" when nothing is near.
std::string Suggestion(std::string_view name, std::span<const std::string_view> options);

}  // namespace attestml::properties
