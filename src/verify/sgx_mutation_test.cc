// Genuine evidence with one byte changed, cut at every length, or with a lying length: never accepted, or accepted with
// the very same meaning where a byte has none.
#include <gtest/gtest.h>

#include <filesystem>

#include "crypto/work_for_test.h"
#include "evidence/vectors_for_test.h"
#include "verify/evidence.h"
#include "verify/memo.h"

namespace attestml::verify {
namespace {

namespace fs = std::filesystem;
using test::ReadBytesOf;
using test::SharedVectors;

class SgxMutation : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
    quote_ = ReadBytesOf(SharedVectors() / "sgx" / "sgx_v3_b_00606a000000.bin");
    for (const auto& entry :
         fs::directory_iterator(SharedVectors() / "intel-collateral" / "2025-08_sgx_00606a000000")) {
      collateral_.push_back({entry.path().filename().string(), ReadBytesOf(entry.path())});
    }
    const auto time = ParseTime("2025-08-30T05:09:06Z");
    ASSERT_TRUE(time.ok());
    time_ = *time;
    const auto outcome = VerifyBytes(quote_);
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    genuine_ = Meaning(*outcome.evidence);
  }

  EvidenceOutcome VerifyBytes(const Bytes& quote, Memo* memo = nullptr) const {
    evidence::EvidencePackage package;
    package.evidence = quote;
    const test::WorkBound bound;
    return VerifyEvidence(package, collateral_, VendorAnchors(), time_, memo);
  }

  // All that evidence says, as one string.
  static std::string Meaning(const VerifiedEvidence& e) {
    std::string out = e.tee() + e.format() + e.tcb_status() + e.tcb_date() + e.platform() + FormatTime(e.valid_from()) +
                      FormatTime(e.valid_until()) + FormatTime(*e.collateral_issued()) +
                      std::to_string(*e.evaluation_number()) + (e.debug() ? "debug" : "");
    for (const std::string& advisory : e.advisories()) out += advisory;
    for (BytesView bytes : {BytesView(e.measurement()), BytesView(e.signer()), BytesView(e.report_data()),
                            BytesView(e.platform_id()), BytesView(e.root())}) {
      out += AsText(bytes);
    }
    return out;
  }

  Bytes quote_;
  std::vector<evidence::CollateralItem> collateral_;
  Time time_;
  std::string genuine_;
};

// Every byte of this quote is covered by a signature, compared, or syntax: no change passes. One bit each, a different
// one from byte to byte, and the bit that makes capitals of letters.
TEST_F(SgxMutation, EveryByteOfTheQuote) {
  for (std::size_t i = 0; i < quote_.size(); ++i) {
    Bytes changed = quote_;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << (i % 8));
    const auto outcome = VerifyBytes(changed);
    ASSERT_FALSE(outcome.evidence.ok()) << "byte " << i;
    ASSERT_NE(outcome.evidence.error().kind, ErrorKind::kUnavailable) << "byte " << i;
  }
}

TEST_F(SgxMutation, EveryLengthOfTheQuote) {
  for (std::size_t size = 0; size < quote_.size(); ++size) {
    const auto outcome = VerifyBytes(Bytes(quote_.begin(), quote_.begin() + static_cast<std::ptrdiff_t>(size)));
    ASSERT_FALSE(outcome.evidence.ok()) << size;
    EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kMalformed) << size;
  }
  Bytes longer = quote_;
  longer.push_back(0);
  EXPECT_TRUE(VerifyBytes(longer).evidence.ok());
  longer.back() = 1;
  EXPECT_EQ(VerifyBytes(longer).evidence.error().id, "sgx.quote.trailing");
}

TEST_F(SgxMutation, LyingLengths) {
  constexpr std::size_t kSignature = 432;
  constexpr std::size_t kAuth = kSignature + 4 + 64 + 64 + 384 + 64;
  constexpr std::size_t kCertificate = kAuth + 2 + 32 + 2;
  const auto read = [&](std::size_t at, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::uint32_t{quote_[at + i]} << (8 * i);
    return value;
  };
  ASSERT_EQ(read(kAuth, 2), 32U);
  ASSERT_EQ(read(kSignature, 4) + kSignature + 4, quote_.size());
  const std::pair<std::size_t, std::size_t> fields[] = {{kSignature, 4}, {kAuth, 2}, {kCertificate, 4}};
  for (const auto& [at, width] : fields) {
    const std::uint32_t n = read(at, width);
    for (std::uint32_t lie :
         {0U, 1U, n - 1, n + 1, n + 2, n * 2, 0x7fffU, 0x8000U, 0xffffU, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
      Bytes changed = quote_;
      for (std::size_t i = 0; i < width; ++i) changed[at + i] = static_cast<std::uint8_t>(lie >> (8 * i));
      if (changed == quote_) continue;
      const auto outcome = VerifyBytes(changed);
      ASSERT_FALSE(outcome.evidence.ok()) << at << " " << lie;
    }
  }
}

// The same for each document of the collateral, which is a test of its own so that they can run side by side. The memo
// spares them the unchanged documents; memo_test.cc shows that it changes no outcome.
class SgxCollateralMutation : public SgxMutation, public ::testing::WithParamInterface<const char*> {
 protected:
  evidence::CollateralItem& Document() {
    for (auto& item : collateral_) {
      if (item.label == GetParam()) return item;
    }
    ADD_FAILURE() << "no " << GetParam();
    return collateral_.front();
  }
  Memo memo_;
};

// The case of a hexadecimal digit in a signature, or a byte of a root certificate that also travels in the quote, may
// change; what is concluded may not.
TEST_P(SgxCollateralMutation, EveryByte) {
  auto& item = Document();
  for (std::size_t i = 0; i < item.bytes.size(); ++i) {
    const auto before = item.bytes[i];
    item.bytes[i] = static_cast<std::uint8_t>(before ^ 1U << (i % 8));
    const auto outcome = VerifyBytes(quote_, &memo_);
    if (outcome.evidence.ok()) {
      ASSERT_EQ(Meaning(*outcome.evidence), genuine_) << item.label << " byte " << i;
      const bool signature_digit = item.label.ends_with(".json") && i + 132 >= item.bytes.size();
      const bool root_certificate = item.label == "tcb_signing_chain.pem" && i >= item.bytes.size() / 2;
      ASSERT_TRUE(signature_digit || root_certificate) << item.label << " byte " << i;
    }
    item.bytes[i] = before;
  }
}

// The last line ends may go, and so may the root's certificate, which the quote brings too.
TEST_P(SgxCollateralMutation, Lengths) {
  auto& item = Document();
  const Bytes whole = item.bytes;
  const std::string_view text = AsText(whole);
  const std::size_t second = text.rfind("-----BEGIN");
  for (std::size_t size = 0; size < whole.size(); size += size + 40 < whole.size() ? 5 : 1) {
    item.bytes.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto outcome = VerifyBytes(quote_, &memo_);
    if (!outcome.evidence.ok()) continue;
    ASSERT_EQ(Meaning(*outcome.evidence), genuine_);
    ASSERT_EQ(item.label, "tcb_signing_chain.pem") << size;
    const auto trim = [](std::string_view part) { return part.substr(0, part.find_last_not_of("\r\n") + 1); };
    const std::string_view left = trim(text.substr(0, size));
    ASSERT_TRUE(left == trim(text) || left == trim(text.substr(0, second))) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Documents, SgxCollateralMutation,
                         ::testing::Values("tcb_info.json", "qe_identity.json", "pck_crl.der", "root_crl.der",
                                           "tcb_signing_chain.pem"));

}  // namespace
}  // namespace attestml::verify
