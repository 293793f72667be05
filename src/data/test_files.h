// Helpers of the tests of this folder: files of other formats than text, made by hand.
#pragma once

#include <png.h>
#include <zlib.h>
// jpeglib.h wants size_t and FILE.
#include <cstdio>
// The order matters to it.
#include <jpeglib.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "data/test_tables.h"

namespace attestml::data {

inline artifact::MeasuredFile FileOf(const Bytes& bytes, std::string name) {
  return artifact::MeasuredFile::FromBytes(bytes, std::move(name));
}

inline statement::Column ImageColumn(std::string name, std::vector<std::uint32_t> shape) {
  return {std::move(name), statement::ColumnType::kImage, true, std::move(shape)};
}

inline void AppendU32Be(std::uint32_t value, Bytes* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<std::uint8_t>(value >> shift));
}

inline Bytes IdxOf(const std::vector<std::uint32_t>& sizes, const Bytes& elements, std::uint8_t type = 8) {
  Bytes out = {0, 0, type, static_cast<std::uint8_t>(sizes.size())};
  for (const std::uint32_t size : sizes) AppendU32Be(size, &out);
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

inline Bytes GzipOf(const Bytes& bytes) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes out(deflateBound(&stream, bytes.size()) + 64);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline Bytes NpyOf(const std::string& header, const Bytes& elements, unsigned major = 1) {
  Bytes out = {0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(major), 0};
  for (unsigned i = 0; i < (major == 1 ? 2U : 4U); ++i) {
    out.push_back(static_cast<std::uint8_t>(header.size() >> (8 * i)));
  }
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

inline std::string NpyHeader(const std::string& type, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }   \n";
}

template <typename T>
Bytes LittleBytes(const std::vector<T>& values) {
  Bytes out(values.size() * sizeof(T));
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

// Interleaved samples → a PNG file, by libpng.
inline Bytes PngOf(const Bytes& samples, std::uint32_t channels, std::uint32_t height, std::uint32_t width) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes out(size);
  EXPECT_NE(png_image_write_to_memory(&image, out.data(), &size, 0, samples.data(), 0, nullptr), 0);
  out.resize(size);
  return out;
}

// Interleaved samples → a JPEG file of the best quality, without subsampling.
inline Bytes JpegOf(Bytes samples, unsigned channels, std::uint32_t height, std::uint32_t width,
                    bool progressive = false) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = static_cast<int>(channels);
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  for (int i = 0; i < jpeg.num_components; ++i) {
    jpeg.comp_info[i].h_samp_factor = jpeg.comp_info[i].v_samp_factor = 1;
  }
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = samples.data() + std::size_t{jpeg.next_scanline} * width * channels;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  Bytes out(bytes, bytes + size);
  jpeg_destroy_compress(&jpeg);
  std::free(bytes);
  return out;
}

}  // namespace attestml::data
