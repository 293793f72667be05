// The first two bytes cap what may come out.
#include <algorithm>

#include "data/gunzip.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  if (size < 2) return 0;
  const std::size_t cap = data[0] | std::size_t{data[1]} << 8U;
  const BytesView file(data + 2, size - 2);
  const Bytes head = data::GunzipHead(file, 20);
  fuzz::Require(head.size() <= 20);
  const auto all = data::Gunzip(file, cap);
  if (!all.ok()) return 0;
  fuzz::Require(all->size() <= cap && std::equal(head.begin(), head.end(), all->begin()));
  return 0;
}
