// The rows of an inference: read as the model learned to read, or the answer is not the model's to this input.
#pragma once

#include <string>

#include "base/result.h"
#include "statement/selection.h"

namespace attestml::statement {

// RowsOf is a selection of a dataset as the reading of a file of rows: no row is left out, none is in a group.
Selection RowsOf(Selection selection);

// CheckRows refuses a selection that could leave a row out or groups rows. Error id claim.inference.rows.
Status CheckRows(const Selection& rows);

// RowsObjection says why rows that are read so are not read as in training; "" when they are. The columns must be those
// of the training in their order, by name, type and shape, the target there or not, and the bytes must mean the same:
// kind of file, delimiter, trimming, quotes, mark for missing. A header may be added, for it must hold those names, and
// is not to be left out, for then nothing holds the columns to their names. What stands in the target column, which
// rows trained, and which columns were dropped, makes no answer.
std::string RowsObjection(const Selection& rows, const Selection& trained);

}  // namespace attestml::statement
