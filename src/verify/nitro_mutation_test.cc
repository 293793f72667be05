// A genuine document with one byte changed, cut at every length, or with a lying length: never accepted.
#include <gtest/gtest.h>

#include "crypto/work_for_test.h"
#include "evidence/nitro/document.h"
#include "evidence/vectors_for_test.h"
#include "verify/evidence.h"
#include "verify/memo.h"

namespace attestml::verify {
namespace {

using test::ReadBytesOf;
using test::SharedVectors;

class NitroMutation : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
    document_ = ReadBytesOf(SharedVectors() / "nitro" / "nitro_2026.cbor");
    const auto time = ParseTime("2026-01-03T20:41:07Z");
    ASSERT_TRUE(time.ok());
    time_ = *time;
    ASSERT_TRUE(Verify(document_).evidence.ok());
  }

  // The memo spares the unchanged certificates; memo_test.cc shows that it changes no outcome.
  EvidenceOutcome Verify(const Bytes& document) {
    evidence::EvidencePackage package;
    package.evidence = document;
    const test::WorkBound bound;
    return VerifyEvidence(package, {}, VendorAnchors(), time_, &memo_);
  }

  Bytes document_;
  Time time_;
  Memo memo_;
};

// Every byte is covered by the signature, or is the signature, or is syntax: no change passes.
TEST_F(NitroMutation, EveryByte) {
  for (std::size_t i = 0; i < document_.size(); ++i) {
    Bytes changed = document_;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << (i % 8));
    const auto outcome = Verify(changed);
    ASSERT_FALSE(outcome.evidence.ok()) << "byte " << i;
    ASSERT_NE(outcome.evidence.error().kind, ErrorKind::kUnavailable) << "byte " << i;
  }
}

TEST_F(NitroMutation, EveryLength) {
  for (std::size_t size = 0; size < document_.size(); ++size) {
    const auto outcome = Verify(Bytes(document_.begin(), document_.begin() + static_cast<std::ptrdiff_t>(size)));
    ASSERT_FALSE(outcome.evidence.ok()) << size;
    EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kMalformed) << size;
  }
  for (const std::uint8_t byte : Bytes{0, 1, 0xf6, 0xff}) {
    Bytes longer = document_;
    longer.push_back(byte);
    EXPECT_EQ(Verify(longer).evidence.error().id, "nitro.document.trailing");
  }
}

// Each head of the document, found by reading it, says another length: with the same number of bytes, and with eight.
TEST_F(NitroMutation, LyingLengths) {
  std::vector<std::size_t> heads;
  const auto walk = [&](std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to;) {
      heads.push_back(at);
      const unsigned type = document_[at] >> 5U;
      const unsigned info = document_[at] & 0x1fU;
      std::size_t value = info;
      std::size_t head = 1;
      if (info >= 24 && info <= 27) {
        value = 0;
        for (std::size_t i = 0; i < std::size_t{1} << (info - 24); ++i, ++head)
          value = value << 8 | document_[at + head];
      }
      at += head + (type == 2 || type == 3 ? value : 0);
    }
  };
  const auto parsed = evidence::nitro::ParseDocument(document_);
  ASSERT_TRUE(parsed.ok());
  const std::size_t payload = document_.size() - 98 - parsed->payload.size();
  ASSERT_EQ(document_[payload], 0xbf);
  walk(0, payload - 3);
  heads.push_back(payload - 3);
  walk(payload, payload + parsed->payload.size());
  heads.push_back(document_.size() - 98);
  ASSERT_GT(heads.size(), 55U);
  for (const std::size_t at : heads) {
    const auto type = static_cast<std::uint8_t>(document_[at] & 0xe0);
    const unsigned info = document_[at] & 0x1fU;
    const std::size_t size = info >= 24 && info <= 27 ? std::size_t{1} << (info - 24) : 0;
    std::uint64_t n = info;
    if (size != 0) {
      n = 0;
      for (std::size_t i = 1; i <= size; ++i) n = n << 8 | document_[at + i];
    }
    for (const std::uint64_t lie :
         {std::uint64_t{0}, std::uint64_t{1}, n - 1, n, n + 1, n + 2, n * 2, std::uint64_t{0x7fff},
          std::uint64_t{0xffff}, std::uint64_t{0x7fffffff}, std::uint64_t{0x80000000}, std::uint64_t{0xffffffff},
          ~std::uint64_t{0} >> 1, ~std::uint64_t{0}}) {
      for (const std::size_t width : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{8}}) {
        if (width == 0 && lie > 23) continue;
        Bytes changed(document_.begin(), document_.begin() + static_cast<std::ptrdiff_t>(at));
        const unsigned code = width == 0   ? static_cast<unsigned>(lie)
                              : width == 1 ? 24U
                              : width == 2 ? 25U
                              : width == 4 ? 26U
                                           : 27U;
        changed.push_back(static_cast<std::uint8_t>(type | code));
        for (std::size_t i = width; i-- > 0;) changed.push_back(static_cast<std::uint8_t>(lie >> (8 * i)));
        changed.insert(changed.end(), document_.begin() + static_cast<std::ptrdiff_t>(at + 1 + size), document_.end());
        if (changed == document_) continue;
        ASSERT_FALSE(Verify(changed).evidence.ok()) << at << " " << lie << " in " << width;
      }
    }
  }
}

}  // namespace
}  // namespace attestml::verify
