#include "properties/input_space.h"

#include <algorithm>

#include "properties/parameters.h"

namespace attestml::properties {

using statement::ColumnType;

Result<InputSpace> InputSpace::Make(const model::Model& model, const data::Table& table) {
  InputSpace space;
  for (const statement::EncodedColumn& column : model.encoding.inputs) {
    const std::size_t offset = space.inputs_.size();
    space.inputs_.resize(offset + column.width());
    switch (column.type) {
      case ColumnType::kNumeric: {
        ATTESTML_TRY(const data::ColumnData* data, FindColumn(table, column.column));
        if (data->type != ColumnType::kNumeric) {
          return Usage("property.column", "column " + column.column + " is numeric to the model, not in the data");
        }
        space.inputs_[offset].free = true;  // the indicator behind it is not
        space.inputs_[offset].column = data;
        break;
      }
      case ColumnType::kImage: {
        if (column.shape.size() != 3 || column.scales.size() != column.shape[0] ||
            column.means.size() != column.shape[0]) {
          return Usage("property.robustness.inputs", "column " + column.column + " is no image of channels");
        }
        const Image image{offset, column.shape[0], column.shape[1], column.shape[2]};
        const std::size_t pixels = image.height * image.width;
        for (std::size_t i = 0; i < column.width(); ++i) {
          space.inputs_[offset + i] = {true, true, column.means[i / pixels], column.scales[i / pixels], nullptr};
        }
        space.images_.push_back(image);
        break;
      }
      case ColumnType::kTensor:
        for (std::size_t i = 0; i < column.width(); ++i) space.inputs_[offset + i].free = true;
        break;
      case ColumnType::kCategorical:
      case ColumnType::kText:
        break;
    }
  }
  if (std::none_of(space.inputs_.begin(), space.inputs_.end(), [](const Input& input) { return input.free; })) {
    return Usage("property.robustness.inputs",
                 "the model takes categories and texts only: there is no number, image or tensor to change");
  }
  return space;
}

void InputSpace::FromModel(std::span<const float> inputs, double* units) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    units[i] = inputs_[i].bounded ? static_cast<double>(inputs[i]) * inputs_[i].scale + inputs_[i].mean
                                  : static_cast<double>(inputs[i]);
  }
}

void InputSpace::ToModel(std::span<const double> units, float* inputs) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    inputs[i] = static_cast<float>(inputs_[i].bounded ? (units[i] - inputs_[i].mean) / inputs_[i].scale : units[i]);
  }
}

}  // namespace attestml::properties
