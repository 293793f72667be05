// Chains, roles, product lines, chips, TCBs and hazards of SEV-SNP evidence, one bent field at a time.
#include "snp_for_test.h"

namespace attestml::test {
namespace {

using tee::SnpAuthority;
using tee::SnpEndorsement;
using tee::SnpProduct;

constexpr std::string_view kUnknownOid = "1.2.3.4.5";

TEST(SnpRules, HonestEvidenceOfEveryKind) {
  for (const SnpProduct product : {SnpProduct::kMilan, SnpProduct::kGenoa, SnpProduct::kTurin}) {
    for (const SnpEndorsement endorsement : {SnpEndorsement::kVcek, SnpEndorsement::kVlek}) {
      const auto outcome = Verify(Issue(Vendor(product, endorsement)));
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
      EXPECT_EQ(outcome.evidence->tee(), "simulated-snp");
      EXPECT_EQ(outcome.evidence->facts().revocation, verify::Revocation::kChecked);
      EXPECT_EQ(outcome.evidence->collateral_issued(), (Time{kNow.unix_seconds - 3600}));
      EXPECT_EQ(outcome.evidence->platform_id().size(), endorsement == SnpEndorsement::kVcek ? 64U : 0U);
      EXPECT_EQ(outcome.evidence->certificates().size(), 4U);
      for (const auto& check : outcome.checks) EXPECT_EQ(check.verdict, verify::CheckVerdict::kPass) << check.id;
      for (const auto& hazard : outcome.evidence->facts().hazards) EXPECT_FALSE(hazard.present) << hazard.name;
    }
  }
}

TEST(SnpRules, VersionFourHasTheLayoutOfVersionThree) {
  auto vendor = Vendor();
  vendor.report.version = 4;
  const auto outcome = Verify(Issue(vendor));
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
  EXPECT_EQ(outcome.evidence->format(), "snp-report-v4");
  EXPECT_EQ(outcome.evidence->platform(), "Milan");
  vendor.report.current_mitigations = 1;
  EXPECT_EQ(IdOf(vendor), "snp.report.reserved");
}

// A version 2 report does not say which processor it is of, and the certificate does.
TEST(SnpRules, VersionTwoTakesTheLayoutOfItsCertificate) {
  for (const SnpProduct product : {SnpProduct::kMilan, SnpProduct::kTurin}) {
    auto vendor = Vendor(product);
    vendor.report.version = 2;
    vendor.report.cpuid = {};
    vendor.report.launch_mitigations = vendor.report.current_mitigations = 0;
    const auto outcome = Verify(Issue(vendor));
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    EXPECT_EQ(outcome.evidence->platform(), product == SnpProduct::kTurin ? "Turin" : "Milan");
    EXPECT_EQ(outcome.evidence->facts().security_versions.size(), product == SnpProduct::kTurin ? 5U : 4U);
    vendor.report.cpuid = {0x19, 1, 1};
    EXPECT_EQ(IdOf(vendor), "snp.report.reserved");
  }
}

TEST(SnpRules, OnlyATrustedRootCounts) {
  const auto package = Issue(Vendor());
  EXPECT_EQ(IdOf(verify::VerifyEvidence(package, {}, verify::VendorAnchors(), kNow)), "snp.vek.chain");
  EXPECT_EQ(IdOf(verify::VerifyEvidence(package, {}, {}, kNow)), "snp.vek.chain");
  auto other_vendor = Anchor();
  other_vendor.vendor = verify::Vendor::kIntel;
  const verify::TrustAnchor anchors[] = {other_vendor};
  EXPECT_EQ(IdOf(verify::VerifyEvidence(package, {}, anchors, kNow)), "snp.vek.chain");
}

TEST(SnpRules, CollateralMayBeAnywhereAndInAnyOrder) {
  auto package = Issue(Vendor());
  std::reverse(package.collateral.begin(), package.collateral.end());
  for (auto& item : package.collateral) item.label = "vlek.pem";
  EXPECT_EQ(IdOf(Verify(package)), "");
  const auto collateral = std::move(package.collateral);
  package.collateral.clear();
  EXPECT_EQ(IdOf(Verify(package)), "snp.collateral.vek");
  EXPECT_EQ(Verify(package).evidence.error().kind, ErrorKind::kUnavailable);
  const verify::TrustAnchor anchors[] = {Anchor()};
  EXPECT_EQ(IdOf(verify::VerifyEvidence(package, collateral, anchors, kNow)), "");
}

TEST(SnpRules, TooMuchCollateral) {
  auto package = Issue(Vendor());
  std::string crls;
  for (int i = 0; i < 129; ++i) crls += "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n";
  package.collateral.push_back({"many", ToBytes(AsBytes(crls))});
  EXPECT_EQ(IdOf(Verify(package)), "snp.collateral.count");
}

// Roles: whoever AMD made one thing cannot act as another.
TEST(SnpRules, Roles) {
  auto vendor = Vendor();
  vendor.vek.certificate.is_ca = true;  // an ASK with AMD's extensions
  EXPECT_EQ(IdOf(vendor), "snp.vek.role");
  vendor = Vendor();
  vendor.vek.certificate.key_usage = {"keyCertSign"};
  EXPECT_EQ(IdOf(vendor), "snp.vek.role");
  vendor = Vendor();
  vendor.vek.certificate.key_usage = {"digitalSignature"};
  EXPECT_EQ(IdOf(vendor), "");

  vendor = Vendor();  // the ARK issues a VCEK itself
  vendor.vek.certificate.issuer = vendor.ark.certificate.subject;
  vendor.vek.issuer = vendor.ark.key;
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");

  vendor = Vendor();  // a VCEK issues another
  auto package = Issue(vendor);
  auto second = Vendor();
  second.vek.key = second.report_signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
  second.vek.certificate.issuer = vendor.vek.certificate.subject;
  second.vek.issuer = vendor.vek.key;
  auto forged = Issue(second);
  forged.collateral.push_back(package.collateral[0]);
  EXPECT_FALSE(Verify(forged).evidence.ok());
  forged.collateral.erase(forged.collateral.end() - 1);
  EXPECT_EQ(IdOf(Verify(forged)), "snp.vek.chain");

  vendor = Vendor();  // not an authority at all
  vendor.ask.certificate.is_ca = false;
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");
  vendor = Vendor();
  vendor.ask.certificate.key_usage = {"digitalSignature", "cRLSign"};
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");
}

TEST(SnpRules, VcekIsOfTheAskAndVlekOfTheAsvk) {
  for (const SnpEndorsement endorsement : {SnpEndorsement::kVcek, SnpEndorsement::kVlek}) {
    auto vendor = Vendor(SnpProduct::kMilan, endorsement);
    const char* other = endorsement == SnpEndorsement::kVcek ? "SEV-VLEK-Milan" : "SEV-Milan";
    vendor.ask.certificate.subject[0].second = vendor.vek.certificate.issuer[0].second = other;
    EXPECT_EQ(IdOf(vendor), "snp.vek.issuer");
    for (const char* name : {"SEV-Genoa", "SEV-VLEK-Turin", "SEV-", "ARK-Milan", "SEV-milan", "Milan"}) {
      vendor.ask.certificate.subject[0].second = vendor.vek.certificate.issuer[0].second = name;
      const std::string id = IdOf(vendor);
      EXPECT_TRUE(id == "snp.vek.issuer" || id == "snp.vek.chain") << name << " " << id;
    }
  }
}

// Under a root that is not AMD's own, what the two authorities are called tells their roles and their line apart.
TEST(SnpRules, TheAuthorityAndItsRootAreCalledAsAmdCallsThem) {
  const auto refused = [](const SnpAuthority& vendor) {
    const auto outcome = Verify(Issue(vendor));
    EXPECT_EQ(IdOf(outcome), "snp.vek.issuer");
    return outcome.evidence.ok() ? "" : outcome.evidence.error().message;
  };
  const std::string not_called = " and its root are not called as an ASK or ASVK and its ARK";
  for (const SnpProduct product : {SnpProduct::kMilan, SnpProduct::kGenoa}) {
    const std::string line = product == SnpProduct::kMilan ? "Milan" : "Genoa";
    for (const std::string& name : {"SEV-" + line, "SEV-VLEK-" + line, std::string("ARK-Turin"), std::string("Root")}) {
      auto vendor = Vendor(product);
      for (auto* of_root : {&vendor.ark.certificate.subject, &vendor.ark.certificate.issuer,
                            &vendor.ask.certificate.issuer, &vendor.crl.issuer}) {
        (*of_root)[0].second = name;
      }
      EXPECT_EQ(refused(vendor), "authority \"SEV-" + line + "\"" + not_called) << name;
    }
    for (const std::string& name : {"ASK-" + line, std::string("SEV-Rome")}) {
      auto vendor = Vendor(product);
      vendor.ask.certificate.subject[0].second = vendor.vek.certificate.issuer[0].second = name;
      EXPECT_EQ(refused(vendor), "authority \"" + name + "\"" + not_called);
    }
  }
}

// The report says which key signed it; a certificate of the other kind is not its own.
TEST(SnpRules, SigningKeySaysTheKind) {
  auto vendor = Vendor();
  vendor.report.flags = 1U << 2;
  EXPECT_EQ(IdOf(vendor), "snp.vek.kind");
  vendor = VlekVendor();
  vendor.report.flags = 0;
  EXPECT_EQ(IdOf(vendor), "snp.vek.kind");
  for (const unsigned key : {2U, 7U}) {
    vendor.report.flags = key << 2;
    EXPECT_EQ(IdOf(vendor), "snp.report.signing_key");
  }
}

TEST(SnpRules, PathLengths) {
  auto vendor = Vendor();
  vendor.ark.certificate.path_length = 0;
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");
  vendor.ark.certificate.path_length = 1;
  EXPECT_EQ(IdOf(vendor), "");
  vendor.ask.certificate.path_length = -1;
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");

  // Two authorities between, by a root that sets no limit: signed, and still not AMD's shape.
  vendor = Vendor();
  vendor.ask.certificate.path_length = std::nullopt;
  SnpAuthority between = vendor;
  between.ask.key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
  between.ask.certificate.subject[0].second = "SEV-VLEK-Milan";
  between.ask.certificate.issuer = vendor.ask.certificate.subject;
  between.ask.issuer = vendor.ask.key;
  between.vek.issuer = between.ask.key;
  between.vek.certificate.issuer = between.ask.certificate.subject;
  auto package = Issue(between);
  package.collateral.push_back(Issue(vendor).collateral[1]);
  EXPECT_EQ(IdOf(Verify(package)), "snp.vek.chain");
}

TEST(SnpRules, UnknownCriticalExtensions) {
  for (auto part : {&SnpAuthority::ark, &SnpAuthority::ask, &SnpAuthority::vek}) {
    auto vendor = Vendor();
    (vendor.*part).certificate.extensions.push_back({std::string(kUnknownOid), true, {5, 0}});
    EXPECT_EQ(IdOf(vendor), "snp.vek.chain");
    (vendor.*part).certificate.extensions.back().critical = false;
    EXPECT_EQ(IdOf(vendor), "");
  }
}

TEST(SnpRules, EveryCertificateIsValidAtTheTime) {
  for (auto part : {&SnpAuthority::ark, &SnpAuthority::ask, &SnpAuthority::vek}) {
    auto vendor = Vendor();
    (vendor.*part).certificate.not_after = kNow;
    EXPECT_EQ(IdOf(vendor), "");
    EXPECT_EQ(IdOf(vendor, Time{kNow.unix_seconds + 1}), "snp.vek.validity");
    vendor = Vendor();
    (vendor.*part).certificate.not_before = Time{kNow.unix_seconds + 1};
    EXPECT_EQ(IdOf(vendor), "snp.vek.validity");
    EXPECT_EQ(IdOf(vendor, Time{kNow.unix_seconds + 1}), "");
  }
}

TEST(SnpRules, SaysWhichCertificateIsNotValid) {
  const std::pair<SnpAuthority::Certified SnpAuthority::*, const char*> parts[] = {
      {&SnpAuthority::ark, "ARK-Milan"}, {&SnpAuthority::ask, "SEV-Milan"}, {&SnpAuthority::vek, "SEV-VCEK"}};
  for (const auto& [part, name] : parts) {
    auto vendor = Vendor();
    const Time last{kNow.unix_seconds - 1};
    (vendor.*part).certificate.not_after = last;
    const auto outcome = Verify(Issue(vendor));
    ASSERT_EQ(IdOf(outcome), "snp.vek.validity");
    EXPECT_EQ(outcome.evidence.error().message, "certificate " + std::string(name) + " expired on " + FormatTime(last) +
                                                    ", checked at " + FormatTime(kNow));
  }
}

TEST(SnpRules, OneProductLine) {
  auto vendor = Vendor();
  vendor.report.cpuid = {0x19, 0x11, 1};  // a Genoa report
  EXPECT_EQ(IdOf(vendor), "snp.vek.product");
  vendor.report.cpuid = {0x19, 0x50, 1};  // of a processor that is not known
  EXPECT_EQ(IdOf(vendor), "snp.vek.product");
  vendor = Vendor();
  tee::FindSnpExtension(&vendor, "2")->value = tee::SnpText("Genoa");  // Milan's ASK says Genoa
  EXPECT_EQ(IdOf(vendor), "snp.vek.product");
  vendor.report.cpuid = {0x19, 0x11, 1};  // and so does the report
  EXPECT_EQ(IdOf(vendor), "snp.vek.product");
  vendor = Vendor(SnpProduct::kGenoa);
  for (const char* name : {"Siena", "Bergamo", "Genoa-B1", "Siena-B2"}) {  // served by Genoa's authorities
    tee::FindSnpExtension(&vendor, "2")->value = tee::SnpText(name);
    for (const std::uint8_t model : {std::uint8_t{0x11}, std::uint8_t{0xa0}}) {
      vendor.report.cpuid = {0x19, model, 2};
      const auto outcome = Verify(Issue(vendor));
      ASSERT_TRUE(outcome.evidence.ok()) << name;
      EXPECT_EQ(outcome.evidence->platform(), "Genoa");
    }
  }
}

// Every part of the TCB, the reserved ones too, on both sides.
TEST(SnpRules, EveryPartOfTheTcb) {
  for (const SnpProduct product : {SnpProduct::kMilan, SnpProduct::kGenoa, SnpProduct::kTurin}) {
    const auto honest = Vendor(product);
    for (int oid = 1; oid <= 9; ++oid) {
      auto vendor = honest;
      auto* extension = tee::FindSnpExtension(&vendor, "3." + std::to_string(oid));
      if (extension == nullptr) continue;
      for (const int other : {extension->value.back() + 1, extension->value.back() ^ 0x80}) {
        extension->value = tee::SnpNumber(static_cast<std::uint8_t>(other));
        EXPECT_EQ(IdOf(vendor), "snp.vek.tcb") << oid;
      }
    }
    const auto package = Issue(honest);
    for (std::size_t i = 0; i < 8; ++i) {
      auto vendor = honest;
      ++vendor.report.reported_tcb[i];
      const std::string id = IdOf(Verify(WithReport(package, vendor)));
      EXPECT_TRUE(id == "snp.vek.tcb" || id == "snp.report.tcb") << i << " " << id;
    }
  }
  // A VLEK is for one TCB as well.
  auto vlek = VlekVendor();
  ++vlek.report.reported_tcb[7];
  EXPECT_EQ(IdOf(vlek), "snp.vek.tcb");
  // The other layout's order is not the right one, whatever the numbers.
  auto turin = Vendor(SnpProduct::kTurin);
  turin.report.reported_tcb = {1, 1, 4, 1, 0, 0, 0, 81};
  EXPECT_EQ(IdOf(turin), "snp.vek.tcb");
}

TEST(SnpRules, TheChipOfTheCertificate) {
  for (const SnpProduct product : {SnpProduct::kMilan, SnpProduct::kTurin}) {
    const auto honest = Vendor(product);
    const auto package = Issue(honest);
    for (std::size_t i = 0; i < honest.report.chip_id.size(); ++i) {
      auto vendor = honest;
      vendor.report.chip_id[i] ^= 1;  // Turin: what follows the 8 bytes must be zero
      ASSERT_EQ(IdOf(Verify(WithReport(package, vendor))), "snp.vek.chip") << i;
    }
    auto hidden = honest;
    hidden.report.chip_id.fill(0);
    const auto outcome = Verify(Issue(hidden));
    EXPECT_TRUE(HasHazard(outcome, "masked-chip"));
    // The certificate is of one chip still.
    EXPECT_EQ(outcome.evidence->platform_id(), Bytes(honest.report.chip_id.begin(), honest.report.chip_id.end()));
    auto masked = honest;
    masked.report.flags |= 2;
    EXPECT_EQ(IdOf(masked), "snp.vek.masked");
  }
  auto vlek = VlekVendor();
  vlek.report.flags |= 2;
  EXPECT_FALSE(HasHazard(Verify(Issue(vlek)), "masked-chip"));
  vlek.report.chip_id.fill(7);
  EXPECT_EQ(Verify(Issue(vlek)).evidence->platform_id(), Bytes(64, 7));
}

TEST(SnpRules, Signatures) {
  auto vendor = Vendor();
  vendor.report_signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
  EXPECT_EQ(IdOf(vendor), "snp.report.signature");
  vendor = Vendor();
  vendor.vek.key = vendor.report_signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  EXPECT_EQ(IdOf(vendor), "snp.vek.key");
  vendor = Vendor();
  vendor.vek.issuer = vendor.ark.key;
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");
  vendor = Vendor();
  vendor.ask.issuer = vendor.ask.key;
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");
  vendor = Vendor();
  vendor.ark.issuer = vendor.ask.key;
  EXPECT_EQ(IdOf(vendor), "snp.vek.chain");
}

// Certificates that state what the report's states, with keys or authorities of a forger's: they hide nothing.
TEST(SnpRules, LookalikesBesideTheGenuineCertificate) {
  const auto honest = Issue(Vendor());
  for (const bool same_key : {false, true}) {
    auto forger = Vendor();
    if (!same_key) forger.vek.key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
    forger.vek.issuer = forger.ark.key;
    const Bytes forged = Issue(forger).collateral[0].bytes;
    auto package = honest;
    package.collateral.insert(package.collateral.begin(), {"vek", forged});
    EXPECT_EQ(IdOf(Verify(package)), "");
    package.collateral[1].bytes = forged;
    EXPECT_EQ(IdOf(Verify(package)), "snp.vek.chain");
  }
  // Genuine ones of other chips, TCBs and times, too.
  auto package = honest;
  for (int i = 0; i < 20; ++i) {
    auto other = Vendor();
    other.vek.key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
    other.vek.certificate.serial.back() = static_cast<std::uint8_t>(i);
    tee::FindSnpExtension(&other, "4")->value[0] ^= static_cast<std::uint8_t>(i + 1);
    package.collateral.insert(package.collateral.begin(), Issue(other).collateral[0]);
  }
  auto expired = Vendor();
  expired.vek.certificate.not_after = Time{kNow.unix_seconds - 1};
  package.collateral.insert(package.collateral.begin(), Issue(expired).collateral[0]);
  EXPECT_EQ(IdOf(Verify(package)), "");
}

TEST(SnpRules, Hazards) {
  const auto honest = Vendor();
  const auto package = Issue(honest);
  const auto with = [&](const std::string& name, auto change) {
    auto vendor = honest;
    EXPECT_FALSE(HasHazard(Verify(package), name));
    change(&vendor.report);
    return HasHazard(Verify(WithReport(package, vendor)), name);
  };
  using Body = tee::SnpReportBody;
  EXPECT_TRUE(with("migratable", [](Body* r) { r->policy |= 1U << 18; }));
  EXPECT_TRUE(with("migration-agent", [](Body* r) { r->report_id_ma[31] = 0; }));
  EXPECT_TRUE(with("migration-agent", [](Body* r) { r->report_id_ma.fill(0); }));
  for (std::uint32_t vmpl : {1U, 2U, 3U}) EXPECT_TRUE(with("vmpl", [&](Body* r) { r->vmpl = vmpl; }));
  const std::string provisional = "provisional-firmware";
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(with(provisional, [&](Body* r) { ++r->current_firmware[i]; }));
  }
  for (std::size_t i : {0U, 1U, 6U}) {  // not committed
    EXPECT_TRUE(with(provisional, [&](Body* r) { ++r->current_tcb[i]; })) << i;
  }
  // Microcode may run ahead, as on genuine machines; never behind.
  EXPECT_FALSE(with(provisional, [](Body* r) { ++r->current_tcb[7]; }));
  EXPECT_FALSE(with(provisional, [](Body* r) { ++r->current_tcb[7], ++r->launch_tcb[7]; }));
  EXPECT_TRUE(with(provisional, [](Body* r) { --r->current_tcb[7]; }));
  for (std::size_t i : {0U, 6U, 7U}) {
    EXPECT_TRUE(with(provisional, [&](Body* r) { --r->committed_tcb[i], --r->current_tcb[i]; })) << "reported above";
    EXPECT_TRUE(with(provisional, [&](Body* r) { --r->launch_tcb[i]; })) << "launched below what is reported";
    EXPECT_TRUE(with(provisional, [&](Body* r) { ++r->launch_tcb[i]; })) << "taken back since launch";
  }
  // A version 2 report is read without its processor's layout: what its reserved bytes hold is no firmware's version.
  const auto version_2 = [&](auto change) {
    return with(provisional, [&](Body* r) {
      r->version = 2;
      r->cpuid = {};
      r->launch_mitigations = r->current_mitigations = 0;
      change(r);
    });
  };
  EXPECT_FALSE(version_2([](Body* r) { r->launch_tcb[3] = 9; }));
  EXPECT_FALSE(version_2([](Body* r) { r->current_tcb[3] = 9; }));
  EXPECT_TRUE(version_2([](Body* r) { r->launch_tcb[6] = 99; }));
  auto debug = Vendor();
  debug.report.policy |= 1U << 19;
  EXPECT_TRUE(Verify(Issue(debug)).evidence->debug());
}

TEST(SnpRules, SmtIsARegister) {
  const auto smt = [](std::uint64_t policy, std::uint64_t platform) {
    auto vendor = Vendor();
    vendor.report.policy = policy;
    vendor.report.platform_info = platform;
    const auto outcome = Verify(Issue(vendor));
    const auto& registers = outcome.evidence->facts().registers;
    const auto it = std::find_if(registers.begin(), registers.end(), [](const auto& r) { return r.name == "smt"; });
    return it->value;
  };
  EXPECT_EQ(smt(0x30000, 0x25), Bytes{1});
  EXPECT_EQ(smt(0x30000, 0x24), Bytes{0});
  EXPECT_EQ(smt(0x20000, 0x25), Bytes{0});
}

}  // namespace
}  // namespace attestml::test
