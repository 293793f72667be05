// Canonical records and their leaf hashes: spec/records.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/sha256_batch.h"
#include "data/column_data.h"

namespace attestml::data {

// RecordWriter writes records of one set of columns into a buffer it keeps: what a value looks like in a record is
// worked out once a value, not once a row. Borrows the columns.
class RecordWriter {
 public:
  // The column at `omit` is no part of the records.
  RecordWriter(const std::vector<ColumnData>& columns, std::optional<std::size_t> omit);

  // The record: a text, and the bytes of its images and tensors behind it. Holds until the next call.
  std::string_view Write(std::size_t row);
  // crypto::LeafHash of it, in `out` when the batch is flushed.
  void AddLeaf(std::size_t row, crypto::Sha256Batch* batch, crypto::Digest256* out);

 private:
  struct Column {
    const ColumnData* data = nullptr;
    // Categorical: `,"value"` for each value, and `,null` behind the last, end to end in `pieces`.
    std::string pieces;
    std::vector<std::size_t> ends;
    // Image and tensor: `,"image 3x32x32"`; the bytes follow the whole text.
    bool cells = false;
  };
  std::vector<Column> columns_;
  Bytes buffer_;  // 0x00, the domain byte of leaves, then the text
};

// Root over the sorted leaves, RFC 9162. Sorts `leaves`.
crypto::Digest256 SortedRoot(std::vector<crypto::Digest256> leaves);

}  // namespace attestml::data
