#include "tasks/features.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace attestml::tasks {

Result<Features> Features::Make(const data::Table& table, const statement::Encoding& encoding, bool with_labels) {
  ATTESTML_TRY(auto encoder, data::Encoder::Make(table, encoding));
  Features out(std::move(encoder), table.rows());
  const bool cells = std::any_of(encoding.inputs.begin(), encoding.inputs.end(), [](const auto& input) {
    return input.type == statement::ColumnType::kImage || input.type == statement::ColumnType::kTensor;
  });
  if (!cells) ATTESTML_CHECK(data::Encode(table, encoding, &out.matrix_));
  if (with_labels && encoding.number) {
    ATTESTML_TRY(const auto values, table.Numbers());
    for (const double value : values) {
      out.numbers_.push_back(static_cast<float>((value - encoding.number->mean) / encoding.number->scale));
      if (!std::isfinite(out.numbers_.back())) {
        return Malformed("encoding.range",
                         table.file().name() + ": the target holds a number that is too large for the model");
      }
    }
  } else if (with_labels) {
    ATTESTML_TRY(out.labels_, table.Labels(encoding.classes));
  }
  return out;
}

Status Features::Gather(std::span<const std::uint32_t> rows, float* x) const {
  if (lazy()) return encoder_.Rows(rows, x);
  const std::size_t width = encoder_.width();
  for (const std::uint32_t row : rows) {
    std::copy_n(matrix_.data() + row * width, width, x);
    x += width;
  }
  return {};
}

Status Features::Predict(engine::Network& network, std::size_t outputs, std::span<float> logits) const {
  const std::size_t width = encoder_.width();
  if (!lazy()) return network.Predict({matrix_.data(), rows_, width}, logits);
  constexpr std::size_t kPiece = 1024;
  std::vector<float> x(std::min(kPiece, rows_) * width);
  std::vector<std::uint32_t> rows;
  for (std::size_t begin = 0; begin < rows_; begin += kPiece) {
    rows.resize(std::min(kPiece, rows_ - begin));
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(begin));
    ATTESTML_CHECK(encoder_.Rows(rows, x.data()));
    ATTESTML_CHECK(
        network.Predict({x.data(), rows.size(), width}, logits.subspan(begin * outputs, rows.size() * outputs)));
  }
  return {};
}

}  // namespace attestml::tasks
