// Random is the one generator behind every seeded choice: splits, shuffles, initial weights. spec/selection.md section
// 4 pins it to the bit, so that a split can be repeated in another language. It is not for keys or nonces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace attestml {

// xoshiro256**, its state filled by SplitMix64 from the seed and the FNV-1a hash of the purpose. The purpose ("split",
// "shuffle") keeps the streams of one seed apart.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view purpose);

  std::uint64_t Next();
  // Uniform on 0 … n-1, without bias; `n` is at least 1.
  std::uint64_t Below(std::uint64_t n);
  // Uniform on the multiples of 2^-53 in [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11U) * 0x1p-53; }

  // Fisher–Yates from the back: element i changes places with element Below(i + 1), for i = size-1 … 1.
  template <typename T>
  void Shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      using std::swap;
      swap(items[i - 1], items[static_cast<std::size_t>(Below(i))]);
    }
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace attestml
