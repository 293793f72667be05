#include "data/csv_reader.h"

#include <algorithm>
#include <limits>

#include "base/decimal.h"
#include "data/csv_scanner.h"
#include "data/dictionary.h"
#include "data/utf8.h"

namespace attestml::data {
namespace {

using statement::Column;
using statement::ColumnType;
using statement::Selection;

constexpr std::size_t kMaxRows = std::numeric_limits<std::int32_t>::max();

std::string_view Text(const artifact::MeasuredFile& file) { return AsText(file.bytes()); }

// Lines and characters are counted only here, on the way to an error.
Error At(const artifact::MeasuredFile& file, std::size_t offset, std::string_view id, std::string message) {
  const std::string_view before = Text(file).substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  std::string_view in_line = before.substr(newline == std::string_view::npos ? 0 : newline + 1);
  if (line == 1 && in_line.starts_with("\xef\xbb\xbf")) in_line.remove_prefix(3);
  const auto column = std::count_if(in_line.begin(), in_line.end(),
                                    [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }) +
                      1;
  return Malformed(id,
                   file.name() + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + std::move(message));
}

// Whole numbers of up to 15 digits are exact in a double and are nearly all that files hold.
bool ReadNumber(std::string_view text, double* out) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (!digits.empty() && digits.size() <= 15) {
    std::uint64_t value = 0;
    std::size_t i = 0;
    for (; i < digits.size() && digits[i] >= '0' && digits[i] <= '9'; ++i) {
      value = value * 10 + static_cast<std::uint64_t>(digits[i] - '0');
    }
    if (i == digits.size()) {
      const auto number = static_cast<double>(value);
      *out = negative ? -number : number;
      return true;
    }
  }
  const auto number = ParseDecimal(text);
  if (number) *out = *number;
  return number.has_value();
}

// Takes the fields of one column, in row order. All arrays have their final size from the start.
struct ColumnReader {
  bool numeric = false;
  bool text = false;
  std::string_view strip_suffix;
  Dictionary dictionary;
  ColumnData* data = nullptr;

  bool Take(std::size_t row, std::string_view field, std::string_view missing) {
    if (!strip_suffix.empty() && field.ends_with(strip_suffix)) field.remove_suffix(strip_suffix.size());
    if (text) {
      data->texts[row] = field;
      return true;
    }
    const bool absent = field.empty() || field == missing;
    if (numeric) {
      double* number = &data->numbers[row];
      *number = std::numeric_limits<double>::quiet_NaN();
      return absent || ReadNumber(field, number);
    }
    data->codes[row] = absent ? kMissingCode : dictionary.Code(field);
    return true;
  }
};

std::string Name(const Column& column) { return "column \"" + column.name + "\""; }

class Reader {
 public:
  Reader(const artifact::MeasuredFile& file, const Selection& selection)
      : file_(file), selection_(selection), schema_(selection.columns), scanner_(Text(file), selection.format) {}

  Status Read(std::vector<ColumnData>* out, std::size_t* num_rows) {
    if (const auto bad = FirstBadByte(Text(file_))) {
      const bool nul = Text(file_)[*bad] == '\0';
      return At(file_, *bad, "csv.encoding", nul ? "a NUL byte, want text" : "bytes that are not UTF-8");
    }
    ATTESTML_CHECK(Skip());
    if (selection_.format.header) ATTESTML_CHECK(ReadHeader());
    ATTESTML_CHECK(Prepare(out));
    const std::string_view missing = selection_.format.missing;
    std::size_t row = 0;
    for (; scanner_.More(); ++row) {
      if (row == kMaxRows) return Here("csv.size", "more than " + std::to_string(kMaxRows) + " records");
      for (std::size_t i = 0; i < schema_.size(); ++i) {
        std::string_view field;
        const CsvScanner::End end = scanner_.Next(&field);
        if (end == CsvScanner::End::kError) return ScannerError(i);
        // A short or long record is called that, whatever its last field looks like.
        const bool last = i + 1 == schema_.size();
        if (end != (last ? CsvScanner::End::kRecord : CsvScanner::End::kDelimiter)) return WrongCount(i, last);
        if (!readers_[i].Take(row, field, missing)) return NotNumber(i);
      }
    }
    if (!scanner_.error_id().empty()) return ScannerError(0);
    Finish(out, row);
    *num_rows = row;
    return {};
  }

 private:
  Error Here(std::string_view id, std::string message) const {
    return At(file_, scanner_.field_offset(), id, std::move(message));
  }

  Error ScannerError(std::size_t column) const {
    std::string message(scanner_.error_text());
    if (scanner_.error_id() != "csv.columns") message += ", in " + Name(schema_[column]);
    return Here(scanner_.error_id(), std::move(message));
  }

  Error WrongCount(std::size_t column, bool more) const {
    const std::string want = std::to_string(schema_.size());
    if (more) return Here("csv.columns", "fields follow " + Name(schema_[column]) + ", the last of " + want);
    return Here("csv.columns", "the record ends at " + Name(schema_[column]) + " after " + std::to_string(column + 1) +
                                   " fields, want " + want);
  }

  Error NotNumber(std::size_t column) const {
    return Here("csv.number", Name(schema_[column]) + " is not a plain decimal number" +
                                  (selection_.format.trim ? "" : " (spaces count, the format does not trim)"));
  }

  // The line that is skipped must not be a record, or a selection of the whole file could leave one out.
  Status Skip() {
    if (selection_.format.skip_lines == 0) return {};
    CsvScanner line = scanner_;
    std::size_t fields = 0;
    auto end = CsvScanner::End::kDelimiter;
    std::string_view field;
    for (; end == CsvScanner::End::kDelimiter; ++fields) end = line.Next(&field);
    if (end == CsvScanner::End::kRecord && fields == schema_.size()) {
      return Here("csv.skip", "the line to skip has " + std::to_string(fields) + " fields, as a record has");
    }
    scanner_.SkipLine();
    return {};
  }

  Status ReadHeader() {
    if (!scanner_.More()) {
      return scanner_.error_id().empty() ? Here("csv.header", "the file ends before its header") : ScannerError(0);
    }
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      std::string_view field;
      const CsvScanner::End end = scanner_.Next(&field);
      if (end == CsvScanner::End::kError) return ScannerError(i);
      if (field != schema_[i].name) return Here("csv.header", "another name than " + Name(schema_[i]));
      const bool last = i + 1 == schema_.size();
      if (end != (last ? CsvScanner::End::kRecord : CsvScanner::End::kDelimiter)) {
        return Here("csv.header", last ? "names follow " + Name(schema_[i]) + ", the last of the schema"
                                       : "the header ends at " + Name(schema_[i]) + ", which is not the last");
      }
    }
    return {};
  }

  Status Prepare(std::vector<ColumnData>* out) {
    // A record has at least one byte a column: delimiters and a line feed. So memory stays in proportion to the file.
    const std::string_view text = Text(file_);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    const std::size_t room = std::min({lines, text.size() / schema_.size() + 1, kMaxRows});
    out->resize(schema_.size());
    readers_.resize(schema_.size());
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      ColumnData& data = (*out)[i];
      data.name = schema_[i].name;
      data.type = schema_[i].type;
      data.shape = schema_[i].shape;
      readers_[i].numeric = data.type == ColumnType::kNumeric;
      readers_[i].text = data.type == ColumnType::kText || data.type == ColumnType::kImage;
      readers_[i].data = &data;
      if (selection_.target && selection_.target->column == data.name) {
        readers_[i].strip_suffix = selection_.target->strip_suffix;
      }
      if (readers_[i].numeric) {
        data.numbers.resize(room);
      } else if (readers_[i].text) {
        data.texts.resize(room);
      } else {
        data.codes.resize(room);
      }
    }
    return {};
  }

  void Finish(std::vector<ColumnData>* out, std::size_t rows) {
    for (std::size_t i = 0; i < out->size(); ++i) {
      ColumnData& data = (*out)[i];
      if (readers_[i].numeric) {
        data.numbers.resize(rows);
      } else if (readers_[i].text) {
        data.texts.resize(rows);
      } else {
        data.codes.resize(rows);
        data.values = std::move(readers_[i].dictionary).Take();
      }
    }
  }

  const artifact::MeasuredFile& file_;
  const Selection& selection_;
  const std::vector<Column>& schema_;
  CsvScanner scanner_;
  std::vector<ColumnReader> readers_;
};

}  // namespace

Result<FileContent> ReadCsv(const artifact::MeasuredFile& file, const Selection& selection) {
  FileContent content;
  ATTESTML_CHECK(Reader(file, selection).Read(&content.columns, &content.num_rows));
  return content;
}

}  // namespace attestml::data
