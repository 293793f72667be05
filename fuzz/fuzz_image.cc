// The first byte chooses the shape that is wanted, the rest is a PNG or JPEG file. What is read twice is the same.
#include "data/image_decoder.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  if (size == 0) return 0;
  const data::ImageShape shape{(data[0] & 1U) != 0 ? 3U : 1U, 1 + (data[0] >> 1U & 7U), 1 + (data[0] >> 4U & 7U)};
  const BytesView file(data + 1, size - 1);
  Bytes first(shape.size(), 0xee);
  Bytes second(shape.size(), 0x11);
  const bool good = data::DecodeImage(file, shape, first.data()).ok();
  fuzz::Require(data::DecodeImage(file, shape, second.data()).ok() == good);
  fuzz::Require(good ? first == second : first == Bytes(shape.size(), 0xee));
  return 0;
}
