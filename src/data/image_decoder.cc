#include "data/image_decoder.h"

#include <algorithm>
#include <array>

namespace attestml::data {
namespace {

constexpr std::array<std::uint8_t, 8> kPng = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::array<std::uint8_t, 3> kJpeg = {0xff, 0xd8, 0xff};

template <std::size_t n>
bool StartsWith(BytesView file, const std::array<std::uint8_t, n>& magic) {
  return file.size() >= n && std::equal(magic.begin(), magic.end(), file.begin());
}

std::string Text(std::uint64_t channels, std::uint64_t height, std::uint64_t width) {
  return std::to_string(channels) + " x " + std::to_string(height) + " x " + std::to_string(width);
}

}  // namespace

Status CheckShape(const ImageShape& shape, std::uint64_t channels, std::uint64_t height, std::uint64_t width) {
  if (channels == shape.channels && height == shape.height && width == shape.width) return {};
  return Malformed("image.shape", "an image of " + Text(channels, height, width) + ", want " +
                                      Text(shape.channels, shape.height, shape.width));
}

Status DecodeImage(BytesView file, const ImageShape& shape, std::uint8_t* out) {
  if (shape.channels != 1 && shape.channels != 3) {
    return Malformed("image.shape", "image files have 1 or 3 channels, want " + std::to_string(shape.channels));
  }
  const bool png = StartsWith(file, kPng);
  if (!png && !StartsWith(file, kJpeg)) return Malformed("image.type", "neither a PNG nor a JPEG file");
  // A file that fails half way must not leave half an image behind.
  Bytes rows(shape.size());
  ATTESTML_CHECK(png ? DecodePng(file, shape, rows.data()) : DecodeJpeg(file, shape, rows.data()));
  const std::size_t area = std::size_t{shape.height} * shape.width;
  const std::uint8_t* from = rows.data();
  for (std::size_t i = 0; i < area; ++i) {
    for (std::size_t channel = 0; channel < shape.channels; ++channel) out[channel * area + i] = *from++;
  }
  return {};
}

}  // namespace attestml::data
