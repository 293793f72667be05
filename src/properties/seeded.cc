#include "properties/seeded.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace attestml::properties {
namespace {

std::uint64_t FirstWord(const crypto::Digest256& digest) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word |= std::uint64_t{digest[i]} << (8 * i);
  return word;
}

}  // namespace

Random RecordRandom(const crypto::Digest256& seed, std::string_view purpose, std::uint64_t record) {
  Bytes bytes(seed.begin(), seed.end());
  for (std::size_t i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(record >> (8 * i)));
  return {FirstWord(crypto::Sha256(bytes)), purpose};
}

double NormalDraws::Next() {
  if (has_second_) {
    has_second_ = false;
    return second_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - random_->Uniform()));
  const double angle = 2 * std::numbers::pi * random_->Uniform();
  second_ = radius * std::sin(angle);
  has_second_ = true;
  return radius * std::cos(angle);
}

std::vector<std::uint32_t> DrawRecords(const crypto::Digest256& seed, std::size_t rows, std::size_t count) {
  std::vector<std::uint32_t> records(rows);
  std::iota(records.begin(), records.end(), 0U);
  if (count >= rows) return records;
  Random random(FirstWord(seed), "records");
  random.Shuffle(std::span<std::uint32_t>(records));
  records.resize(count);
  std::sort(records.begin(), records.end());
  return records;
}

}  // namespace attestml::properties
