// The first byte says where the labels' file begins; before it are the images.
#include "artifact/measured_file.h"
#include "data/table.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  using artifact::MeasuredFile;
  if (size == 0) return 0;
  const std::size_t cut = 1 + std::min<std::size_t>(data[0], size - 1);
  statement::Selection selection;
  selection.format.type = statement::FileType::kIdx;
  selection.columns = {{"image", statement::ColumnType::kImage, true, {1, 2, 2}},
                       {"label", statement::ColumnType::kCategorical, true}};
  selection.target = statement::Target{"label", "", ""};
  const auto file = MeasuredFile::FromParts({MeasuredFile::FromBytes(Bytes(data + 1, data + cut), "images"),
                                             MeasuredFile::FromBytes(Bytes(data + cut, data + size), "labels")},
                                            "fuzz");
  const auto table = data::Table::Read(file, selection);
  if (!table.ok()) return 0;
  fuzz::Require(table->Leaves(true).size() == table->rows() && table->columns()[0].cells.size == 4);
  static_cast<void>(data::CanonicalRecord(*table, table->rows() - 1, true));
  return 0;
}
