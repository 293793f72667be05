#include "base/random.h"

#include <bit>

namespace attestml {
namespace {

std::uint64_t Mix(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

std::uint64_t SplitMix64(std::uint64_t* state) {
  *state += 0x9e3779b97f4a7c15U;
  return Mix(*state);
}

std::uint64_t Fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view purpose) : state_{} {
  // The seed is mixed before the purpose comes in: neighbouring seeds of different purposes must not meet.
  std::uint64_t state = seed;
  state = SplitMix64(&state) ^ Fnv1a(purpose);
  for (std::uint64_t& word : state_) word = SplitMix64(&state);
}

std::uint64_t Random::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::Below(std::uint64_t n) {
  // The first 2^64 mod n values would make small remainders more likely; they are drawn again.
  const std::uint64_t reject = (0 - n) % n;
  std::uint64_t value = Next();
  while (value < reject) value = Next();
  return value % n;
}

}  // namespace attestml
