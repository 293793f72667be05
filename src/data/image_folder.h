// A folder of image files with a CSV file of labels and attributes. spec/selection.md section 2.
#pragma once

#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "base/result.h"
#include "data/file_reader.h"
#include "statement/selection.h"

namespace attestml::data {

// ImageNames lists the files that the CSV file names, each once, by column and then by row: relative paths with "/",
// safe to append to a folder's path unless the folder itself holds links. The dataset is
// MeasuredFile::FromParts({csv, those files in this order}), each under its name here. Error ids csv.*, selection.*,
// image.name (empty, absolute, "." or ".." or an empty part, a backslash or control character, more than 1024 bytes).
Result<std::vector<std::string>> ImageNames(const artifact::MeasuredFile& csv, const statement::Selection& selection);

// ReadImageFolder is ReadContent for such a dataset, over as many threads as said (0: as the machine has, at most 8).
// What comes out does not depend on their number. Error ids csv.*, image.*; image.files when the parts are not those
// that ImageNames tells, image.size when the pixels are more than 16 GiB.
Result<FileContent> ReadImageFolder(const artifact::MeasuredFile& file, const statement::Selection& selection,
                                    unsigned num_threads);

}  // namespace attestml::data
