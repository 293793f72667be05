// DecodeImage: one PNG or JPEG file as bytes by channel, row and column. spec/selection.md section 2.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::data {

struct ImageShape {
  std::uint32_t channels = 0;  // 1: grey, 3: red, green, blue
  std::uint32_t height = 0;
  std::uint32_t width = 0;

  std::size_t size() const { return std::size_t{channels} * height * width; }
};

// DecodeImage fills shape.size() bytes at `out` from a file of exactly that shape. The size that a file claims is
// compared before anything is decoded. What the file's first bytes say it is counts, not its name. Error ids image.type
// (neither PNG nor JPEG, or of a kind that is not read), image.shape, image.png, image.jpeg, image.trailing.
Status DecodeImage(BytesView file, const ImageShape& shape, std::uint8_t* out);

// The two that DecodeImage picks from. They fill rows of interleaved samples.
Status DecodePng(BytesView file, const ImageShape& shape, std::uint8_t* rows);
Status DecodeJpeg(BytesView file, const ImageShape& shape, std::uint8_t* rows);

// The shape that a file claims against the one that is wanted: image.shape.
Status CheckShape(const ImageShape& shape, std::uint64_t channels, std::uint64_t height, std::uint64_t width);

}  // namespace attestml::data
