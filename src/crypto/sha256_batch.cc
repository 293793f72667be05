#include "crypto/sha256_batch.h"

#include <algorithm>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace attestml::crypto {
namespace {

#if defined(__x86_64__)

#define ATTESTML_SHA __attribute__((target("sha,sse4.1,ssse3"), always_inline)) inline

bool HasShaUnit() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
  const bool shuffles = (ecx & bit_SSSE3) != 0 && (ecx & bit_SSE4_1) != 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  return shuffles && (ebx & bit_SHA) != 0;
}

// FIPS 180-4 section 4.2.2.
alignas(16) constexpr std::uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The eight words of the hash as the instructions want them, and 16 words of the message schedule.
struct Lane {
  __m128i abef;
  __m128i cdgh;
  __m128i words[4];
};

ATTESTML_SHA __m128i ByteOrder() { return _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL); }

ATTESTML_SHA void Load(const std::uint8_t* block, Lane* lane) {
  for (int i = 0; i < 4; ++i) {
    lane->words[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i)), ByteOrder());
  }
}

// Rounds 4 * kStep to 4 * kStep + 3, and the words that are needed 16 rounds later.
template <int kStep>
ATTESTML_SHA void FourRounds(Lane* lane) {
  constexpr int kNow = kStep % 4;
  constexpr int kNext = (kStep + 1) % 4;
  constexpr int kAfter = (kStep + 2) % 4;
  constexpr int kLast = (kStep + 3) % 4;
  const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(kRoundConstants + 4 * kStep));
  const __m128i sum = _mm_add_epi32(lane->words[kNow], constants);
  lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, sum);
  lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(sum, 0x0e));
  if constexpr (kStep < 12) {
    const __m128i schedule = _mm_add_epi32(_mm_sha256msg1_epu32(lane->words[kNow], lane->words[kNext]),
                                           _mm_alignr_epi8(lane->words[kLast], lane->words[kAfter], 4));
    lane->words[kNow] = _mm_sha256msg2_epu32(schedule, lane->words[kLast]);
  }
}

template <int... kStep>
ATTESTML_SHA void AllRounds(Lane* one, Lane* other, std::integer_sequence<int, kStep...>) {
  ((FourRounds<kStep>(one), FourRounds<kStep>(other)), ...);
}

ATTESTML_SHA void Store(const Lane& lane, Digest256* out) {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xb1);
  auto* to = reinterpret_cast<__m128i*>(out->data());
  _mm_storeu_si128(to, _mm_shuffle_epi8(_mm_blend_epi16(feba, dchg, 0xf0), ByteOrder()));
  _mm_storeu_si128(to + 1, _mm_shuffle_epi8(_mm_alignr_epi8(dchg, feba, 8), ByteOrder()));
}

__attribute__((target("sha,sse4.1,ssse3"))) void HashTwo(const std::uint8_t* one, const std::uint8_t* other,
                                                         std::size_t num_blocks, Digest256* out_one,
                                                         Digest256* out_other) {
  // FIPS 180-4 section 5.3.3, from H0 to H7.
  Lane a{};
  a.abef = _mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f, static_cast<int>(0x9b05688c));
  a.cdgh = _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19);
  Lane b = a;
  for (std::size_t i = 0; i < num_blocks; ++i) {
    const Lane a_before = a;
    const Lane b_before = b;
    Load(one + 64 * i, &a);
    Load(other + 64 * i, &b);
    AllRounds(&a, &b, std::make_integer_sequence<int, 16>());
    a.abef = _mm_add_epi32(a.abef, a_before.abef);
    a.cdgh = _mm_add_epi32(a.cdgh, a_before.cdgh);
    b.abef = _mm_add_epi32(b.abef, b_before.abef);
    b.cdgh = _mm_add_epi32(b.cdgh, b_before.cdgh);
  }
  Store(a, out_one);
  Store(b, out_other);
}

#else

bool HasShaUnit() { return false; }
void HashTwo(const std::uint8_t*, const std::uint8_t*, std::size_t, Digest256*, Digest256*) {}

#endif

bool CanPair() {
  static const bool can = HasShaUnit();
  return can;
}

// FIPS 180-4 section 5.1.1: a one bit, zeros, the length in bits.
void Pad(BytesView message, std::size_t num_blocks, std::uint8_t* out) {
  const std::size_t size = 64 * num_blocks;
  std::copy(message.begin(), message.end(), out);
  out[message.size()] = 0x80;
  std::fill(out + message.size() + 1, out + size, std::uint8_t{0});
  const std::uint64_t num_bits = std::uint64_t{message.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i) out[size - 1 - i] = static_cast<std::uint8_t>(num_bits >> (8 * i));
}

}  // namespace

void Sha256Batch::Add(BytesView message, Digest256* out) {
  const std::size_t num_blocks = (message.size() + 9 + 63) / 64;
  if (num_blocks > kMaxBlocks || !CanPair()) {
    *out = Sha256(message);
    return;
  }
  Waiting& waiting = waiting_[num_blocks - 1];
  if (waiting.out == nullptr) {
    waiting.bytes.resize(64 * num_blocks);
    Pad(message, num_blocks, waiting.bytes.data());
    waiting.out = out;
    return;
  }
  std::array<std::uint8_t, 64 * kMaxBlocks> bytes;
  Pad(message, num_blocks, bytes.data());
  HashTwo(waiting.bytes.data(), bytes.data(), num_blocks, waiting.out, out);
  waiting.out = nullptr;
}

void Sha256Batch::Flush() {
  for (std::size_t i = 0; i < kMaxBlocks; ++i) {
    Waiting& waiting = waiting_[i];
    if (waiting.out == nullptr) continue;
    Digest256 unused;
    HashTwo(waiting.bytes.data(), waiting.bytes.data(), i + 1, waiting.out, &unused);
    waiting.out = nullptr;
  }
}

}  // namespace attestml::crypto
