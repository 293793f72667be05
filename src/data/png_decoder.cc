// PNG (ISO/IEC 15948). The chunks are walked here, strictly; libpng sees only header, pixels and end.
#include <png.h>
#include <zlib.h>

#include <csetjmp>
#include <cstring>

#include "base/byte_reader.h"
#include "data/image_decoder.h"

namespace attestml::data {
namespace {

constexpr std::uint32_t kMaxChunk = 0x7fffffff;
// Of a chunk that says nothing about pixels (colour profile, EXIF, text): larger than any profile in use, and small
// enough that reading over it costs nothing.
constexpr std::uint32_t kMaxOtherChunk = 1U << 20U;

Error Bad(std::string message) { return Malformed("image.png", std::move(message)); }

bool IsLetter(std::uint8_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

Status CheckHeader(BytesView body, const ImageShape& shape) {
  ByteReader in(body);
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::array<std::uint8_t, 5> rest{};  // depth, colour type, compression, filter, interlace
  if (!in.ReadU32Be(&width) || !in.ReadU32Be(&height) || !in.ReadArray(&rest) || !in.empty()) {
    return Bad("a header of " + std::to_string(body.size()) + " bytes, want 13");
  }
  const bool grey = rest[1] == PNG_COLOR_TYPE_GRAY;
  if (rest[0] != 8 || (!grey && rest[1] != PNG_COLOR_TYPE_RGB)) {
    return Malformed("image.type", "a PNG file of " + std::to_string(rest[0]) + " bits and colour type " +
                                       std::to_string(rest[1]) +
                                       ", want 8 bits and type 0 (grey) or 2 (red, green, blue)");
  }
  return CheckShape(shape, grey ? 1 : 3, height, width);
}

void AppendU32Be(std::uint32_t value, Bytes* out) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out->push_back(static_cast<std::uint8_t>(value >> shift));
}

void AppendChunk(std::string_view type, BytesView body, Bytes* out) {
  AppendU32Be(static_cast<std::uint32_t>(body.size()), out);
  const std::size_t begin = out->size();
  out->insert(out->end(), type.begin(), type.end());
  out->insert(out->end(), body.begin(), body.end());
  const BytesView summed = BytesView(*out).subspan(begin);
  AppendU32Be(static_cast<std::uint32_t>(crc32_z(0, summed.data(), summed.size())), out);
}

// Walks every chunk of the file and copies what decides about pixels: signature, IHDR, IDAT and IEND. The pixels become
// one chunk, so that libpng, which passes over chunks behind the end of the compressed data, sees bytes left over.
Result<Bytes> Essence(BytesView file, const ImageShape& shape) {
  constexpr std::size_t kSignature = 8;
  Bytes out(file.begin(), file.begin() + kSignature);
  ByteReader in(file.subspan(kSignature));
  Bytes compressed;
  bool header = false;
  bool pixels = false;
  bool pixels_ended = false;
  bool palette = false;
  while (true) {
    const BytesView begin = in.rest();
    std::uint32_t size = 0;
    std::array<std::uint8_t, 4> type{};
    BytesView body;
    std::uint32_t checksum = 0;
    if (!in.ReadU32Be(&size) || !in.ReadArray(&type)) return Bad("the file ends within a chunk");
    if (size > kMaxChunk) return Bad("a chunk longer than 2^31-1 bytes");
    for (const std::uint8_t c : type) {
      if (!IsLetter(c)) return Bad("a chunk type that is not four letters");
    }
    const std::string_view name(reinterpret_cast<const char*>(type.data()), type.size());
    if (name != "IDAT" && size > kMaxOtherChunk) {
      return Malformed("image.chunk", "chunk " + std::string(name) + " of a PNG file says " + std::to_string(size) +
                                          " bytes, want at most " + std::to_string(kMaxOtherChunk));
    }
    if (!in.ReadBytes(size, &body) || !in.ReadU32Be(&checksum)) return Bad("the file ends within a chunk");
    const BytesView summed = begin.subspan(4, 4 + std::size_t{size});
    if (crc32_z(0, summed.data(), summed.size()) != checksum) {
      return Bad("chunk " + std::string(name) + " has a wrong checksum");
    }
    if (header != (name != "IHDR")) return Bad("the header is not the first chunk, or stands twice");
    if (name == "IHDR") {
      ATTESTML_CHECK(CheckHeader(body, shape));
      AppendChunk(name, body, &out);
      header = true;
    } else if (name == "IDAT") {
      if (pixels_ended) return Bad("other chunks stand between those of the pixels");
      pixels = true;
      compressed.insert(compressed.end(), body.begin(), body.end());
    } else if (name == "IEND") {
      if (size != 0) return Bad("the end chunk holds bytes");
      if (!pixels) return Bad("there are no pixels");
      break;
    } else {
      pixels_ended = pixels;
      if (name == "tRNS") return Malformed("image.type", "a PNG file with transparency");
      if (name == "acTL") return Malformed("image.type", "an animated PNG file");
      // A palette that is only a suggestion. Other chunks with a capital letter change what the pixels mean.
      if (name == "PLTE") {
        if (palette || pixels) return Bad("a palette that stands twice or behind the pixels");
        palette = true;
      } else if (type[0] <= 'Z') {
        return Malformed("image.type", "a PNG file with a chunk " + std::string(name) + ", which is not known");
      }
    }
  }
  if (!in.empty()) {
    return Malformed("image.trailing", std::to_string(in.remaining()) + " bytes follow the end of a PNG file");
  }
  if (compressed.size() > kMaxChunk) return Bad("more than 2^31-1 bytes of pixels");
  AppendChunk("IDAT", compressed, &out);
  AppendChunk("IEND", {}, &out);
  return out;
}

struct Source {
  const std::uint8_t* at = nullptr;
  std::size_t left = 0;
  char message[96] = {};
};

extern "C" {

static void OnPngError(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof(source->message) - 1);
  png_longjmp(png, 1);
}

static void ReadPngBytes(png_structp png, png_bytep to, std::size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (size > source->left) png_error(png, "the file ends early");
  std::memcpy(to, source->at, size);
  source->at += size;
  source->left -= size;
}

}  // extern "C"

// All that is alive in here when libpng jumps is plain memory of the caller's. Warnings are errors.
bool Decode(Source* source, png_bytep* rows) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, source, OnPngError, OnPngError);
  if (png == nullptr) return false;
  png_infop info = png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_read_fn(png, source, ReadPngBytes);
  png_set_benign_errors(png, 0);
  png_read_info(png, info);
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

}  // namespace

Status DecodePng(BytesView file, const ImageShape& shape, std::uint8_t* rows) {
  ATTESTML_TRY(const Bytes essence, Essence(file, shape));
  Source source;
  source.at = essence.data();
  source.left = essence.size();
  std::vector<png_bytep> pointers(shape.height);
  for (std::size_t row = 0; row < shape.height; ++row) pointers[row] = rows + row * shape.width * shape.channels;
  if (!Decode(&source, pointers.data())) {
    return Bad(source.message[0] != 0 ? source.message : "libpng does not start");
  }
  if (source.left != 0) return Bad("libpng left bytes unread");
  return {};
}

}  // namespace attestml::data
