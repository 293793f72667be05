// ReadNpyArray: one NumPy array file (numpy.lib.format, versions 1.0 and 2.0).
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "data/array_column.h"

namespace attestml::data {

// Plain numbers in C order: '|u1', '<i4', '<i8', '<f4', '<f8'. Nothing that needs a pickle, and exactly as many bytes
// as the header says. `where` names the file in messages. The result borrows from `bytes`; its owner is empty.
// Error ids npy.magic, .version, .header, .dtype, .order, .shape, .size.
Result<Array> ReadNpyArray(BytesView bytes, const std::string& where);

}  // namespace attestml::data
