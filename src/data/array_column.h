// From one array of a file to one column: npy and safetensors datasets. spec/selection.md section 2.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/safetensors.h"
#include "base/bytes.h"
#include "base/result.h"
#include "data/column_data.h"

namespace attestml::data {

// Little-endian elements in C order; the first size counts records. `data` has as many bytes as type and shape say.
struct Array {
  artifact::ElementType type = artifact::ElementType::kU8;
  std::vector<std::int64_t> shape;
  BytesView data;
  std::shared_ptr<const void> owner;  // keeps `data` alive
};

// FillColumn makes the column that the schema wants of the array. Images and tensors borrow its memory. `where` names
// the array in messages; error ids begin with `family`: .rows, .type, .shape, .value.
Result<ColumnData> FillColumn(const Array& array, const statement::Column& column, std::string_view family,
                              const std::string& where);

}  // namespace attestml::data
