// Azure's report around an SEV-SNP report of a simulated vendor: the binding, and every rule of SEV-SNP still there.
#include "crypto/digest.h"
#include "snp_for_test.h"
#include "tee/azure_report.h"
#include "tee/tdx_authority.h"

namespace attestml::test {
namespace {

constexpr std::string_view kRuntime = R"({"keys":[{"kid":"HCLAkPub"}],"user-data":"00"})";

std::array<std::uint8_t, 64> DataOf(std::string_view runtime) {
  std::array<std::uint8_t, 64> out{};
  const auto digest = crypto::Sha256(AsBytes(runtime));
  std::copy(digest.begin(), digest.end(), out.begin());
  return out;
}

// The report with its collateral, inside Azure's.
evidence::EvidencePackage Wrapped(const tee::SnpAuthority& vendor, std::string_view runtime = kRuntime,
                                  std::string_view stated = kRuntime) {
  auto package = tee::IssueSnpEvidence(vendor, DataOf(runtime));
  EXPECT_TRUE(package.ok());
  package->evidence = tee::EncodeAzureReport({.hardware_report = package->evidence, .runtime_data = stated});
  return *std::move(package);
}

TEST(AzureReport, TheHardwareLayerAndNoMore) {
  const auto outcome = Verify(Wrapped(Vendor()));
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
  const verify::EvidenceFacts& facts = outcome.evidence->facts();
  EXPECT_EQ(facts.format, "azure-snp-report-v3");
  EXPECT_EQ(outcome.evidence->tee(), "simulated-snp");
  EXPECT_FALSE(facts.has_report_data);
  EXPECT_EQ(facts.report_data, (std::array<std::uint8_t, 64>{}));
  EXPECT_EQ(facts.nonce, std::nullopt);
  ASSERT_EQ(outcome.checks.size(), 14U);
  EXPECT_EQ(outcome.checks[0].id, "azure.report.format");
  EXPECT_EQ(outcome.checks[1].id, "azure.report.binding");
  EXPECT_EQ(outcome.checks[13].id, "azure.vtpm");
  EXPECT_EQ(outcome.checks[13].verdict, verify::CheckVerdict::kNotChecked);
  for (std::size_t i = 0; i < 13; ++i) EXPECT_EQ(outcome.checks[i].verdict, verify::CheckVerdict::kPass) << i;
}

TEST(AzureReport, AboutThisRuntimeData) {
  EXPECT_EQ(IdOf(Verify(Wrapped(Vendor(), kRuntime, "{}"))), "azure.report.binding");
  EXPECT_EQ(IdOf(Verify(Wrapped(Vendor(), "", ""))), "");
  // The rest of the report data is zero, or it means something that nobody here knows.
  auto data = DataOf(kRuntime);
  data[63] = 1;
  auto package = *tee::IssueSnpEvidence(Vendor(), data);
  package.evidence = tee::EncodeAzureReport({.hardware_report = package.evidence, .runtime_data = kRuntime});
  EXPECT_EQ(IdOf(Verify(package)), "azure.report.binding");
}

TEST(AzureReport, EveryRuleOfTheReportInside) {
  auto vendor = Vendor();
  vendor.report.reported_tcb[7] ^= 1;
  EXPECT_EQ(IdOf(Verify(Wrapped(vendor))), "snp.vek.tcb");
  vendor = Vendor();
  vendor.report_signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
  EXPECT_EQ(IdOf(Verify(Wrapped(vendor))), "snp.report.signature");
  vendor = Vendor();
  vendor.crl.revoked_serials = {vendor.ask.certificate.serial};
  EXPECT_EQ(IdOf(Verify(Wrapped(vendor))), "snp.revocation.authority");
  // Under the vendors' roots it is nobody's.
  const auto package = Wrapped(Vendor());
  EXPECT_EQ(verify::VerifyEvidence(package, {}, verify::VendorAnchors(), kNow).evidence.error().id, "snp.vek.chain");
  vendor = Vendor();
  vendor.report.policy |= 1U << 19;
  const auto debug = Verify(Wrapped(vendor));
  ASSERT_TRUE(debug.evidence.ok());
  EXPECT_TRUE(debug.evidence->debug());
}

TEST(AzureReport, OneKindForAnother) {
  auto package = *tee::IssueSnpEvidence(Vendor(), DataOf(kRuntime));
  const Bytes report = package.evidence;
  package.evidence = tee::EncodeAzureReport({.hardware_report = report, .is_tdx = true, .runtime_data = kRuntime});
  EXPECT_EQ(IdOf(Verify(package)), "azure.report.hardware");
  Bytes td_report(1024);
  td_report[0] = 0x81;
  const auto data = DataOf(kRuntime);
  std::copy(data.begin(), data.end(), td_report.begin() + 128);
  package.evidence = tee::EncodeAzureReport({.hardware_report = td_report, .is_tdx = true, .runtime_data = kRuntime});
  EXPECT_EQ(IdOf(Verify(package)), "azure.collateral.td_quote");
  package.evidence = tee::EncodeAzureReport({.hardware_report = td_report, .is_tdx = true, .runtime_data = "{}"});
  EXPECT_EQ(IdOf(Verify(package)), "azure.report.binding");
  package.evidence = tee::EncodeAzureReport({.hardware_report = td_report, .runtime_data = kRuntime});
  EXPECT_EQ(IdOf(Verify(package)), "azure.report.binding");  // no SNP report has its data there
}

// A TDREPORT is nothing without a quote of the same TD, which the collateral holds among others.
TEST(AzureReport, TheQuoteOfItsOwnTd) {
  const auto keys = tee::SimulatedKeys::Generate();
  const auto vendor = tee::TdxAuthority::Create(keys, kNow);
  const auto quote_over = [&](std::string_view runtime) {
    auto package = tee::IssueTdxEvidence(vendor, DataOf(runtime));
    EXPECT_TRUE(package.ok());
    return package.ok() ? *std::move(package) : evidence::EvidencePackage{};
  };
  Bytes td_report(1024);
  td_report[0] = 0x81;
  const auto data = DataOf(kRuntime);
  std::copy(data.begin(), data.end(), td_report.begin() + 128);
  const auto own = quote_over(kRuntime);
  const auto verdict = [&](const std::vector<Bytes>& quotes) {
    auto package = own;
    package.evidence = tee::EncodeAzureReport({.hardware_report = td_report, .is_tdx = true, .runtime_data = kRuntime});
    for (const Bytes& quote : quotes) package.collateral.push_back({"quote", quote});
    const verify::TrustAnchor anchors[] = {
        {.name = "simulated", .key_id = keys.root.public_key().id(), .simulated = true}};
    return IdOf(verify::VerifyEvidence(package, {}, anchors, kNow));
  };
  EXPECT_EQ(verdict({own.evidence}), "");
  EXPECT_EQ(verdict({}), "azure.collateral.td_quote");
  // One that is cut is none, and hides none.
  const Bytes cut(own.evidence.begin(), own.evidence.begin() + 100);
  EXPECT_EQ(verdict({cut}), "azure.collateral.td_quote");
  EXPECT_EQ(verdict({cut, own.evidence}), "");
  // The first eight are looked at, and no more.
  std::vector<Bytes> others;
  for (const std::string_view runtime : {"1", "2", "3", "4", "5", "6", "7"}) {
    others.push_back(quote_over(runtime).evidence);
  }
  EXPECT_EQ(verdict(others), "azure.report.binding");
  others.push_back(own.evidence);
  EXPECT_EQ(verdict(others), "");
  others.insert(others.begin(), quote_over("8").evidence);
  EXPECT_EQ(verdict(others), "azure.report.binding");
}

TEST(AzureReport, PaddingIsZeroAndOptional) {
  auto package = Wrapped(Vendor());
  package.evidence.resize(package.evidence.size() - 254);
  EXPECT_EQ(IdOf(Verify(package)), "");
  package.evidence.push_back(1);
  EXPECT_EQ(IdOf(Verify(package)), "azure.report.trailing");
}

}  // namespace
}  // namespace attestml::test
