// ReadCsv: the bytes of a text file as arrays. spec/selection.md section 2.
#pragma once

#include "artifact/measured_file.h"
#include "base/result.h"
#include "data/file_reader.h"
#include "statement/selection.h"

namespace attestml::data {

// ReadCsv reads every record by the format, columns and target of the selection, which has been checked; its filter,
// split and missing policy are not looked at. A column of images gets the fields, which are file names, as `texts`.
// Error ids csv.*, with "NAME:line:column" in the message and no data.
Result<FileContent> ReadCsv(const artifact::MeasuredFile& file, const statement::Selection& selection);

}  // namespace attestml::data
