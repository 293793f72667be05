#include "crypto/sha256_lanes.h"

#include <algorithm>
#include <utility>

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the undefined vectors in its own headers for ours (PR 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace attestml::crypto {

#if defined(__x86_64__)

#define ATTESTML_SHA __attribute__((target("sha,sse4.1,ssse3"), always_inline)) inline
#define ATTESTML_AVX512 __attribute__((target("avx512f,avx512bw"), always_inline)) inline

namespace {

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

ATTESTML_SHA void LoadBlock(const std::uint8_t* block, Lane* lane) {
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

ATTESTML_SHA Lane LoadState(const Sha256State& state) {
  const auto* from = reinterpret_cast<const __m128i*>(state.words.data());
  const __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(from), 0x1b);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(from + 1), 0x1b);
  Lane lane{};
  lane.abef = _mm_unpackhi_epi64(efgh, abcd);
  lane.cdgh = _mm_unpacklo_epi64(efgh, abcd);
  return lane;
}

ATTESTML_SHA void StoreState(const Lane& lane, Sha256State* state) {
  auto* to = reinterpret_cast<__m128i*>(state->words.data());
  _mm_storeu_si128(to, _mm_shuffle_epi32(_mm_unpackhi_epi64(lane.cdgh, lane.abef), 0x1b));
  _mm_storeu_si128(to + 1, _mm_shuffle_epi32(_mm_unpacklo_epi64(lane.cdgh, lane.abef), 0x1b));
}

// A vector holds the same word of 16 messages.
ATTESTML_AVX512 __m512i Add(__m512i a, __m512i b) { return _mm512_add_epi32(a, b); }
ATTESTML_AVX512 __m512i Xor(__m512i a, __m512i b, __m512i c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }

template <int kFirst, int kSecond, int kThird>
ATTESTML_AVX512 __m512i BigSigma(__m512i x) {
  return Xor(_mm512_ror_epi32(x, kFirst), _mm512_ror_epi32(x, kSecond), _mm512_ror_epi32(x, kThird));
}

template <int kFirst, int kSecond, int kShift>
ATTESTML_AVX512 __m512i SmallSigma(__m512i x) {
  return Xor(_mm512_ror_epi32(x, kFirst), _mm512_ror_epi32(x, kSecond), _mm512_srli_epi32(x, kShift));
}

// Section 6.2.2. What is called a to h moves on by one place a round, so no word is moved.
template <int kRound>
ATTESTML_AVX512 void OneRound(__m512i* state, __m512i* words) {
  __m512i& word = words[kRound % 16];
  if constexpr (kRound >= 16) {
    const __m512i before = Add(word, SmallSigma<7, 18, 3>(words[(kRound + 1) % 16]));
    word = Add(before, Add(words[(kRound + 9) % 16], SmallSigma<17, 19, 10>(words[(kRound + 14) % 16])));
  }
  const auto at = [](int letter) { return (letter + 64 - kRound) % 8; };
  const __m512i a = state[at(0)];
  const __m512i e = state[at(4)];
  __m512i& h = state[at(7)];
  const __m512i choice = _mm512_ternarylogic_epi32(e, state[at(5)], state[at(6)], 0xca);
  const __m512i majority = _mm512_ternarylogic_epi32(a, state[at(1)], state[at(2)], 0xe8);
  const __m512i constant = _mm512_set1_epi32(static_cast<int>(kRoundConstants[kRound]));
  const __m512i sum = Add(Add(h, Add(word, constant)), Add(choice, BigSigma<6, 11, 25>(e)));
  state[at(3)] = Add(state[at(3)], sum);
  h = Add(sum, Add(majority, BigSigma<2, 13, 22>(a)));
}

template <int... kRound>
ATTESTML_AVX512 void AllRounds(__m512i* state, __m512i* words, std::integer_sequence<int, kRound...>) {
  (OneRound<kRound>(state, words), ...);
}

// Sixteen rows of sixteen words: rows become columns.
ATTESTML_AVX512 void Transpose(__m512i* rows) {
  __m512i turned[16];
  for (int i = 0; i < 16; i += 2) {
    turned[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    turned[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    rows[i] = _mm512_unpacklo_epi64(turned[i], turned[i + 2]);
    rows[i + 1] = _mm512_unpackhi_epi64(turned[i], turned[i + 2]);
    rows[i + 2] = _mm512_unpacklo_epi64(turned[i + 1], turned[i + 3]);
    rows[i + 3] = _mm512_unpackhi_epi64(turned[i + 1], turned[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    turned[i] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0x88);
    turned[i + 4] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0xdd);
    turned[i + 8] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], 0x88);
    turned[i + 12] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], 0xdd);
  }
  for (int i = 0; i < 8; ++i) {
    rows[i] = _mm512_shuffle_i32x4(turned[i], turned[i + 8], 0x88);
    rows[i + 8] = _mm512_shuffle_i32x4(turned[i], turned[i + 8], 0xdd);
  }
}

bool FindTwoLanes() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
  const bool shuffles = (ecx & bit_SSSE3) != 0 && (ecx & bit_SSE4_1) != 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  return shuffles && (ebx & bit_SHA) != 0;
}

}  // namespace

bool HasTwoLanes() {
  static const bool has = FindTwoLanes();
  return has;
}

// Also asks whether the system keeps these registers.
bool HasManyLanes() {
  static const bool has = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
  return has;
}

// One message leaves half of the SHA unit idle, because each round waits for the last.
__attribute__((target("sha,sse4.1,ssse3"))) void CompressTwo(const std::uint8_t* one, const std::uint8_t* other,
                                                             std::size_t num_blocks, Sha256State* state_one,
                                                             Sha256State* state_other) {
  Lane a = LoadState(*state_one);
  Lane b = LoadState(*state_other);
  for (std::size_t i = 0; i < num_blocks; ++i) {
    const Lane a_before = a;
    const Lane b_before = b;
    LoadBlock(one + 64 * i, &a);
    LoadBlock(other + 64 * i, &b);
    AllRounds(&a, &b, std::make_integer_sequence<int, 16>());
    a.abef = _mm_add_epi32(a.abef, a_before.abef);
    a.cdgh = _mm_add_epi32(a.cdgh, a_before.cdgh);
    b.abef = _mm_add_epi32(b.abef, b_before.abef);
    b.cdgh = _mm_add_epi32(b.cdgh, b_before.cdgh);
  }
  StoreState(a, state_one);
  StoreState(b, state_other);
}

__attribute__((target("avx512f,avx512bw"))) void HashMany(const std::uint8_t* messages, std::size_t num_blocks,
                                                          std::array<Digest256, kManyLanes>* out) {
  const __m512i byte_order = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL));
  const Sha256State first;
  __m512i state[16];
  for (std::size_t i = 0; i < 8; ++i) state[i] = _mm512_set1_epi32(static_cast<int>(first.words[i]));
  for (std::size_t block = 0; block < num_blocks; ++block) {
    __m512i words[16];
    for (std::size_t i = 0; i < kManyLanes; ++i) {
      words[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(messages + 64 * (i * num_blocks + block)), byte_order);
    }
    Transpose(words);
    __m512i before[8];
    for (int i = 0; i < 8; ++i) before[i] = state[i];
    AllRounds(state, words, std::make_integer_sequence<int, 64>());
    for (int i = 0; i < 8; ++i) state[i] = Add(state[i], before[i]);
  }
  for (int i = 0; i < 8; ++i) {
    state[i] = _mm512_shuffle_epi8(state[i], byte_order);
    state[i + 8] = _mm512_setzero_si512();
  }
  Transpose(state);
  for (std::size_t i = 0; i < kManyLanes; ++i) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>((*out)[i].data()), _mm512_castsi512_si256(state[i]));
  }
}

#else

bool HasTwoLanes() { return false; }
void CompressTwo(const std::uint8_t*, const std::uint8_t*, std::size_t, Sha256State*, Sha256State*) {}
bool HasManyLanes() { return false; }
void HashMany(const std::uint8_t*, std::size_t, std::array<Digest256, kManyLanes>*) {}

#endif

void Sha256Pad(std::size_t size, std::uint8_t* end) {
  std::uint8_t* const length = end + (64 * Sha256Blocks(size) - size - 8);
  *end = 0x80;
  std::fill(end + 1, length, std::uint8_t{0});
  const std::uint64_t num_bits = std::uint64_t{size} * 8;
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<std::uint8_t>(num_bits >> (56 - 8 * i));
}

}  // namespace attestml::crypto
