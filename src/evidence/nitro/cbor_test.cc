#include "evidence/nitro/cbor.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/hex.h"

namespace attestml::evidence::nitro {
namespace {

Bytes Hex(std::string_view text) {
  auto bytes = HexDecode(text);
  EXPECT_TRUE(bytes.ok()) << text;
  return bytes.ok() ? *bytes : Bytes{};
}

std::optional<std::uint64_t> Unsigned(std::string_view hex) {
  const Bytes bytes = Hex(hex);
  CborReader in(bytes);
  std::uint64_t value = 0;
  if (!in.ReadUnsigned(&value)) {
    EXPECT_EQ(in.remaining(), bytes.size());  // nothing consumed
    return std::nullopt;
  }
  EXPECT_TRUE(in.empty());
  return value;
}

// RFC 8949 appendix A, and the same numbers in longer forms.
TEST(Cbor, UnsignedInShortestForm) {
  EXPECT_EQ(Unsigned("00"), 0U);
  EXPECT_EQ(Unsigned("17"), 23U);
  EXPECT_EQ(Unsigned("1818"), 24U);
  EXPECT_EQ(Unsigned("18ff"), 255U);
  EXPECT_EQ(Unsigned("190100"), 256U);
  EXPECT_EQ(Unsigned("19ffff"), 65535U);
  EXPECT_EQ(Unsigned("1a00010000"), 65536U);
  EXPECT_EQ(Unsigned("1affffffff"), 0xffffffffU);
  EXPECT_EQ(Unsigned("1b0000000100000000"), std::uint64_t{1} << 32);
  EXPECT_EQ(Unsigned("1bffffffffffffffff"), std::numeric_limits<std::uint64_t>::max());
  for (const char* longer : {"1800", "1817", "190000", "1900ff", "1a00000000", "1a0000ffff", "1b0000000000000000",
                             "1b00000000ffffffff", "1c00", "1d00", "1e00", "1f", "20", "40", "60", "f6", "ff", ""}) {
    EXPECT_FALSE(Unsigned(longer)) << longer;
  }
  for (const char* cut : {"18", "19", "1901", "1a000100", "1b00000001000000"}) EXPECT_FALSE(Unsigned(cut)) << cut;
  // RFC 8949 3: 28 to 30 are reserved and 31 is of indefinite length, whatever follows.
  for (const char* head : {"1c", "1d", "1e", "1f"}) {
    for (const char* byte : {"00", "01", "ff"}) {
      std::string many = head;
      for (int i = 0; i < 128; ++i) many += byte;
      EXPECT_FALSE(Unsigned(many)) << many;
    }
  }
}

TEST(Cbor, WriterIsTheMirror) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const std::uint64_t value :
         {(std::uint64_t{1} << bits) - 1, std::uint64_t{1} << bits, ~std::uint64_t{0} >> bits}) {
      CborWriter out;
      out.WriteUnsigned(value);
      const Bytes bytes = std::move(out).Take();
      CborReader in(bytes);
      std::uint64_t read = 0;
      ASSERT_TRUE(in.ReadUnsigned(&read)) << value;
      EXPECT_EQ(read, value);
      EXPECT_TRUE(in.empty());
    }
  }
  CborWriter out;
  out.WriteTag(18);
  out.WriteArray(4);
  out.WriteMap(24);
  out.WriteNegative(35);
  out.WriteText("a");
  out.WriteBytes(Bytes(256, 0));
  out.WriteNull();
  const Bytes bytes = std::move(out).Take();
  EXPECT_EQ(HexEncode(BytesView(bytes).first(11)), "d284b81838226161590100");
  EXPECT_EQ(bytes.size(), 11U + 256 + 1);
}

TEST(Cbor, Strings) {
  const auto read = [](std::string_view hex) {
    const Bytes bytes = Hex(hex);
    CborReader in(bytes);
    BytesView value;
    const bool good = in.ReadBytes(&value);
    EXPECT_EQ(in.remaining() == bytes.size(), !good);
    return good;
  };
  EXPECT_TRUE(read("40"));
  EXPECT_TRUE(read("43010203"));
  // Past the end, longer heads, lengths that nothing could hold, in chunks, another type.
  for (const char* bad :
       {"41", "430102", "5803010203", "5b7fffffffffffffff00", "5bffffffffffffffff00", "5f4101ff", "6101", "01", ""}) {
    EXPECT_FALSE(read(bad)) << bad;
  }
}

TEST(Cbor, TextIsPrintableAscii) {
  const auto read = [](std::string_view hex) {
    const Bytes bytes = Hex(hex);
    CborReader in(bytes);
    std::string_view value;
    const bool good = in.ReadText(&value);
    EXPECT_EQ(in.remaining() == bytes.size(), !good);
    return good;
  };
  EXPECT_TRUE(read("60"));
  EXPECT_TRUE(read("6461207e2d"));
  for (const char* bad :
       {"6100", "611f", "617f", "62c3bc", "61ff", "62c080", "63eda080", "7f6161ff", "41610a", "6261"}) {
    EXPECT_FALSE(read(bad)) << bad;
  }
}

// A count is compared with what is left before anything is done with it.
TEST(Cbor, Counts) {
  const auto array = [](std::string_view hex) {
    const Bytes bytes = Hex(hex);
    CborReader in(bytes);
    std::size_t count = 0;
    return in.ReadArray(&count) ? std::optional<std::size_t>(count) : std::nullopt;
  };
  EXPECT_EQ(array("80"), 0U);
  EXPECT_EQ(array("8200f6"), 2U);
  for (const char* bad : {"81", "8200", "9801f6", "9affffffff00", "9bffffffffffffffff00", "9f00ff", "a0", ""}) {
    EXPECT_FALSE(array(bad)) << bad;
  }
  const auto map = [](std::string_view hex) {
    const Bytes bytes = Hex(hex);
    CborReader in(bytes);
    std::size_t count = 0;
    return in.ReadMap(&count) ? std::optional<std::size_t>(count) : std::nullopt;
  };
  EXPECT_EQ(map("a0"), 0U);
  EXPECT_EQ(map("a10000"), 1U);
  for (const char* bad : {"a100", "b8010000", "bbffffffffffffffff0000", "bb8000000000000000", "bf0000ff", "80", ""}) {
    EXPECT_FALSE(map(bad)) << bad;
  }
}

TEST(Cbor, IndefiniteMapOnlyWhereAskedFor) {
  const Bytes bytes = Hex("bf0001ff");
  CborReader in(bytes);
  std::optional<std::size_t> pairs = 7;
  ASSERT_TRUE(in.ReadAnyMap(&pairs));
  EXPECT_FALSE(pairs);
  EXPECT_FALSE(in.ReadBreak());
  std::uint64_t value = 0;
  ASSERT_TRUE(in.ReadUnsigned(&value) && in.ReadUnsigned(&value));
  EXPECT_TRUE(in.ReadBreak());
  EXPECT_FALSE(in.ReadBreak());
  EXPECT_TRUE(in.empty());
  const Bytes definite = Hex("a10001");
  CborReader again(definite);
  ASSERT_TRUE(again.ReadAnyMap(&pairs));
  EXPECT_EQ(pairs, 1U);
  for (const char* none : {"80", "9fff", "a1", "ff", ""}) {
    const Bytes other = Hex(none);
    CborReader third(other);
    EXPECT_FALSE(third.ReadAnyMap(&pairs)) << none;
    EXPECT_EQ(third.remaining(), other.size());
  }
}

TEST(Cbor, TagAndNull) {
  const Bytes bytes = Hex("d2f6f7f4");
  CborReader in(bytes);
  std::uint64_t tag = 0;
  EXPECT_FALSE(in.ReadNull());
  ASSERT_TRUE(in.ReadTag(&tag));
  EXPECT_EQ(tag, 18U);
  EXPECT_TRUE(in.ReadNull());
  EXPECT_FALSE(in.ReadNull());  // undefined
  EXPECT_EQ(in.remaining(), 2U);
  const Bytes longer = Hex("d81280");
  CborReader second(longer);
  EXPECT_FALSE(second.ReadTag(&tag));  // 18 in two bytes
  const Bytes other = Hex("d86280");
  CborReader third(other);
  ASSERT_TRUE(third.ReadTag(&tag));
  EXPECT_EQ(tag, 98U);
}

}  // namespace
}  // namespace attestml::evidence::nitro
