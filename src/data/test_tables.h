// Helpers of the tests of this folder: small selections and files from text.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/table.h"

namespace attestml::data {

inline artifact::MeasuredFile FileOf(std::string_view text, std::string name = "t.csv") {
  return artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(text)), std::move(name));
}

// "age:n sex:c" → a numeric and a categorical column.
inline statement::Selection SelectionOf(std::string_view columns) {
  statement::Selection selection;
  while (!columns.empty()) {
    const std::string_view word = columns.substr(0, columns.find(' '));
    columns.remove_prefix(std::min(columns.size(), word.size() + 1));
    const bool numeric = word.ends_with(":n");
    selection.columns.push_back({std::string(word.substr(0, word.size() - 2)),
                                 numeric ? statement::ColumnType::kNumeric : statement::ColumnType::kCategorical,
                                 true});
  }
  return selection;
}

inline Result<Table> ReadText(std::string_view text, const statement::Selection& selection) {
  return Table::Read(FileOf(text), selection);
}

// The records, one canonical text each.
inline std::vector<std::string> RecordsOf(const Result<Table>& table) {
  std::vector<std::string> out;
  if (!table.ok()) return {table.error().id + ": " + table.error().message};
  for (std::size_t row = 0; row < table->rows(); ++row) out.push_back(CanonicalRecord(*table, row, true));
  return out;
}

// A file of the datasets that lie beside the repository; "" when it is not there.
inline std::string SharedFile(const std::string& path) {
  const char* shared = std::getenv("ATTESTML_SHARED");
  const std::filesystem::path root =
      shared != nullptr ? std::filesystem::path(shared) : std::filesystem::path(ATTESTML_SOURCE_DIR) / ".." / "shared";
  const auto file = root / "datasets" / path;
  return std::filesystem::exists(file) ? file.string() : "";
}

}  // namespace attestml::data
