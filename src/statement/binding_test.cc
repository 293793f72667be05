#include "statement/binding.h"

#include <gtest/gtest.h>

#include <set>

#include "base/hex.h"

namespace attestml::statement {
namespace {

crypto::Digest256 Counting(std::uint8_t from) {
  crypto::Digest256 out{};
  for (auto& byte : out) byte = from++;
  return out;
}

// The expected texts were computed from the formula with another implementation of SHA-2 (spec/binding.md 5).
TEST(Binding, ReportData) {
  const crypto::Digest256 nonce = NonceDigest(AsBytes("nonce"));
  EXPECT_EQ(HexEncode(nonce), "78377b525757b494427f89014f97d79928f3938d14eb51e20fb5dec9834eb304");
  EXPECT_EQ(HexEncode(ReportData(Counting(0), Counting(32), nonce)),
            "38f376ef1870f3043c367b389770f831d5bee5d6f99b521b404aa4302960bdf4"
            "981b36d44dfc53230cbb69ee8495ae70606000925c75d1ea486b109dff6bd4ed");
  EXPECT_EQ(HexEncode(ReportData(Counting(0), {}, NonceDigest({}))),
            "2ed02558b85e460b767203c9b3cca4c2026742839de6f5dd7227dd057837232d"
            "8fb89a18ef70c787088e9b1e9ad79599924aa1aae7cab811588e5e6a76ae77a9");
}

TEST(Binding, NoNonceIsZeroAndAnEmptyByteIsNot) {
  EXPECT_EQ(NonceDigest({}), crypto::Digest256{});
  EXPECT_NE(NonceDigest(Bytes{0}), crypto::Digest256{});
}

TEST(Binding, EveryBitCounts) {
  std::set<std::array<std::uint8_t, 64>> seen;
  const crypto::Digest256 base = Counting(9);
  seen.insert(ReportData(base, base, base));
  for (std::size_t bit = 0; bit < 256; ++bit) {
    crypto::Digest256 changed = base;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    seen.insert(ReportData(changed, base, base));
    seen.insert(ReportData(base, changed, base));
    seen.insert(ReportData(base, base, changed));
  }
  EXPECT_EQ(seen.size(), 1u + 3u * 256u);
}

}  // namespace
}  // namespace attestml::statement
