#include "evidence/sgx/sigstruct.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.h"

namespace attestml::evidence::sgx {
namespace {

// Laid out by hand from Intel's table, not by the code that reads it.
Bytes Sample() {
  Bytes out(kSigstructSize);
  const auto put = [&](std::size_t at, const char* hex) {
    const Bytes bytes = *HexDecode(hex);
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, "06000000e10000000000010000000000");
  put(20, "27112620");
  put(24, "01010000600000006000000001000000");
  std::fill_n(out.begin() + 128, 384, 0xab);
  put(512, "03000000");
  std::fill_n(out.begin() + 516, 384, 0xcd);
  put(928, "0400000000000000e700000000000000");
  put(944, "ffffffffffffffff1b00000000000000");
  std::fill_n(out.begin() + 960, 32, 0x5a);
  put(1024, "01000700");
  std::fill_n(out.begin() + 1040, 768, 0xef);
  return out;
}

std::string IdOf(BytesView bytes) {
  const auto parsed = ParseSigstruct(bytes);
  return parsed.ok() ? "" : parsed.error().id;
}

TEST(Sigstruct, SaysWhatTheEnclaveWillMeasureAs) {
  const auto parsed = ParseSigstruct(Sample());
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(HexEncode(parsed->mrenclave), HexEncode(Bytes(32, 0x5a)));
  EXPECT_EQ(parsed->mrsigner, crypto::Sha256(Bytes(384, 0xab)));
  EXPECT_EQ(parsed->date, 0x20261127U);
  EXPECT_EQ(parsed->isv_prod_id, 1);
  EXPECT_EQ(parsed->isv_svn, 7);
  EXPECT_FALSE(parsed->may_debug());
}

TEST(Sigstruct, DebugIsPossibleWhereTheBitIsSetOrLeftOpen) {
  Bytes set = Sample();
  set[928] |= 0x02;
  EXPECT_TRUE(ParseSigstruct(set)->may_debug());
  Bytes open = Sample();
  open[944] = 0xfd;
  EXPECT_TRUE(ParseSigstruct(open)->may_debug());
}

TEST(Sigstruct, HasOneSizeAndItsHeaders) {
  const Bytes sample = Sample();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kSigstructSize - 1}) {
    EXPECT_EQ(IdOf(BytesView(sample).first(size)), "sgx.sigstruct.size");
  }
  Bytes longer = sample;
  longer.push_back(0);
  EXPECT_EQ(IdOf(longer), "sgx.sigstruct.size");
  for (std::size_t at = 0; at < sample.size(); ++at) {
    Bytes changed = sample;
    changed[at] ^= 0x10;
    const bool header = at < 16 || (at >= 24 && at < 40);
    const bool reserved = (at >= 44 && at < 128) || (at >= 1028 && at < 1040);
    const bool exponent = at >= 512 && at < 516;
    EXPECT_EQ(IdOf(changed), header     ? "sgx.sigstruct.header"
                             : reserved ? "sgx.sigstruct.reserved"
                             : exponent ? "sgx.sigstruct.exponent"
                                        : "")
        << at;
  }
}

}  // namespace
}  // namespace attestml::evidence::sgx
