// Draws of a property: from the derived seed alone, and for each record by itself, so that neither the order of records
// nor the size of batches matters. spec/properties.md, "robustness", draws.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "crypto/digest.h"

namespace attestml::properties {

// The generator of one purpose and one record, which is counted from 0 over the selection: Random of purpose `purpose`,
// seeded by the first 8 bytes, little-endian, of SHA-256(seed || record as 8 bytes, little-endian).
Random RecordRandom(const crypto::Digest256& seed, std::string_view purpose, std::uint64_t record);

// Standard normal numbers by Box and Muller, from pairs u, v of uniform ones: with r = sqrt(-2 ln(1 - u)), first
// r cos(2 pi v), then r sin(2 pi v).
class NormalDraws {
 public:
  explicit NormalDraws(Random* random) : random_(random) {}
  double Next();

 private:
  Random* random_;
  bool has_second_ = false;
  double second_ = 0;
};

// `count` of `rows` record numbers, ascending: the first of a shuffle by Random of purpose "records", seeded by the
// first 8 bytes, little-endian, of `seed`. All of them when there are no more.
std::vector<std::uint32_t> DrawRecords(const crypto::Digest256& seed, std::size_t rows, std::size_t count);

}  // namespace attestml::properties
