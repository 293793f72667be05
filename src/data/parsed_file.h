// ParsedFile: every record of a measured file, as its schema reads them, before any selection.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "data/column_data.h"
#include "statement/selection.h"

namespace attestml::data {

// ParsedFile is immutable and shared by the tables of all selections that read the file in the same way: same format,
// same column names and types, same target and suffix.
class ParsedFile {
 public:
  // Error ids csv.*, with "NAME:line:column" in the message, and selection.*.
  static Result<std::shared_ptr<const ParsedFile>> Parse(const artifact::MeasuredFile& file,
                                                         const statement::Selection& selection);

  // Whether `selection` would read the same file in the same way.
  bool Serves(const artifact::MeasuredFile& file, const statement::Selection& selection) const;

  const artifact::MeasuredFile& file() const { return file_; }
  std::size_t rows() const { return rows_; }
  const std::shared_ptr<const std::vector<ColumnData>>& columns() const { return columns_; }

  // Leaves of the records at `rows`, in that order; each is hashed once, however many selections hold it. Safe from
  // several threads.
  std::vector<crypto::Digest256> Leaves(const std::vector<std::uint32_t>& rows, bool with_label) const;

 private:
  explicit ParsedFile(artifact::MeasuredFile file) : file_(std::move(file)) {}

  artifact::MeasuredFile file_;
  statement::FileFormat format_;
  std::vector<statement::Column> schema_;
  std::optional<std::size_t> target_;  // index of the target column
  std::string strip_suffix_;
  std::size_t rows_ = 0;
  std::shared_ptr<const std::vector<ColumnData>> columns_;

  struct LeafStore {
    std::mutex mutex;
    std::vector<crypto::Digest256> leaves;
    std::vector<bool> known;
  };
  mutable LeafStore leaf_stores_[2];  // without and with label
};

// ParsedFiles keeps what was parsed, so that the selections of one run parse each file once. Not for several threads.
class ParsedFiles {
 public:
  Result<std::shared_ptr<const ParsedFile>> Get(const artifact::MeasuredFile& file,
                                                const statement::Selection& selection);

 private:
  std::vector<std::shared_ptr<const ParsedFile>> files_;
};

}  // namespace attestml::data
