// CIFAR-10 and CIFAR-100, binary version: records of one label byte (two: coarse, fine), then 3072 bytes of pixels,
// red, green, blue plane, row by row. (A. Krizhevsky, "The CIFAR-10 and CIFAR-100 datasets".)
#include <limits>

#include "data/file_reader.h"

namespace attestml::data {
namespace {

using statement::FileType;

constexpr std::size_t kPixels = 3072;

}  // namespace

Result<FileContent> ReadCifar(const artifact::MeasuredFile& file, const statement::Selection& selection) {
  const bool coarse = selection.format.type == FileType::kCifar100;
  const std::size_t labels = coarse ? 2 : 1;
  const unsigned classes[] = {coarse ? 20U : 10U, 100U};
  const std::size_t record = labels + kPixels;
  std::vector<artifact::MeasuredFile> parts = file.parts();
  if (parts.empty()) parts = {file};
  std::size_t rows = 0;
  for (const artifact::MeasuredFile& part : parts) {
    if (part.bytes().empty() || part.bytes().size() % record != 0) {
      return Malformed("cifar.size", file.name() + " (" + part.name() + "): " + std::to_string(part.bytes().size()) +
                                         " bytes, want a multiple of " + std::to_string(record));
    }
    rows += part.bytes().size() / record;
  }
  if (rows > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    return Malformed("cifar.size", file.name() + ": more records than 2147483647");
  }

  FileContent out;
  out.num_rows = rows;
  for (const statement::Column& column : selection.columns) {
    ColumnData data;
    data.name = column.name;
    data.type = column.type;
    data.shape = column.shape;
    out.columns.push_back(std::move(data));
  }
  ColumnData& image = out.columns.back();
  image.cells.size = kPixels;
  if (parts.size() == 1) {
    image.cells.owner = std::make_shared<const artifact::MeasuredFile>(parts[0]);
    image.cells.data = parts[0].bytes().data() + labels;
    image.cells.stride = record;
  } else {
    auto pixels = std::make_shared<Bytes>();
    pixels->reserve(rows * kPixels);
    for (const artifact::MeasuredFile& part : parts) {
      for (BytesView left = part.bytes(); !left.empty(); left = left.subspan(record)) {
        pixels->insert(pixels->end(), left.begin() + static_cast<std::ptrdiff_t>(labels),
                       left.begin() + static_cast<std::ptrdiff_t>(record));
      }
    }
    image.cells.data = pixels->data();
    image.cells.stride = kPixels;
    image.cells.owner = std::move(pixels);
  }
  for (std::size_t column = 0; column < labels; ++column) {
    ColumnData& data = out.columns[column];
    for (unsigned value = 0; value < classes[column]; ++value) data.values.push_back(std::to_string(value));
    data.codes.reserve(rows);
    for (const artifact::MeasuredFile& part : parts) {
      for (BytesView left = part.bytes(); !left.empty(); left = left.subspan(record)) {
        if (left[column] >= classes[column]) {
          return Malformed("cifar.label", file.name() + " (" + part.name() + "): record " +
                                              std::to_string(data.codes.size() + 1) + " has label " +
                                              std::to_string(left[column]) + ", want at most " +
                                              std::to_string(classes[column] - 1));
        }
        data.codes.push_back(left[column]);
      }
    }
  }
  return out;
}

}  // namespace attestml::data
