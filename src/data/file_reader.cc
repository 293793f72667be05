#include "data/file_reader.h"

#include "data/csv_reader.h"

namespace attestml::data {

using statement::FileType;

Result<FileContent> ReadContent(const artifact::MeasuredFile& file, const statement::Selection& selection) {
  switch (selection.format.type) {
    case FileType::kCsv:
      return ReadCsv(file, selection);
    case FileType::kIdx:
      return ReadIdx(file, selection);
    case FileType::kCifar10:
    case FileType::kCifar100:
      return ReadCifar(file, selection);
    case FileType::kImageFolder:
      return ReadImageFolder(file, selection);
    case FileType::kNpy:
      return ReadNpy(file, selection);
    case FileType::kSafetensors:
      return ReadTensors(file, selection);
  }
  return Unsupported("selection.format", "no reader for this format");
}

}  // namespace attestml::data
