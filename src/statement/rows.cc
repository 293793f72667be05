#include "statement/rows.h"

#include <algorithm>

#include "statement/fields.h"

namespace attestml::statement {
namespace {

bool Same(const Column& a, const Column& b) { return a.name == b.name && a.type == b.type && a.shape == b.shape; }

bool Same(const std::vector<Column>& a, const std::vector<Column>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Column& x, const Column& y) { return Same(x, y); });
}

std::string ColumnText(const Column& column) {
  std::string text = "\"" + Cut(column.name) + "\", " + std::string(ColumnTypeName(column.type));
  for (const auto size : column.shape) text += " " + std::to_string(size);
  return text;
}

std::string ColumnsObjection(const std::vector<Column>& rows, const std::vector<Column>& trained) {
  for (std::size_t i = 0; i < std::min(rows.size(), trained.size()); ++i) {
    if (Same(rows[i], trained[i])) continue;
    return "column " + std::to_string(i + 1) + " is " + ColumnText(rows[i]) + ", in training " + ColumnText(trained[i]);
  }
  return "there are " + std::to_string(rows.size()) + " columns, in training " + std::to_string(trained.size());
}

std::string FormatObjection(const FileFormat& rows, const FileFormat& trained) {
  const auto differ = [](std::string_view what, const std::string& seen, const std::string& wanted) {
    return std::string(what) + " is " + seen + ", in training " + wanted;
  };
  const auto quoted = [](const std::string& text) { return "\"" + Cut(text) + "\""; };
  const auto word = [](bool on) { return std::string(on ? "on" : "off"); };
  if (rows.type != trained.type) {
    return differ("the kind of file", std::string(FileTypeName(rows.type)), std::string(FileTypeName(trained.type)));
  }
  if (rows.missing != trained.missing) {
    return differ("the mark for missing", quoted(rows.missing), quoted(trained.missing));
  }
  if (rows.delimiter != trained.delimiter) {
    return differ("the delimiter", quoted({rows.delimiter}), quoted({trained.delimiter}));
  }
  if (rows.trim != trained.trim) return differ("trimming", word(rows.trim), word(trained.trim));
  if (rows.quote != trained.quote) return differ("quoting", word(rows.quote), word(trained.quote));
  if (!rows.header && trained.header) return "the rows have no header, in training there was one";
  return "";
}

}  // namespace

Selection RowsOf(Selection selection) {
  selection.filter.clear();
  selection.split.reset();
  selection.missing = MissingPolicy::kCategory;
  selection.sensitive.clear();
  return selection;
}

Status CheckRows(const Selection& rows) {
  if (rows.Whole() && rows.sensitive.empty()) return {};
  return Malformed("claim.inference.rows",
                   "rows are filtered, split, left out or grouped, want a selection of every row and no groups");
}

std::string RowsObjection(const Selection& rows, const Selection& trained) {
  if (std::string why = FormatObjection(rows.format, trained.format); !why.empty()) return why;
  if (Same(rows.columns, trained.columns)) {
    // The column that may be left out must be the one that the model predicts.
    const bool same = !rows.target || (trained.target && rows.target->column == trained.target->column);
    return same ? "" : "\"" + Cut(rows.target->column) + "\" may be left out, and it is not what the model predicts";
  }
  std::vector<Column> without = trained.columns;
  if (trained.target) std::erase_if(without, [&](const Column& c) { return c.name == trained.target->column; });
  if (!rows.target && Same(rows.columns, without)) return "";
  return ColumnsObjection(rows.columns, trained.columns);
}

}  // namespace attestml::statement
