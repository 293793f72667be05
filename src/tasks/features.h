// Features: a view as an engine takes it, whole or batch by batch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "data/encoder.h"
#include "data/table.h"
#include "engine/engine.h"

namespace attestml::tasks {

// Tables of numbers and categories are encoded once. Images and tensors stay as they are in memory, a quarter of the
// size or less, and each batch is encoded when it is wanted. Borrows the table. Reading is safe from several threads.
class Features {
 public:
  // Errors: encoding.*, and data.label where `with_labels`.
  static Result<Features> Make(const data::Table& table, const statement::Encoding& encoding, bool with_labels);

  std::size_t rows() const { return rows_; }
  std::size_t width() const { return encoder_.width(); }
  const data::Encoder& encoder() const { return encoder_; }
  const std::vector<std::int32_t>& labels() const { return labels_; }  // empty without labels, or where they are …
  const std::vector<float>& numbers() const { return numbers_; }       // … numbers: (value - mean) / scale
  // Whether a batch has to be encoded first, which is worth doing beside the computation.
  bool lazy() const { return matrix_.empty(); }

  // Copies the inputs of these rows to `x`, which has room for rows.size() × width().
  Status Gather(std::span<const std::uint32_t> rows, float* x) const;

  // Logits of every row, in order; `logits` has room for rows() × outputs.
  Status Predict(engine::Network& network, std::size_t outputs, std::span<float> logits) const;

 private:
  Features(data::Encoder encoder, std::size_t rows) : encoder_(std::move(encoder)), rows_(rows) {}

  data::Encoder encoder_;
  std::size_t rows_;
  std::vector<float> matrix_;
  std::vector<std::int32_t> labels_;
  std::vector<float> numbers_;
};

}  // namespace attestml::tasks
