// What may be changed in a model's input, and in which units: pixels of images in 0 … 1, numbers and tensors as the
// model standardises them. spec/properties.md, "robustness".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "model/model.h"

namespace attestml::properties {

// A record in units is one double an input, of which those that are not free keep the model's own number. Borrows the
// table.
class InputSpace {
 public:
  struct Image {
    std::size_t offset = 0;  // of its first input
    std::size_t channels = 0, height = 0, width = 0;
  };

  // Error property.robustness.inputs (usage) when nothing of a record may be changed: categories and texts only.
  static Result<InputSpace> Make(const model::Model& model, const data::Table& table);

  std::size_t width() const { return inputs_.size(); }
  const std::vector<Image>& images() const { return images_; }

  // A missing number is not free.
  bool Free(std::size_t input, std::size_t row) const {
    const Input& in = inputs_[input];
    return in.free && (in.column == nullptr || !in.column->Missing(row));
  }
  // How fast the model's input moves with the unit.
  double Slope(std::size_t input) const { return 1 / inputs_[input].scale; }
  double Clamp(std::size_t input, double value) const {
    if (!inputs_[input].bounded) return value;
    return value < 0 ? 0 : value > 1 ? 1 : value;
  }

  // Between the model's inputs and units, for one record.
  void FromModel(std::span<const float> inputs, double* units) const;
  void ToModel(std::span<const double> units, float* inputs) const;

 private:
  struct Input {
    bool free = false;
    bool bounded = false;  // to 0 … 1
    double mean = 0;       // unit = input × scale + mean
    double scale = 1;
    const data::ColumnData* column = nullptr;  // of a number, which may be missing
  };
  std::vector<Input> inputs_;
  std::vector<Image> images_;
};

}  // namespace attestml::properties
