// Genuine TDX quotes, version 4 and 5, with one byte changed, cut at every length, or with a lying length: never
// accepted.
#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "crypto/work_for_test.h"
#include "evidence/sgx/quote.h"
#include "evidence/vectors_for_test.h"
#include "verify/evidence.h"
#include "verify/memo.h"

namespace attestml::verify {
namespace {

namespace fs = std::filesystem;
using test::ReadBytesOf;
using test::SharedVectors;

struct Genuine {
  const char* quote;
  const char* collateral;
  const char* time;
  std::size_t body;  // where header and report end
};

std::ostream& operator<<(std::ostream& out, const Genuine& genuine) { return out << genuine.quote; }

class TdxMutation : public ::testing::TestWithParam<Genuine> {
 protected:
  void SetUp() override {
    if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
    quote_ = ReadBytesOf(SharedVectors() / "tdx" / (std::string(GetParam().quote) + ".bin"));
    const auto parsed = evidence::sgx::ParseQuote(quote_);
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    quote_.resize(quote_.size() - parsed->padding);  // zeros after a quote mean nothing
    for (const auto& entry : fs::directory_iterator(SharedVectors() / "intel-collateral" / GetParam().collateral)) {
      collateral_.push_back({entry.path().filename().string(), ReadBytesOf(entry.path())});
    }
    const auto outcome = Verify(quote_);
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
  }

  // The memo spares the unchanged documents; memo_test.cc and memo_vectors_test.cc show that it changes no outcome.
  EvidenceOutcome Verify(const Bytes& quote) {
    evidence::EvidencePackage package;
    package.evidence = quote;
    const test::WorkBound bound;
    return VerifyEvidence(package, collateral_, VendorAnchors(), *ParseTime(GetParam().time), &memo_);
  }

  std::size_t ReadField(std::size_t at, std::size_t width) const {
    std::size_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | quote_.at(at + i);
    return value;
  }

  Bytes quote_;
  std::vector<evidence::CollateralItem> collateral_;
  Memo memo_;
};

// Every byte is covered by a signature, compared, or syntax, up to the end of the certificates' text.
TEST_P(TdxMutation, EveryByte) {
  for (std::size_t i = 0; i < quote_.size(); ++i) {
    Bytes changed = quote_;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << (i % 8));
    const auto outcome = Verify(changed);
    ASSERT_FALSE(outcome.evidence.ok()) << "byte " << i;
    ASSERT_NE(outcome.evidence.error().kind, ErrorKind::kUnavailable) << "byte " << i;
  }
}

TEST_P(TdxMutation, EveryLength) {
  for (std::size_t size = 0; size < quote_.size(); ++size) {
    const auto outcome = Verify(Bytes(quote_.begin(), quote_.begin() + static_cast<std::ptrdiff_t>(size)));
    ASSERT_FALSE(outcome.evidence.ok()) << size;
    EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kMalformed) << size;
  }
  Bytes longer = quote_;
  longer.push_back(0);
  EXPECT_TRUE(Verify(longer).evidence.ok());
  longer.back() = 1;
  EXPECT_EQ(Verify(longer).evidence.error().id, "tdx.quote.trailing");
}

// The length of the body (version 5), of the signature part, of the certification data that holds the QE's report, of
// the authentication data and of the certificates; and the types beside them.
TEST_P(TdxMutation, LyingLengths) {
  const std::size_t signature = GetParam().body;
  const std::size_t outer = signature + 4 + 64 + 64;
  const std::size_t auth = outer + 6 + 384 + 64;
  const std::size_t inner = auth + 2 + ReadField(auth, 2);
  ASSERT_EQ(ReadField(signature, 4) + signature + 4, quote_.size());
  ASSERT_EQ(ReadField(outer, 2), 6U);
  ASSERT_EQ(ReadField(outer + 2, 4) + outer + 6, quote_.size());
  ASSERT_EQ(ReadField(inner, 2), 5U);
  ASSERT_EQ(ReadField(inner + 2, 4) + inner + 6, quote_.size());
  std::vector<std::pair<std::size_t, std::size_t>> fields = {{signature, 4}, {outer, 2}, {outer + 2, 4},
                                                             {auth, 2},      {inner, 2}, {inner + 2, 4}};
  if (quote_[0] == 5) {
    ASSERT_EQ(ReadField(50, 4) + 54, signature);
    fields.insert(fields.end(), {{48, 2}, {50, 4}});
  }
  for (const auto& [at, width] : fields) {
    const auto n = static_cast<std::uint32_t>(ReadField(at, width));
    for (const std::uint32_t lie :
         {0U, 1U, n - 1, n + 1, n + 2, n * 2, 0x7fffU, 0x8000U, 0xffffU, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
      Bytes changed = quote_;
      for (std::size_t i = 0; i < width; ++i) changed[at + i] = static_cast<std::uint8_t>(lie >> (8 * i));
      if (changed == quote_) continue;
      ASSERT_FALSE(Verify(changed).evidence.ok()) << at << " " << lie;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Quotes, TdxMutation,
    ::testing::Values(Genuine{"tdx_v4_a_b0c06f000000", "2025-06_tdx_b0c06f000000", "2025-07-04T10:16:31Z", 48 + 584},
                      Genuine{"tdx_v5_a_90c06f000000", "2026-03_tdx_90c06f000000", "2026-03-31T22:20:07Z", 54 + 648},
                      Genuine{"tdx_v5_e_90c06f000000_relaunch", "2026-03_tdx_90c06f000000", "2026-03-31T22:20:07Z",
                              54 + 648}));

}  // namespace
}  // namespace attestml::verify
