// Damage to a genuine SEV-SNP report and its certificates: nothing damaged is accepted.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/work_for_test.h"
#include "evidence/vectors_for_test.h"
#include "verify/evidence.h"
#include "verify/memo.h"

namespace attestml::verify {
namespace {

using test::ReadBytesOf;
using test::SharedVectors;

constexpr std::size_t kHead = 0x50;  // up to the report data

class SnpMutation : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
    const std::string name = GetParam();
    const std::string line = name.find("turin") != std::string::npos   ? "turin"
                             : name.find("genoa") != std::string::npos ? "genoa"
                                                                       : "milan";
    report_ = ReadBytesOf(SharedVectors() / "snp" / (name + ".bin"));
    collateral_ = {{"vek", ReadBytesOf(SharedVectors() / "snp" / (name + ".vcek.der"))},
                   {"chain", ReadBytesOf(SharedVectors() / "certs" / ("amd_" + line + "_ask_ark_asvk.pem"))}};
    ASSERT_TRUE(Verify(report_).evidence.ok());
  }

  EvidenceOutcome Verify(const Bytes& report) {
    evidence::EvidencePackage package;
    package.evidence = report;
    const test::WorkBound bound;
    return VerifyEvidence(package, collateral_, VendorAnchors(), *ParseTime("2026-06-01T00:00:00Z"), &memo_);
  }

  Bytes report_;
  std::vector<evidence::CollateralItem> collateral_;
  Memo memo_;  // memo_test.cc shows that it changes no outcome
};

// The signed part, the signature and what is reserved after it: no change passes. Every bit of what says which key and
// which layout, one bit of each other byte, a different one from byte to byte.
TEST_P(SnpMutation, EveryByteOfTheReport) {
  for (std::size_t i = 0; i < report_.size(); ++i) {
    const bool head = i < kHead;
    for (std::size_t bit = head ? 0 : i % 8; bit < (head ? 8 : i % 8 + 1); ++bit) {
      Bytes changed = report_;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1U << bit);
      const auto outcome = Verify(changed);
      ASSERT_FALSE(outcome.evidence.ok()) << "byte " << i << " bit " << bit;
      ASSERT_NE(outcome.evidence.error().kind, ErrorKind::kUnavailable) << "byte " << i;
    }
  }
}

TEST_P(SnpMutation, EveryLength) {
  for (std::size_t size = 0; size < report_.size(); ++size) {
    const auto outcome = Verify(Bytes(report_.begin(), report_.begin() + static_cast<std::ptrdiff_t>(size)));
    ASSERT_FALSE(outcome.evidence.ok()) << size;
    EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kMalformed) << size;
  }
  for (std::size_t more : {1U, 16U, 2816U, 100000U}) {
    for (const int filler : {0x00, 0xff}) {
      Bytes longer = report_;
      longer.resize(report_.size() + more, static_cast<std::uint8_t>(filler));
      EXPECT_EQ(Verify(longer).evidence.error().id, "snp.report.trailing");
    }
  }
}

// A byte of the endorsement key's certificate: its own signature, or what it states, is no longer right. A certificate
// that is no longer seen as one at all is collateral that is not there.
TEST_P(SnpMutation, EveryByteOfTheCertificate) {
  Bytes& certificate = collateral_[0].bytes;
  for (std::size_t i = 0; i < certificate.size(); ++i) {
    const auto before = certificate[i];
    certificate[i] = static_cast<std::uint8_t>(before ^ 1U << (i % 8));
    ASSERT_FALSE(Verify(report_).evidence.ok()) << "byte " << i;
    certificate[i] = before;
  }
}

INSTANTIATE_TEST_SUITE_P(Reports, SnpMutation,
                         ::testing::Values("snp_v2_milan_a", "snp_v3_milan", "snp_v3_genoa", "snp_v5_turin"));

}  // namespace
}  // namespace attestml::verify
