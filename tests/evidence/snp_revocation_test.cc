// CRLs of AMD's root, with SEV-SNP evidence.
#include "snp_for_test.h"

namespace attestml::test {
namespace {

using tee::SnpAuthority;

evidence::CollateralItem CrlOf(const SnpAuthority& vendor) { return Issue(vendor).collateral[2]; }

TEST(SnpRevocation, WithoutACrlItIsNotChecked) {
  auto vendor = Vendor();
  vendor.with_crl = false;
  auto package = Issue(vendor);
  const auto expect_not_checked = [&] {
    const auto outcome = Verify(package);
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    EXPECT_EQ(outcome.evidence->facts().revocation, verify::Revocation::kNotChecked);
    EXPECT_FALSE(outcome.evidence->collateral_issued());
    ASSERT_EQ(outcome.checks.size(), 11U);
    for (std::size_t i : {9U, 10U}) {
      EXPECT_EQ(outcome.checks[i].verdict, verify::CheckVerdict::kNotChecked);
      EXPECT_FALSE(outcome.checks[i].seen.empty());
    }
  };
  expect_not_checked();
  // One of another root's says nothing of this one.
  auto other = Vendor(tee::SnpProduct::kGenoa);
  package.collateral.push_back(CrlOf(other));
  expect_not_checked();
}

TEST(SnpRevocation, AGivenCrlMustBeGood) {
  auto vendor = Vendor();
  vendor.crl_issuer = vendor.ask.key;
  EXPECT_EQ(IdOf(vendor), "snp.crl.signature");
  vendor = Vendor();
  vendor.crl.next_update = kNow;
  EXPECT_EQ(IdOf(vendor), "");
  EXPECT_EQ(IdOf(vendor, Time{kNow.unix_seconds + 1}), "snp.crl.expired");
  vendor = Vendor();
  vendor.crl.this_update = Time{kNow.unix_seconds + 1};
  EXPECT_EQ(IdOf(vendor), "snp.crl.not_yet_valid");
  vendor = Vendor();
  vendor.ark.certificate.key_usage = {"keyCertSign"};
  EXPECT_EQ(IdOf(vendor), "snp.crl.issuer");
  vendor = Vendor();
  vendor.crl.extensions.push_back({"1.2.3.4.5", true, {5, 0}});
  EXPECT_EQ(IdOf(vendor), "crl.extension");
}

TEST(SnpRevocation, ACrlOfMoreThanAMegabyte) {
  auto vendor = Vendor();
  for (std::uint32_t i = 0; i < 24000; ++i) {
    Bytes serial(20, 1);
    for (std::size_t byte = 0; byte < 4; ++byte) serial[16 + byte] = static_cast<std::uint8_t>(i >> (8 * byte));
    vendor.crl.revoked_serials.push_back(std::move(serial));
  }
  ASSERT_GT(CrlOf(vendor).bytes.size(), std::size_t{1} << 20);
  EXPECT_EQ(IdOf(vendor), "snp.crl.size");
}

// A list that was cut short cannot say whose it is; without another of the root's it is as bad as a forged one.
TEST(SnpRevocation, ADamagedCrlIsNotAnAbsentOne) {
  const auto honest = Issue(Vendor());
  const Bytes& crl = honest.collateral[2].bytes;
  auto package = honest;
  for (std::size_t size : {std::size_t{2}, std::size_t{100}, crl.size() - 1}) {
    package.collateral[2].bytes.assign(crl.begin(), crl.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(IdOf(Verify(package)), "snp.crl.unreadable") << size;
  }
  package.collateral[2].bytes = crl;
  package.collateral[2].bytes.push_back(0);
  EXPECT_EQ(IdOf(Verify(package)), "snp.crl.unreadable");
  package.collateral[2].bytes = ToBytes(AsBytes("-----BEGIN X509 CRL-----\nMIIB\n"));
  EXPECT_EQ(IdOf(Verify(package)), "snp.crl.unreadable");
  package.collateral.push_back(honest.collateral[2]);
  EXPECT_EQ(IdOf(Verify(package)), "");
}

TEST(SnpRevocation, WindowsCount) {
  const auto vendor = Vendor();
  const auto outcome = Verify(Issue(vendor));
  ASSERT_TRUE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence->valid_from(), vendor.crl.this_update);
  EXPECT_EQ(outcome.evidence->valid_until(), vendor.crl.next_update);
}

TEST(SnpRevocation, RevokedAuthority) {
  for (const auto endorsement : {tee::SnpEndorsement::kVcek, tee::SnpEndorsement::kVlek}) {
    auto vendor = Vendor(tee::SnpProduct::kMilan, endorsement);
    vendor.crl.revoked_serials = {{1, 2, 3}, vendor.ask.certificate.serial};
    EXPECT_EQ(IdOf(vendor), "snp.revocation.authority");
    vendor.crl.revoked_serials = {vendor.ark.certificate.serial};
    EXPECT_EQ(IdOf(vendor), "snp.revocation.authority");
    // The root's list is of what the root has issued; the endorsement key's number in it is another certificate's.
    vendor.crl.revoked_serials = {{1, 2, 3}, vendor.vek.certificate.serial};
    EXPECT_EQ(IdOf(vendor), "");
  }
}

// A revocation counts whatever its list's date is, and whatever newer lists say.
TEST(SnpRevocation, AnyDate) {
  auto package = Issue(Vendor());
  auto old = Vendor();
  old.crl.revoked_serials = {old.ask.certificate.serial};
  old.crl.this_update = Time{kNow.unix_seconds - 100 * kDay};
  old.crl.next_update = Time{kNow.unix_seconds - 70 * kDay};
  package.collateral.push_back(CrlOf(old));
  EXPECT_EQ(IdOf(Verify(package)), "snp.revocation.authority");
  package.collateral.pop_back();
  old.crl.this_update = Time{kNow.unix_seconds + 10 * kDay};
  old.crl.next_update = Time{kNow.unix_seconds + 20 * kDay};
  package.collateral.push_back(CrlOf(old));
  EXPECT_EQ(IdOf(Verify(package)), "snp.revocation.authority");
  package.collateral.erase(package.collateral.begin() + 2);
  EXPECT_EQ(IdOf(Verify(package)), "snp.crl.not_yet_valid") << "no list is of this time";
  // A forged list beside a good one revokes nothing.
  package = Issue(Vendor());
  old.crl_issuer = old.ask.key;
  package.collateral.push_back(CrlOf(old));
  EXPECT_EQ(IdOf(Verify(package)), "");
}

// What is known to have come since: the newest list of a later date, in whatever order they lie.
TEST(SnpRevocation, ListsOfLaterDatesAreTold) {
  const auto honest = Issue(Vendor());
  EXPECT_FALSE(Verify(honest).evidence->since());
  const auto list_of = [](std::int64_t days) {
    auto vendor = Vendor();
    vendor.crl.this_update = Time{kNow.unix_seconds + days * kDay};
    vendor.crl.next_update = Time{kNow.unix_seconds + (days + 30) * kDay};
    return CrlOf(vendor);
  };
  for (const auto& [first, second] : {std::pair{10, 20}, std::pair{20, 10}, std::pair{20, -10}}) {
    auto package = honest;
    package.collateral.push_back(list_of(first));
    package.collateral.push_back(list_of(second));
    const auto outcome = Verify(package);
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    ASSERT_TRUE(outcome.evidence->since());
    EXPECT_EQ(outcome.evidence->since()->issued, (Time{kNow.unix_seconds + 20 * kDay}));
  }
}

// What leaked is the key: a certificate of the same key under another number is no better.
TEST(SnpRevocation, TheKeyIsBarred) {
  auto vendor = Vendor();
  auto reissued = vendor;
  reissued.ask.certificate.serial.back() ^= 1;
  reissued.crl.revoked_serials = {vendor.ask.certificate.serial};
  auto package = Issue(reissued);
  EXPECT_EQ(IdOf(Verify(package)), "") << "the revoked certificate is nowhere, so nobody knows whose it is";
  package.collateral.push_back(Issue(vendor).collateral[1]);
  EXPECT_EQ(IdOf(Verify(package)), "snp.revocation.authority");
}

}  // namespace
}  // namespace attestml::test
