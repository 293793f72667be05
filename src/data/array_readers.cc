// Datasets of arrays: one .npy file a column, or one safetensors file with one tensor a column.
#include <algorithm>

#include "data/array_column.h"
#include "data/file_reader.h"
#include "data/npy.h"

namespace attestml::data {
namespace {

using artifact::ElementType;

// Adds a column, which must have as many records as those before it.
Status Add(ColumnData column, std::size_t rows, std::string_view family, const std::string& where, FileContent* out) {
  if (out->columns.empty()) out->num_rows = rows;
  if (rows != out->num_rows) {
    return Malformed(std::string(family) + ".rows", where + ": column \"" + column.name + "\" has " +
                                                        std::to_string(rows) + " records, those before it have " +
                                                        std::to_string(out->num_rows));
  }
  out->columns.push_back(std::move(column));
  return {};
}

}  // namespace

Result<FileContent> ReadNpy(const artifact::MeasuredFile& file, const statement::Selection& selection) {
  std::vector<artifact::MeasuredFile> parts = file.parts();
  if (parts.empty()) parts = {file};
  if (parts.size() != selection.columns.size()) {
    return Malformed("npy.files", file.name() + ": " + std::to_string(parts.size()) + " files for " +
                                      std::to_string(selection.columns.size()) + " columns, want one a column");
  }
  FileContent out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string where = file.name() + " (" + parts[i].name() + ")";
    ATTESTML_TRY(Array array, ReadNpyArray(parts[i].bytes(), where));
    array.owner = std::make_shared<const artifact::MeasuredFile>(parts[i]);
    ATTESTML_TRY(ColumnData column, FillColumn(array, selection.columns[i], "npy", where));
    ATTESTML_CHECK(Add(std::move(column), static_cast<std::size_t>(array.shape[0]), "npy", where, &out));
  }
  return out;
}

Result<FileContent> ReadTensors(const artifact::MeasuredFile& file, const statement::Selection& selection) {
  constexpr ElementType kAll[] = {ElementType::kU8, ElementType::kI32, ElementType::kI64, ElementType::kF32,
                                  ElementType::kF64};
  if (!file.parts().empty()) {
    return Malformed("safetensors.files", file.name() + ": several files, want one that holds every column");
  }
  auto container = artifact::ReadSafetensors(file.bytes(), kAll);
  if (!container.ok()) return Within(file.name(), std::move(container).error());
  auto& tensors = container->tensors;
  // Every tensor is a column, so a selection of the whole file leaves nothing out.
  for (const artifact::TensorView& tensor : tensors) {
    if (selection.Find(tensor.name) == nullptr) {
      return Malformed("safetensors.columns",
                       file.name() + ": tensor \"" + tensor.name.substr(0, 64) + "\" is no column");
    }
  }
  const auto owner = std::make_shared<const artifact::MeasuredFile>(file);
  FileContent out;
  for (const statement::Column& column : selection.columns) {
    const auto it =
        std::find_if(tensors.begin(), tensors.end(), [&](const auto& tensor) { return tensor.name == column.name; });
    if (it == tensors.end()) {
      return Malformed("safetensors.columns", file.name() + ": no tensor for column \"" + column.name + "\"");
    }
    const Array array{it->type, it->shape, it->data, owner};
    ATTESTML_TRY(ColumnData data, FillColumn(array, column, "safetensors", file.name()));
    ATTESTML_CHECK(Add(std::move(data), static_cast<std::size_t>(array.shape[0]), "safetensors", file.name(), &out));
  }
  return out;
}

}  // namespace attestml::data
