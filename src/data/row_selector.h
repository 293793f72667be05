// Which records of a file a selection names: missing policy, filter, split. spec/selection.md section 3.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "data/column_data.h"
#include "statement/selection.h"

namespace attestml::data {

// SelectRows returns the row numbers, ascending. The selection has been checked and the columns are its own.
Result<std::vector<std::uint32_t>> SelectRows(const std::vector<ColumnData>& columns, std::size_t num_rows,
                                              const statement::Selection& selection);

}  // namespace attestml::data
