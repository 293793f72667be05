#include "data/table.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "data/record.h"
#include "data/row_selector.h"

namespace attestml::data {
namespace {

std::vector<ColumnData> Gather(const std::vector<ColumnData>& columns, const std::vector<std::uint32_t>& rows) {
  std::vector<ColumnData> out;
  out.reserve(columns.size());
  for (const ColumnData& column : columns) {
    ColumnData part{column.name, column.type, {}, {}, column.values, column.cells, column.shape, {}};
    switch (column.type) {
      case statement::ColumnType::kNumeric:
        part.numbers.reserve(rows.size());
        for (const std::uint32_t row : rows) part.numbers.push_back(column.numbers[row]);
        break;
      case statement::ColumnType::kCategorical:
        part.codes.reserve(rows.size());
        for (const std::uint32_t row : rows) part.codes.push_back(column.codes[row]);
        break;
      case statement::ColumnType::kImage:
      case statement::ColumnType::kTensor:
        part.cells.places = rows;
        if (!column.cells.places.empty()) {
          for (std::uint32_t& place : part.cells.places) place = column.cells.places[place];
        }
        break;
      case statement::ColumnType::kText:
        part.texts.reserve(rows.size());
        for (const std::uint32_t row : rows) part.texts.push_back(column.texts[row]);
        break;
    }
    out.push_back(std::move(part));
  }
  return out;
}

std::optional<std::size_t> TargetIndex(const Table& table) {
  const auto& target = table.selection().target;
  if (!target) return std::nullopt;
  return static_cast<std::size_t>(table.Find(target->column) - table.columns().data());
}

}  // namespace

struct Table::Cache {
  std::once_flag once;
  statement::Records records;
};

Result<Table> Table::Read(const artifact::MeasuredFile& file, const statement::Selection& selection) {
  ATTESTML_TRY(auto parsed, ParsedFile::Parse(file, selection));
  return Select(std::move(parsed), selection);
}

Result<Table> Table::Read(const artifact::MeasuredFile& file, const statement::Selection& selection,
                          ParsedFiles* parsed) {
  ATTESTML_TRY(auto known, parsed->Get(file, selection));
  return Select(std::move(known), selection);
}

Result<Table> Table::Select(std::shared_ptr<const ParsedFile> parsed, const statement::Selection& selection) {
  Table table;
  ATTESTML_TRY(table.file_rows_, SelectRows(*parsed->columns(), parsed->rows(), selection));
  table.rows_ = table.file_rows_.size();
  if (table.rows_ == 0) {
    return Malformed("selection.empty", parsed->file().name() + ": none of " + std::to_string(parsed->rows()) +
                                            " records is in the selection");
  }
  const bool all = table.rows_ == parsed->rows();
  table.columns_ = all ? parsed->columns()
                       : std::make_shared<const std::vector<ColumnData>>(Gather(*parsed->columns(), table.file_rows_));
  table.parsed_ = std::move(parsed);
  table.selection_ = selection;
  table.cache_ = std::make_shared<Cache>();
  return table;
}

const ColumnData* Table::Find(std::string_view name) const {
  const auto it =
      std::find_if(columns_->begin(), columns_->end(), [&](const ColumnData& column) { return column.name == name; });
  return it == columns_->end() ? nullptr : &*it;
}

Result<std::vector<std::int32_t>> Table::Labels(const std::vector<std::string>& classes) const {
  const auto target = TargetIndex(*this);
  if (!target) return Usage("data.label", file().name() + ": the selection has no target");
  const ColumnData& column = (*columns_)[*target];
  if (column.type != statement::ColumnType::kCategorical) {
    return Usage("data.label", file().name() + ": target " + column.name + " is numeric and has no classes");
  }
  std::vector<std::int32_t> class_of(column.values.size(), kMissingCode);
  for (std::size_t i = 0; i < column.values.size(); ++i) {
    const auto it = std::find(classes.begin(), classes.end(), column.values[i]);
    if (it != classes.end()) class_of[i] = static_cast<std::int32_t>(it - classes.begin());
  }
  std::vector<std::int32_t> labels(rows_);
  for (std::size_t row = 0; row < rows_; ++row) {
    const std::int32_t code = column.codes[row];
    labels[row] = code == kMissingCode ? kMissingCode : class_of[static_cast<std::size_t>(code)];
    if (labels[row] == kMissingCode) {
      return Malformed("data.label", file().name() + ": the label of record " + std::to_string(file_rows_[row] + 1) +
                                         (code == kMissingCode ? " is missing" : " is none of the known classes"));
    }
  }
  return labels;
}

Result<std::vector<double>> Table::Numbers() const {
  const auto target = TargetIndex(*this);
  if (!target) return Usage("data.label", file().name() + ": the selection has no target");
  const ColumnData& column = (*columns_)[*target];
  if (column.type != statement::ColumnType::kNumeric) {
    return Usage("data.label", file().name() + ": target " + column.name + " is no number");
  }
  for (std::size_t row = 0; row < rows_; ++row) {
    if (!std::isnan(column.numbers[row])) continue;
    return Malformed("data.label",
                     file().name() + ": the label of record " + std::to_string(file_rows_[row] + 1) + " is missing");
  }
  return column.numbers;
}

std::vector<crypto::Digest256> Table::Leaves(bool with_label) const { return parsed_->Leaves(file_rows_, with_label); }

statement::Records Table::Records() const {
  std::call_once(cache_->once, [&] { cache_->records = {rows_, SortedRoot(Leaves(true))}; });
  return cache_->records;
}

statement::DatasetUse Table::Use(std::string role) const {
  statement::DatasetUse use;
  use.file = {file().name(), {file().sha256(), false}};
  use.selection = selection_;
  use.selection_id = {statement::SelectionDigest(selection_), false};
  use.records = Records();
  use.role = std::move(role);
  return use;
}

std::string CanonicalRecord(const Table& table, std::size_t row, bool with_label) {
  return std::string(RecordWriter(table.columns(), with_label ? std::nullopt : TargetIndex(table)).Write(row));
}

}  // namespace attestml::data
