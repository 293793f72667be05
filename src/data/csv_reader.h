// ReadCsv: the bytes of a file as arrays. spec/selection.md section 2.
#pragma once

#include <vector>

#include "artifact/measured_file.h"
#include "base/result.h"
#include "data/column_data.h"
#include "statement/selection.h"

namespace attestml::data {

// What a file holds, one array a column of the schema.
struct CsvContent {
  std::vector<ColumnData> columns;
  std::size_t num_rows = 0;
};

// ReadCsv reads every record by the format, columns and target of the selection, which has been checked; its filter,
// split and missing policy are not looked at. Error ids csv.*, with "NAME:line:column" in the message and no data.
Result<CsvContent> ReadCsv(const artifact::MeasuredFile& file, const statement::Selection& selection);

}  // namespace attestml::data
