// IDX, the format of the MNIST family: two zero bytes, element type, rank, sizes as big-endian 32-bit numbers,
// elements. (Y. LeCun, C. Cortes, C. Burges, "The MNIST database", file formats.)
#include <limits>

#include "base/byte_reader.h"
#include "data/file_reader.h"
#include "data/gunzip.h"

namespace attestml::data {
namespace {

using statement::Column;
using statement::ColumnType;

constexpr std::size_t kMaxBytes = std::size_t{16} << 30;
constexpr unsigned kMaxRank = 4;
constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::size_t kMaxRecords = std::numeric_limits<std::int32_t>::max();

struct Content {
  std::shared_ptr<const Bytes> unpacked;  // null when the part itself is the content
  BytesView elements;
  std::vector<std::uint32_t> sizes;
};

Error Bad(const std::string& file, std::string_view id, const std::string& message) {
  return Malformed(id, file + ": " + message);
}

std::string Text(const std::vector<std::uint32_t>& sizes) {
  std::string out;
  for (const std::uint32_t size : sizes) out += (out.empty() ? "" : " x ") + std::to_string(size);
  return out;
}

// Sizes, and how many bytes the header and the elements take together.
struct Header {
  std::vector<std::uint32_t> sizes;
  std::size_t size = 0;
  std::uint64_t elements = 1;
};

Result<Header> ReadHeader(BytesView bytes, const std::string& file) {
  Header header;
  ByteReader in(bytes);
  std::uint16_t zero = 1;
  std::uint8_t type = 0;
  std::uint8_t rank = 0;
  if (!in.ReadU16Be(&zero) || !in.ReadU8(&type) || !in.ReadU8(&rank) || zero != 0) {
    return Bad(file, "idx.header", "not an IDX file");
  }
  if (type != kUnsignedByte) {
    return Bad(file, "idx.type", "elements of type " + std::to_string(type) + ", want 8 (unsigned bytes)");
  }
  if (rank < 1 || rank > kMaxRank) return Bad(file, "idx.rank", "rank " + std::to_string(rank) + ", want 1 to 4");
  for (unsigned i = 0; i < rank; ++i) {
    std::uint32_t size = 0;
    if (!in.ReadU32Be(&size)) return Bad(file, "idx.header", "the file ends within its sizes");
    if (size == 0 || header.elements > kMaxBytes / size) {
      return Bad(file, "idx.size", "a size of 0, or more elements than " + std::to_string(kMaxBytes));
    }
    header.elements *= size;
    header.sizes.push_back(size);
  }
  if (header.sizes[0] > kMaxRecords) return Bad(file, "idx.size", "more records than 2147483647");
  header.size = bytes.size() - in.remaining();
  return header;
}

Result<Content> Open(const artifact::MeasuredFile& part, const std::string& file) {
  BytesView bytes = part.bytes();
  const bool packed = IsGzip(bytes);
  // Sizes are known before anything is unpacked, so no more comes out than they say.
  const Bytes head = packed ? GunzipHead(bytes, 4 + 4 * kMaxRank) : Bytes();
  ATTESTML_TRY(Header header, ReadHeader(packed ? BytesView(head) : bytes, file));
  Content content;
  if (packed) {
    auto unpacked = Gunzip(bytes, header.size + static_cast<std::size_t>(header.elements));
    if (!unpacked.ok()) return Within(file, std::move(unpacked).error());
    content.unpacked = std::make_shared<const Bytes>(std::move(unpacked).value());
    bytes = *content.unpacked;
  }
  content.elements = bytes.subspan(header.size);
  if (content.elements.size() != header.elements) {
    return Bad(file, "idx.size",
               std::to_string(content.elements.size()) + " elements follow the sizes " + Text(header.sizes) +
                   ", want " + std::to_string(header.elements));
  }
  content.sizes = std::move(header.sizes);
  return content;
}

Status FillImages(const std::string& file, const Column& column, const Content& content, ColumnData* out) {
  std::vector<std::uint32_t> shape(content.sizes.begin() + 1, content.sizes.end());
  if (shape.size() == 2) shape.insert(shape.begin(), 1);
  if (shape != column.shape) {
    return Bad(file, "idx.shape",
               "records of shape " + Text(shape) + ", column \"" + column.name + "\" wants " + Text(column.shape));
  }
  out->cells.data = content.elements.data();
  out->cells.size = content.elements.size() / content.sizes[0];
  out->cells.stride = out->cells.size;
  return {};
}

void FillCategories(const Content& content, ColumnData* out) {
  std::int32_t code_of[256];
  std::fill(std::begin(code_of), std::end(code_of), kMissingCode);
  out->codes.reserve(content.elements.size());
  for (const std::uint8_t byte : content.elements) {
    if (code_of[byte] == kMissingCode) {
      code_of[byte] = static_cast<std::int32_t>(out->values.size());
      out->values.push_back(std::to_string(byte));
    }
    out->codes.push_back(code_of[byte]);
  }
}

}  // namespace

Result<FileContent> ReadIdx(const artifact::MeasuredFile& file, const statement::Selection& selection) {
  std::vector<artifact::MeasuredFile> parts = file.parts();
  if (parts.empty()) parts = {file};
  if (parts.size() != selection.columns.size()) {
    return Malformed("idx.files", file.name() + ": " + std::to_string(parts.size()) + " files for " +
                                      std::to_string(selection.columns.size()) + " columns, want one a column");
  }
  FileContent out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Column& column = selection.columns[i];
    const std::string name = file.name() + " (" + parts[i].name() + ")";
    ATTESTML_TRY(const Content content, Open(parts[i], name));
    ColumnData data;
    data.name = column.name;
    data.type = column.type;
    data.shape = column.shape;
    if (i == 0) out.num_rows = content.sizes[0];
    if (content.sizes[0] != out.num_rows) {
      return Bad(
          name, "idx.rows",
          std::to_string(content.sizes[0]) + " records, the files before it have " + std::to_string(out.num_rows));
    }
    if (column.type == ColumnType::kImage) {
      ATTESTML_CHECK(FillImages(name, column, content, &data));
      // Whichever holds the memory.
      if (content.unpacked != nullptr) {
        data.cells.owner = content.unpacked;
      } else {
        data.cells.owner = std::make_shared<const artifact::MeasuredFile>(parts[i]);
      }
    } else if (content.sizes.size() != 1) {
      return Bad(
          name, "idx.rank",
          "rank " + std::to_string(content.sizes.size()) + ", column \"" + column.name + "\" has one value a record");
    } else if (column.type == ColumnType::kCategorical) {
      FillCategories(content, &data);
    } else if (column.type == ColumnType::kNumeric) {
      data.numbers.assign(content.elements.begin(), content.elements.end());
    } else {
      return Bad(name, "idx.type", "column \"" + column.name + "\" is neither image, category nor number");
    }
    out.columns.push_back(std::move(data));
  }
  return out;
}

}  // namespace attestml::data
