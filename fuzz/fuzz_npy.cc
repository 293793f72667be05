// An array as every kind of column that its shape allows.
#include "data/npy.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  using statement::ColumnType;
  const auto array = data::ReadNpyArray(BytesView(data, size), "fuzz");
  if (!array.ok()) return 0;
  std::size_t elements = 1;
  for (const std::int64_t n : array->shape) elements *= static_cast<std::size_t>(n);
  fuzz::Require(elements * artifact::ElementSize(array->type) == array->data.size());
  for (const ColumnType type :
       {ColumnType::kNumeric, ColumnType::kCategorical, ColumnType::kImage, ColumnType::kTensor}) {
    statement::Column column{"x", type, true};
    if (type == ColumnType::kImage || type == ColumnType::kTensor) {
      for (std::size_t i = 1; i < array->shape.size(); ++i) {
        column.shape.push_back(static_cast<std::uint32_t>(array->shape[i]));
      }
    }
    const auto filled = data::FillColumn(*array, column, "npy", "fuzz");
    if (filled.ok() && !column.shape.empty()) {
      const auto last = static_cast<std::size_t>(array->shape[0]) - 1;
      fuzz::Require(filled->cells[last].data() + filled->cells.size == array->data.data() + array->data.size());
    }
  }
  return 0;
}
