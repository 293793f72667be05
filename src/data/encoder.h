// From records to the numbers a model takes: spec/encoding.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "statement/encoding.h"

namespace attestml::data {

// What a job may say about how inputs are fitted.
struct EncodingConfig {
  bool standardize = true;  // images and tensors: false leaves bytes / 255, and values as they are
  // Texts.
  statement::Tokenizer tokenizer = statement::Tokenizer::kWord;
  std::uint32_t vocabulary = 10000;  // tokens at most, without padding and unknown
  std::uint32_t min_count = 1;       // words that occur less often are unknown
  std::uint32_t length = 64;         // tokens of a text
  bool lowercase = true;
};

// Fits on the training view only: vocabularies, means and scales, classes. Error ids encoding.*.
Result<statement::Encoding> FitEncoding(const Table& train, const EncodingConfig& config = {});

// Encoder turns rows of one table into inputs, any rows in any order, so that a batch costs what it holds. Borrows the
// table. Safe from several threads.
class Encoder {
 public:
  // The table must have the encoding's columns: encoding.columns.
  static Result<Encoder> Make(const Table& table, const statement::Encoding& encoding);

  std::size_t width() const;
  // Fills rows.size() × width() floats, row-major. Error encoding.range.
  Status Rows(std::span<const std::uint32_t> rows, float* out) const;

 private:
  struct Plans;
  explicit Encoder(std::shared_ptr<const Plans> plans) : plans_(std::move(plans)) {}
  std::shared_ptr<const Plans> plans_;
};

// All rows of a table at once: rows × encoding.width().
Status Encode(const Table& table, const statement::Encoding& encoding, std::vector<float>* out);

}  // namespace attestml::data
