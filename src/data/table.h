// Records of a selection as plain arrays. Built only from a MeasuredFile (design G2).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/measured_file.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "data/column_data.h"
#include "data/parsed_file.h"
#include "statement/claims.h"
#include "statement/encoding.h"
#include "statement/selection.h"

namespace attestml::data {

// Table is immutable: the records that a selection names, in file order.
class Table {
 public:
  // Reads the file under the selection. A bad row is an Error of kind malformed with "NAME:line:column" in the message.
  // Error ids csv.* (quote, newline, columns, number, header, skip, encoding, size) and selection.* (empty: no record
  // is in it).
  static Result<Table> Read(const artifact::MeasuredFile& file, const statement::Selection& selection);
  // The same, for several selections of one file: it is parsed once, and a record is hashed once.
  static Result<Table> Read(const artifact::MeasuredFile& file, const statement::Selection& selection,
                            ParsedFiles* parsed);

  std::size_t rows() const { return rows_; }
  const std::vector<ColumnData>& columns() const { return *columns_; }
  const ColumnData* Find(std::string_view name) const;  // null when there is none
  const statement::Selection& selection() const { return selection_; }
  const artifact::MeasuredFile& file() const { return parsed_->file(); }
  // The place of each record in the file, counted from 0 over all its records.
  const std::vector<std::uint32_t>& file_rows() const { return file_rows_; }

  // The target as class codes in the order of `classes`; an Error when a label is none of them. data.label.
  Result<std::vector<std::int32_t>> Labels(const std::vector<std::string>& classes) const;

  // The target as numbers; an Error when it is none, or misses in a record. data.label.
  Result<std::vector<double>> Numbers() const;

  // Record leaves in file order (spec/records.md): LeafHash of the canonical record, with or without its label.
  std::vector<crypto::Digest256> Leaves(bool with_label) const;
  // Count and root over the sorted leaves; computed once, on first use.
  statement::Records Records() const;
  // File, selection, digest, records and role, as statements name them.
  statement::DatasetUse Use(std::string role) const;

 private:
  Table() = default;
  static Result<Table> Select(std::shared_ptr<const ParsedFile> parsed, const statement::Selection& selection);

  std::shared_ptr<const ParsedFile> parsed_;
  statement::Selection selection_;
  std::size_t rows_ = 0;
  std::vector<std::uint32_t> file_rows_;
  std::shared_ptr<const std::vector<ColumnData>> columns_;  // the file's own when every record is in
  struct Cache;
  std::shared_ptr<Cache> cache_;
};

// CanonicalRecord is what the leaf hash in records.root is of: a compact JSON array of the field values in schema
// order, numbers in shortest form, missing as null, then the bytes of images and tensors. For tests, proofs and spec
// vectors; Leaves does not call it per field.
std::string CanonicalRecord(const Table& table, std::size_t row, bool with_label);

}  // namespace attestml::data
