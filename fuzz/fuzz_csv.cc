// The first byte chooses the format's options, the rest is the file.
#include "artifact/measured_file.h"
#include "data/encoder.h"
#include "data/table.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  if (size == 0) return 0;
  statement::Selection selection;
  selection.format.header = (data[0] & 1) != 0;
  selection.format.trim = (data[0] & 2) != 0;
  selection.format.skip_lines = (data[0] & 4) != 0 ? 1 : 0;
  selection.format.missing = (data[0] & 8) != 0 ? "?" : "";
  selection.format.delimiter = (data[0] & 16) != 0 ? ';' : ',';
  selection.format.quote = (data[0] & 64) == 0;
  selection.missing = (data[0] & 32) != 0 ? statement::MissingPolicy::kDrop : statement::MissingPolicy::kCategory;
  selection.columns = {{"a", statement::ColumnType::kNumeric, true},
                       {"b", statement::ColumnType::kCategorical, true},
                       {"c", statement::ColumnType::kCategorical, false}};
  selection.target = statement::Target{"c", "", "."};
  const auto file = artifact::MeasuredFile::FromBytes(Bytes(data + 1, data + size), "fuzz.csv");
  const auto table = data::Table::Read(file, selection);
  if (!table.ok()) return 0;
  fuzz::Require(table->Leaves(true).size() == table->rows() && table->Records().count == table->rows());
  for (std::size_t row = 0; row < table->rows() && row < 4; ++row) {
    static_cast<void>(data::CanonicalRecord(*table, row, true));
  }
  if (const auto encoding = data::FitEncoding(*table); encoding.ok()) {
    std::vector<float> out;
    fuzz::Require(data::Encode(*table, *encoding, &out).ok() && out.size() == table->rows() * encoding->width());
  }
  return 0;
}
