// Selection: which records and columns of a dataset a task sees. It is data, stands in statements, and has a digest.
// design.md section 3; spec/selection.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/json_document.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::statement {

// Numbers and categories are what rates, groups and filters are about. Images (bytes, channels × height × width), texts
// (UTF-8) and tensors (float32) are inputs of models and part of records; nothing groups or filters by them.
enum class ColumnType : std::uint8_t { kNumeric, kCategorical, kImage, kText, kTensor };

// "numeric", "categorical", "image", "text", "tensor".
std::string_view ColumnTypeName(ColumnType type);
std::optional<ColumnType> ColumnTypeOf(std::string_view name);

struct Column {
  std::string name;
  ColumnType type = ColumnType::kCategorical;
  bool feature = true;                 // false: part of the record, but no input of a model
  std::vector<std::uint32_t> shape{};  // images: {channels, height, width}; tensors: of one record; otherwise empty
  bool operator==(const Column&) const = default;
};

// What kind of file, or files, a dataset is. spec/selection.md section 2.
enum class FileType : std::uint8_t { kCsv, kIdx, kCifar10, kCifar100, kImageFolder, kNpy, kSafetensors };

// "csv", "idx", "cifar10", "cifar100", "image-folder", "npy", "safetensors".
std::string_view FileTypeName(FileType type);
std::optional<FileType> FileTypeOf(std::string_view name);

// How bytes become fields. All but `type` are for files of text, that is for csv and image-folder: RFC 4180 plus the
// habits of public data files. Elsewhere they keep their defaults.
struct FileFormat {
  char delimiter = ',';
  bool header = true;            // the first line holds names, which must be those of the columns, in order
  std::uint32_t skip_lines = 0;  // lines before the header or the first record; 0 or 1
  bool trim = false;             // spaces and tabs around fields are not part of them (within quotes they are)
  std::string missing;           // a field equal to this, or empty, is missing; "" when only empty fields are
  FileType type = FileType::kCsv;
  bool quote = true;  // false: a quote is a character like any other, and no field is quoted

  bool IsText() const { return type == FileType::kCsv || type == FileType::kImageFolder; }
  bool operator==(const FileFormat&) const = default;
};

struct Target {
  std::string column;
  std::string positive;      // the class that rates are about; "" when there is none (multi-class)
  std::string strip_suffix;  // removed from the end of labels that have it ("." in adult.test)
  bool operator==(const Target&) const = default;
};

// What to do with a record that misses a value in a feature or target column.
enum class MissingPolicy : std::uint8_t {
  kCategory,  // keep: missing is a category of its own; numeric features get the mean and an indicator
  kDrop,      // the record is not part of the selection, whatever column misses a value (dropped columns count too)
};

// Row filter: all conditions must hold. Comparison of numbers is numeric, of categories exact. A missing value
// satisfies nothing.
enum class Comparison : std::uint8_t { kIn, kNotIn, kLess, kLessEqual, kGreater, kGreaterEqual };
struct Condition {
  std::string column;
  Comparison comparison = Comparison::kIn;
  std::vector<std::string> values;  // one for the orderings
  bool operator==(const Condition&) const = default;
};

// Seeded split: the records that passed the filter are shuffled by the seed (spec/selection.md pins how), within each
// class when stratified, and cut by the fractions; a part keeps file order.
struct Split {
  std::uint64_t seed = 0;
  bool stratify = false;
  struct Part {
    std::string name;
    std::string fraction;  // "1", or "0." and 1 to 9 digits, as the job wrote it; they add up to at most 1
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;
  std::string part;  // the one selected
  bool operator==(const Split&) const = default;
};

struct Selection {
  FileFormat format;
  std::vector<Column> columns;  // every column of the file, in file order
  std::optional<Target> target;
  std::vector<std::string> sensitive;
  MissingPolicy missing = MissingPolicy::kCategory;
  std::vector<Condition> filter;
  std::optional<Split> split;
  bool operator==(const Selection&) const = default;

  // Every record of the file is in: no filter, no split, nothing dropped for missing values.
  bool Whole() const { return filter.empty() && !split && missing == MissingPolicy::kCategory; }
  const Column* Find(std::string_view name) const;
};

Json SelectionToJson(const Selection& selection);
// DumpJson(SelectionToJson(selection)), at a fraction of the cost. The strings are UTF-8.
std::string SelectionText(const Selection& selection);
// Strict: unknown members, duplicate column names, unknown columns in target, sensitive or filter, parts that do not
// add up are malformed. Error id selection.*.
Result<Selection> ParseSelection(JsonView value);
Result<Selection> ParseSelection(const Json& value);

// CheckSelection applies the rules that ParseSelection applies, to a selection made in another way. Same ids.
Status CheckSelection(const Selection& selection);

// FractionBillionths reads a part's fraction, exactly: "0.8" is 800000000. Error id selection.split.
Result<std::uint64_t> FractionBillionths(std::string_view text);

// SHA-256 of the canonical JSON text of the selection.
crypto::Digest256 SelectionDigest(const Selection& selection);

// LeafSchemaDigest covers what makes record leaves comparable: column names, types and order, and the target column.
crypto::Digest256 LeafSchemaDigest(const Selection& selection);

}  // namespace attestml::statement
