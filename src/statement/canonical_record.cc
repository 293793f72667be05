#include "statement/canonical_record.h"

#include <limits>

#include "base/decimal.h"
#include "base/json.h"

namespace attestml::statement {
namespace {

std::string CellText(const Column& column) {
  std::string text(ColumnTypeName(column.type));
  for (std::size_t i = 0; i < column.shape.size(); ++i) {
    text += (i == 0 ? " " : "x") + std::to_string(column.shape[i]);
  }
  return text;
}

// Saturates: more than kMaxRecord is as wrong as any other number.
std::size_t CellSize(const Column& column) {
  std::size_t size = column.type == ColumnType::kTensor ? sizeof(float) : 1;
  for (const std::uint32_t n : column.shape) {
    if (n != 0 && size > kMaxRecord / n) return std::numeric_limits<std::size_t>::max();
    size *= n;
  }
  return size;
}

// Where nothing can be quoted, a field ends at the next delimiter or line end, and what is trimmed is gone.
// Behind a blank that ends a target, a suffix may have stood that is not part of it.
std::string_view UnquotedObjection(std::string_view text, const Column& column, const Selection& selection) {
  const FileFormat& format = selection.format;
  if (!format.IsText()) return "";
  if (text.find('\0') != std::string_view::npos) return "holds a zero byte, which no file of text has";
  if (format.quote) return "";
  if (text.find(format.delimiter) != std::string_view::npos || text.find_first_of("\r\n") != std::string_view::npos) {
    return "holds a delimiter or a line end, and no field is quoted";
  }
  if (!format.trim) return "";
  if (text.starts_with(' ') || text.starts_with('\t')) return "starts with a blank, and fields are trimmed";
  const bool suffixed =
      selection.target && selection.target->column == column.name && !selection.target->strip_suffix.empty();
  return !suffixed && (text.ends_with(' ') || text.ends_with('\t')) ? "ends with a blank, and fields are trimmed" : "";
}

// Why this is not how records write a number, and how they would.
std::string NumberObjection(std::string_view text) {
  std::string_view digits = text;
  // ParseDecimal takes neither; what somebody meant is clear all the same.
  if (digits.starts_with('+')) digits.remove_prefix(1);
  while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') digits.remove_prefix(1);
  const auto value = ParseDecimal(digits);
  const std::string shown = "is " + DumpJson(Json(text.substr(0, 40)));
  if (!value) return shown + ", which is no number";
  return shown + ", want a number as records write it: " + DumpJson(Json(FormatDecimal(*value)));
}

// Why this cannot be the value of the column; "" when it can.
std::string Objection(const Json& value, const Column& column, const Selection& selection) {
  const bool text = value.is_string();
  if (!text && !value.is_null()) return "is neither a string nor null";
  const std::string_view shown = text ? std::string_view(value.get_ref<const std::string&>()) : "";
  switch (column.type) {
    case ColumnType::kNumeric:
      if (text && !IsShortestDecimal(shown)) return NumberObjection(shown);
      break;
    case ColumnType::kCategorical:
      if (text && shown.empty()) return "is empty, which is missing: want null";
      if (text && shown == selection.format.missing) return "is the mark for missing: want null";
      if (const auto why = UnquotedObjection(shown, column, selection); !why.empty()) return std::string(why);
      break;
    case ColumnType::kText:
      return text ? std::string(UnquotedObjection(shown, column, selection)) : "is null, and a text is never missing";
    case ColumnType::kImage:
    case ColumnType::kTensor:
      return text && shown == CellText(column) ? "" : "is not the shape of its bytes";
  }
  return !text && selection.missing == MissingPolicy::kDrop ? "is null, and records with missing values are left out"
                                                            : "";
}

}  // namespace

Result<std::string_view> RecordText(BytesView record) {
  if (record.size() > kMaxRecord) {
    return Malformed("record.size", "the record has " + std::to_string(record.size()) + " bytes, want at most " +
                                        std::to_string(kMaxRecord));
  }
  const std::string_view all = AsText(record);
  if (all.empty() || all.front() != '[') return Malformed("record.text", "the record does not start with \"[\"");
  bool quoted = false;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (quoted && all[i] == '\\') {
      ++i;
    } else if (all[i] == '"') {
      quoted = !quoted;
    } else if (all[i] == ']' && !quoted) {
      return all.substr(0, i + 1);
    }
  }
  return Malformed("record.text", "the record's array does not end");
}

Status CheckRecord(BytesView record, const Selection& selection) {
  ATTESTML_TRY(const std::string_view text, RecordText(record));
  const auto values = ParseJson(text, {.max_bytes = kMaxRecord, .max_depth = 2, .max_values = 8192});
  if (!values.ok()) return Malformed("record.text", "the record is no JSON array: " + values.error().message);
  if (!values->is_array() || DumpJson(*values) != text) {
    return Malformed("record.text", "the record is not in canonical form, want " + DumpJson(*values).substr(0, 200));
  }
  if (values->size() != selection.columns.size()) {
    return Malformed("record.columns", "the record has " + std::to_string(values->size()) + " values, want " +
                                           std::to_string(selection.columns.size()));
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < values->size(); ++i) {
    const Column& column = selection.columns[i];
    const std::string objection = Objection((*values)[i], column, selection);
    if (!objection.empty()) {
      return Malformed("record.value",
                       "value " + std::to_string(i + 1) + " (" + column.name.substr(0, 64) + ") " + objection);
    }
    if (column.type != ColumnType::kImage && column.type != ColumnType::kTensor) continue;
    const std::size_t size = CellSize(column);
    bytes = size > kMaxRecord || bytes > kMaxRecord ? kMaxRecord + 1 : bytes + size;
  }
  if (record.size() - text.size() != bytes) {
    return Malformed("record.bytes", std::to_string(record.size() - text.size()) +
                                         " bytes of images and tensors follow, want " + std::to_string(bytes));
  }
  return {};
}

Status CheckWithoutSuffix(BytesView record, const Selection& selection) {
  if (!selection.target || selection.target->strip_suffix.empty()) return {};
  ATTESTML_TRY(const std::string_view text, RecordText(record));
  ATTESTML_TRY(const Json values, ParseJson(text, {.max_bytes = kMaxRecord}));
  for (std::size_t i = 0; i < selection.columns.size() && i < values.size(); ++i) {
    if (selection.columns[i].name != selection.target->column || !values[i].is_string()) continue;
    if (!values[i].get_ref<const std::string&>().ends_with(selection.target->strip_suffix)) continue;
    return Malformed("record.suffix", "the target ends in \"" + selection.target->strip_suffix +
                                          "\", which records are written without: ask for the record without it");
  }
  return {};
}

}  // namespace attestml::statement
