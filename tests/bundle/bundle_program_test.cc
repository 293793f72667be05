// One session key with two pieces of evidence: which registers may differ between them, in each format.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "provers.h"
#include "tee/nitro_authority.h"
#include "tee/snp_authority.h"
#include "tee/tdx_authority.h"

namespace attestml::bundle_test {
namespace {

using ReportDataBytes = std::array<std::uint8_t, 64>;

// A bundle of one statement and two pieces of evidence of its key. `quote` makes evidence; 0 and 1 say which.
std::string EndsInOrder(int first, const verify::TrustAnchor& anchor,
                        const std::function<Result<evidence::EvidencePackage>(int, const ReportDataBytes&)>& quote) {
  const Prover prover;
  Lines lines = {prover.Sign(statement::sample::SampleTraining())};
  for (const int which : {first, 1 - first}) {
    const std::string nonce = which == 0 ? "" : "02";
    auto package = quote(which, statement::ReportData(prover.key_id(), {}, statement::NonceDigest(*HexDecode(nonce))));
    EXPECT_TRUE(package.ok());
    if (!package.ok()) return package.error().message;
    auto claim = statement::sample::SampleEvidence(prover.key.public_key().spki(), evidence::EncodeCmw(*package));
    claim.nonce = nonce;
    lines.push_back(prover.Sign(claim));
  }
  const auto outcome = verify::VerifyBundle(lines, {}, {&anchor, 1}, kNow);
  if (outcome.bundle.ok()) return "ok";
  const std::string& message = outcome.bundle.error().message;
  return outcome.bundle.error().id + message.substr(message.rfind(": "));
}

// Whichever comes first, the verdict is the same.
std::string EndsWith(const verify::TrustAnchor& anchor,
                     const std::function<Result<evidence::EvidencePackage>(int, const ReportDataBytes&)>& quote) {
  const std::string ends = EndsInOrder(0, anchor, quote);
  const std::string other = EndsInOrder(1, anchor, quote);
  EXPECT_EQ(ends.substr(0, ends.find(' ')), other.substr(0, other.find(' ')));
  return ends;
}

TEST(BundleProgram, SgxConfigId) {
  const auto with = [](std::uint8_t value) {
    return EndsWith(Anchor(), [value](int which, const ReportDataBytes& report_data) {
      auto authority = tee::SimulatedAuthority::Create(Vendor(), kNow);
      authority.program.config_id.back() = which == 0 ? 0 : value;
      return tee::IssueEvidence(authority, report_data);
    });
  };
  EXPECT_EQ(with(0), "ok");
  EXPECT_EQ(with(1), "bundle.key_two_programs: configid 0000000000000000… and 0000000000000000…");
}

TEST(BundleProgram, TdxRegisters) {
  using Bend = std::function<void(tee::TdReportBody&)>;
  const auto with = [](const Bend& bend, tee::TdQuote quote = tee::TdQuote::kVersion5Td15) {
    return EndsWith(Anchor(), [&](int which, const ReportDataBytes& report_data) {
      auto authority = tee::TdxAuthority::Create(Vendor(), kNow, quote);
      if (which == 1) bend(authority.td);
      return tee::IssueTdxEvidence(authority, report_data);
    });
  };
  EXPECT_EQ(with([](auto&) {}), "ok");
  EXPECT_EQ(with([](auto&) {}, tee::TdQuote::kVersion4), "ok");
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string ends = with([i](auto& td) { td.rtmr[i].back() ^= 1; });
    EXPECT_TRUE(ends.starts_with("bundle.key_two_programs: rtmr" + std::to_string(i))) << ends;
  }
  EXPECT_EQ(with([](auto& td) { td.rtmr[3].back() ^= 1; }), "ok") << "the applications extend it";
  EXPECT_EQ(with([](auto& td) { td.mrseam.back() ^= 1; }), "ok") << "the module may be updated";
  const std::pair<const char*, Bend> others[] = {
      {"measurement", [](auto& td) { td.mrtd[0] ^= 1; }},
      {"mrconfigid", [](auto& td) { td.mrconfigid[0] ^= 1; }},
      {"mrowner", [](auto& td) { td.mrowner[0] ^= 1; }},
      {"mrownerconfig", [](auto& td) { td.mrownerconfig[0] ^= 1; }},
      {"mrservicetd", [](auto& td) { td.version_15->mrservicetd[0] ^= 1; }},
      {"tdattributes", [](auto& td) { td.tdattributes ^= tee::kTdMigratable; }},
      {"debug", [](auto& td) { td.tdattributes ^= tee::kTdDebug; }},
      {"xfam", [](auto& td) { td.xfam ^= 1U << 18; }},
  };
  for (const auto& [name, bend] : others) {
    const std::string ends = with(bend);
    EXPECT_TRUE(ends.starts_with("bundle.key_two_programs: " + std::string(name))) << name << ": " << ends;
  }
}

TEST(BundleProgram, SnpRegisters) {
  const tee::SnpKeys keys = tee::SnpKeys::Generate();
  const auto honest = tee::SnpAuthority::Create(keys, tee::SnpProduct::kTurin, tee::SnpEndorsement::kVcek, kNow);
  const verify::TrustAnchor anchor{"simulated", keys.ark.public_key().id(), true};
  using Bend = std::function<void(tee::SnpReportBody&)>;
  const auto with = [&](const Bend& bend) {
    return EndsWith(anchor, [&](int which, const ReportDataBytes& report_data) {
      auto authority = honest;
      if (which == 1) bend(authority.report);
      return tee::IssueSnpEvidence(authority, report_data);
    });
  };
  EXPECT_EQ(with([](auto&) {}), "ok");
  const std::pair<const char*, Bend> kept[] = {
      {"platform_info", [](auto& r) { r.platform_info ^= 2; }},
      {"smt", [](auto& r) { r.platform_info ^= 1; }},
      {"report_id_ma", [](auto& r) { r.report_id_ma[0] ^= 1; }},
      {"current_mit_vector", [](auto& r) { r.current_mitigations ^= 1; }},
  };
  for (const auto& [name, bend] : kept) EXPECT_EQ(with(bend), "ok") << name;
  const std::pair<const char*, Bend> compared[] = {
      {"measurement", [](auto& r) { r.measurement[0] ^= 1; }},
      {"host_data", [](auto& r) { r.host_data[0] ^= 1; }},
      {"id_key_digest", [](auto& r) { r.id_key_digest[0] ^= 1; }},
      {"author_key_digest", [](auto& r) { r.author_key_digest[0] ^= 1; }},
      {"family_id", [](auto& r) { r.family_id[0] ^= 1; }},
      {"image_id", [](auto& r) { r.image_id[0] ^= 1; }},
      {"report_id", [](auto& r) { r.report_id[0] ^= 1; }},
      {"policy", [](auto& r) { r.policy ^= 1; }},
      {"launch_mit_vector", [](auto& r) { r.launch_mitigations ^= 1; }},
      {"security version", [](auto& r) { r.guest_svn ^= 1; }},
  };
  for (const auto& [name, bend] : compared) {
    const std::string ends = with(bend);
    EXPECT_TRUE(ends.starts_with("bundle.key_two_programs: " + std::string(name))) << name << ": " << ends;
  }
}

TEST(BundleProgram, NitroRegisters) {
  const tee::NitroKeys keys = tee::NitroKeys::Generate();
  const verify::TrustAnchor anchor{"simulated", keys.root.public_key().id(), true};
  using Bend = std::function<void(tee::NitroAuthority&)>;
  const auto with = [&](const Bend& bend) {
    return EndsWith(anchor, [&](int which, const ReportDataBytes& report_data) {
      auto authority = tee::NitroAuthority::Create(keys, kNow);
      authority.user_data = Bytes(report_data.begin(), report_data.end());
      if (which == 1) bend(authority);
      return tee::IssueNitroEvidence(authority);
    });
  };
  EXPECT_EQ(with([](auto&) {}), "ok");
  EXPECT_EQ(with([](auto& a) { a.public_key = Bytes{1}; }), "ok");
  EXPECT_EQ(with([](auto& a) { a.nonce = Bytes{1}; }), "ok");
  for (unsigned index = 0; index < 32; ++index) {
    const std::string ends = with([index](auto& a) { a.pcrs[index] = Bytes(48, 0x5a); });
    if (index >= 16) {
      EXPECT_EQ(ends, "ok") << "PCR" << index << " is the enclave's to extend";
    } else {
      const std::string want = index == 0 ? "measurement" : "pcr" + std::to_string(index) + " ";
      EXPECT_TRUE(ends.starts_with("bundle.key_two_programs: " + want)) << index << ": " << ends;
    }
  }
  EXPECT_EQ(with([](auto& a) { a.pcrs.erase(15); }), "bundle.key_two_programs: register pcr15 in one of them only");
  EXPECT_EQ(with([](auto& a) { a.pcrs[16] = Bytes(48, 0); }), "ok");
  const std::string other = with([](auto& a) { a.module_id += "1"; });
  EXPECT_TRUE(other.starts_with("bundle.key_two_programs: module_id")) << other;
}

}  // namespace
}  // namespace attestml::bundle_test
