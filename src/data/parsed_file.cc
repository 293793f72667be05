#include "data/parsed_file.h"

#include <algorithm>
#include <utility>

#include "data/file_reader.h"
#include "data/record.h"

namespace attestml::data {
namespace {

using statement::Column;
using statement::Selection;

bool SameColumns(const std::vector<Column>& a, const std::vector<Column>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Column& x, const Column& y) {
    return x.name == y.name && x.type == y.type && x.shape == y.shape;
  });
}

}  // namespace

Result<std::shared_ptr<const ParsedFile>> ParsedFile::Parse(const artifact::MeasuredFile& file,
                                                            const Selection& selection) {
  ATTESTML_CHECK(statement::CheckSelection(selection));
  std::shared_ptr<ParsedFile> parsed(new ParsedFile(file));
  parsed->format_ = selection.format;
  parsed->schema_ = selection.columns;
  if (selection.target) {
    parsed->target_ = static_cast<std::size_t>(selection.Find(selection.target->column) - selection.columns.data());
    parsed->strip_suffix_ = selection.target->strip_suffix;
  }
  ATTESTML_TRY(FileContent content, ReadContent(file, selection));
  parsed->rows_ = content.num_rows;
  parsed->columns_ = std::make_shared<const std::vector<ColumnData>>(std::move(content.columns));
  return std::shared_ptr<const ParsedFile>(std::move(parsed));
}

bool ParsedFile::Serves(const artifact::MeasuredFile& file, const Selection& selection) const {
  const std::string target = selection.target ? selection.target->column : "";
  const std::string own_target = target_ ? schema_[*target_].name : "";
  // Copies of one MeasuredFile share their memory; two reads of one path are two files.
  return file.bytes().data() == file_.bytes().data() && file.name() == file_.name() && format_ == selection.format &&
         SameColumns(schema_, selection.columns) && target == own_target &&
         strip_suffix_ == (selection.target ? selection.target->strip_suffix : "");
}

std::vector<crypto::Digest256> ParsedFile::Leaves(const std::vector<std::uint32_t>& rows, bool with_label) const {
  const bool omit = !with_label && target_.has_value();
  LeafStore& store = leaf_stores_[omit ? 0 : 1];
  std::vector<crypto::Digest256> out(rows.size());
  const std::lock_guard lock(store.mutex);
  store.leaves.resize(rows_);
  store.known.resize(rows_);
  RecordWriter writer(*columns_, omit ? target_ : std::nullopt);
  crypto::Sha256Batch batch;
  for (const std::uint32_t row : rows) {
    if (store.known[row]) continue;
    writer.AddLeaf(row, &batch, &store.leaves[row]);
    store.known[row] = true;
  }
  batch.Flush();
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = store.leaves[rows[i]];
  return out;
}

Result<std::shared_ptr<const ParsedFile>> ParsedFiles::Get(const artifact::MeasuredFile& file,
                                                           const Selection& selection) {
  for (const auto& known : files_) {
    if (known->Serves(file, selection)) {
      ATTESTML_CHECK(statement::CheckSelection(selection));
      return known;
    }
  }
  ATTESTML_TRY(auto parsed, ParsedFile::Parse(file, selection));
  files_.push_back(parsed);
  return parsed;
}

}  // namespace attestml::data
