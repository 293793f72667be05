// What a file holds, whatever its format: one array a column of the schema. spec/selection.md section 2.
#pragma once

#include <cstddef>
#include <vector>

#include "artifact/measured_file.h"
#include "base/result.h"
#include "data/column_data.h"
#include "statement/selection.h"

namespace attestml::data {

struct FileContent {
  std::vector<ColumnData> columns;
  std::size_t num_rows = 0;
};

// ReadContent reads every record by the format, columns and target of the selection, which has been checked; its
// filter, split and missing policy are not looked at. Error ids csv.*, idx.*, cifar.*, image.*, npy.*, safetensors.*.
Result<FileContent> ReadContent(const artifact::MeasuredFile& file, const statement::Selection& selection);

// One for each format; ReadContent picks. `file` is the dataset: files of several parts have them in order.
Result<FileContent> ReadIdx(const artifact::MeasuredFile& file, const statement::Selection& selection);
Result<FileContent> ReadCifar(const artifact::MeasuredFile& file, const statement::Selection& selection);
Result<FileContent> ReadImageFolder(const artifact::MeasuredFile& file, const statement::Selection& selection);
Result<FileContent> ReadNpy(const artifact::MeasuredFile& file, const statement::Selection& selection);
Result<FileContent> ReadTensors(const artifact::MeasuredFile& file, const statement::Selection& selection);

}  // namespace attestml::data
