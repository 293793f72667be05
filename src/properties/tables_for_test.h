// For the tests of this folder: tables from text, data folders, and finding one result among many.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "artifact/measured_file.h"
#include "base/decimal.h"
#include "data/table.h"
#include "properties/property.h"
#include "properties/value.h"

namespace attestml::properties::test {

using statement::ColumnType;

inline artifact::MeasuredFile FileOf(std::string_view text, std::string name = "test.csv") {
  return artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(text)), std::move(name));
}

// "sex age:number income" → columns; the header line of the text is written from it.
inline std::vector<statement::Column> Columns(std::string_view names) {
  std::vector<statement::Column> columns;
  while (!names.empty()) {
    const std::size_t space = names.find(' ');
    std::string_view name = names.substr(0, space);
    names = space == std::string_view::npos ? "" : names.substr(space + 1);
    const bool number = name.ends_with(":number");
    if (number) name.remove_suffix(7);
    columns.push_back({std::string(name), number ? ColumnType::kNumeric : ColumnType::kCategorical, true});
  }
  return columns;
}

inline statement::Selection SelectionOf(std::string_view names, std::string target = "", std::string positive = "") {
  statement::Selection selection;
  selection.format.header = false;
  selection.columns = Columns(names);
  if (!target.empty()) selection.target = statement::Target{std::move(target), std::move(positive), ""};
  return selection;
}

inline data::Table TableOf(std::string_view text, const statement::Selection& selection,
                           std::string name = "test.csv") {
  auto table = data::Table::Read(FileOf(text, std::move(name)), selection);
  if (!table.ok()) {
    ADD_FAILURE() << table.error().message;
    std::abort();
  }
  return std::move(table).value();
}

inline Json Parameters(std::string_view text) {
  auto json = ParseJson(text);
  if (!json.ok()) {
    ADD_FAILURE() << json.error().message;
    return Json::object();
  }
  return std::move(json).value();
}

// A path under the shared data, or nothing: the test must then be skipped.
inline std::optional<std::string> SharedFile(const std::string& path) {
  const char* folder = std::getenv("ATTESTML_SHARED");
  const std::string full = (folder != nullptr ? folder : ATTESTML_SOURCE_DIR "/../shared") + ("/" + path);
  return artifact::ReadFile(full).ok() ? std::optional<std::string>(full) : std::nullopt;
}

using TextMap = std::map<std::string, std::string>;

struct Query {
  std::string metric;
  TextMap slice = {}, where = {}, given = {};
  std::vector<std::string> across = {};
  std::string column = {}, label = {}, at = {};
};

// The one result that answers the query; a test failure when none or two do.
inline statement::MetricResult Find(const Measurement& measurement, const Query& query) {
  statement::MetricResult found;
  int matches = 0;
  for (const statement::MetricResult& r : measurement.results) {
    if (r.metric == query.metric && r.slice == query.slice && r.where == query.where && r.given == query.given &&
        r.across == query.across && r.column == query.column && r.label == query.label && r.at == query.at) {
      found = r;
      ++matches;
    }
  }
  EXPECT_EQ(matches, 1) << query.metric;
  return found;
}

inline double NumberOf(const statement::MetricResult& result) {
  const std::optional<double> number = ParseDecimal(result.value);
  EXPECT_TRUE(number.has_value()) << result.metric << " is " << result.value << ": " << result.reason;
  return number.value_or(-12345);
}

inline double Number(const Measurement& measurement, const Query& query) { return NumberOf(Find(measurement, query)); }

inline Measurement MeasureOk(const Property& property, const Inputs& inputs) {
  auto measurement = property.Measure(inputs);
  if (!measurement.ok()) {
    ADD_FAILURE() << measurement.error().id << ": " << measurement.error().message;
    return {};
  }
  return std::move(measurement).value();
}

inline Error MeasureError(const Property& property, const Inputs& inputs) {
  auto measurement = property.Measure(inputs);
  if (measurement.ok()) {
    ADD_FAILURE() << "measured, want an error";
    return {};
  }
  return measurement.error();
}

}  // namespace attestml::properties::test
