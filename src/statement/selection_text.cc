// The canonical text of a selection, written in order of the member names.
#include <string>

#include "statement/selection.h"
#include "statement/selection_names.h"

namespace attestml::statement {
namespace {

// Appends text: literals as they are, strings quoted.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}
  Writer& operator<<(std::string_view literal) {
    *out_ += literal;
    return *this;
  }
  Writer& Quoted(std::string_view text) {
    AppendJsonString(text, out_);
    return *this;
  }
  Writer& Bool(bool value) { return *this << (value ? "true" : "false"); }

  // "[" the elements, each by `write`, "]".
  template <typename List, typename Write>
  Writer& Array(const List& list, Write write) {
    *out_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) *out_ += ',';
      write(list[i]);
    }
    *out_ += ']';
    return *this;
  }

 private:
  std::string* out_;
};

}  // namespace

std::string SelectionText(const Selection& selection) {
  std::string text;
  text.reserve(512 + 64 * selection.columns.size());
  Writer out(&text);
  const auto quoted = [&out](const std::string& value) { out.Quoted(value); };

  (out << R"({"columns":)").Array(selection.columns, [&](const Column& column) {
    (out << R"({"feature":)").Bool(column.feature) << R"(,"name":)";
    out.Quoted(column.name);
    if (!column.shape.empty()) {
      (out << R"(,"shape":)").Array(column.shape, [&](std::uint32_t size) { out << std::to_string(size); });
    }
    out << R"(,"type":")" << ColumnTypeName(column.type) << R"("})";
  });
  (out << R"(,"filter":)").Array(selection.filter, [&](const Condition& condition) {
    (out << R"({"column":)").Quoted(condition.column) << R"(,"comparison":")" << ComparisonName(condition.comparison);
    (out << R"(","values":)").Array(condition.values, quoted) << "}";
  });
  const FileFormat& format = selection.format;
  out << R"(,"format":{)";
  if (format.IsText()) {
    (out << R"("delimiter":)").Quoted({&format.delimiter, 1}) << R"(,"header":)";
    (out.Bool(format.header) << R"(,"missing":)").Quoted(format.missing);
    if (!format.quote) out << R"(,"quote":false)";
    (out << R"(,"skipLines":)" << std::to_string(format.skip_lines) << R"(,"trim":)").Bool(format.trim) << ",";
  }
  out << R"("type":")" << FileTypeName(format.type) << R"("},"missing":")"
      << (selection.missing == MissingPolicy::kDrop ? "drop" : "category");
  (out << R"(","sensitive":)").Array(selection.sensitive, quoted) << R"(,"split":)";
  if (selection.split) {
    (out << R"({"part":)").Quoted(selection.split->part) << R"(,"parts":)";
    out.Array(selection.split->parts, [&](const Split::Part& part) {
      (out << R"({"fraction":)").Quoted(part.fraction) << R"(,"name":)";
      out.Quoted(part.name) << "}";
    });
    out << R"(,"seed":")" << std::to_string(selection.split->seed) << R"(","stratify":)";
    out.Bool(selection.split->stratify) << "}";
  } else {
    out << "null";
  }
  out << R"(,"target":)";
  if (selection.target) {
    (out << R"({"column":)").Quoted(selection.target->column) << R"(,"positive":)";
    (out.Quoted(selection.target->positive) << R"(,"stripSuffix":)").Quoted(selection.target->strip_suffix) << "}";
  } else {
    out << "null";
  }
  out << "}";
  return text;
}

}  // namespace attestml::statement
