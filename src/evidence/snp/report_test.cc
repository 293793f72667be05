#include "evidence/snp/report.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/byte_writer.h"

namespace attestml::evidence::snp {
namespace {

// Offsets of 56860, table ATTESTATION_REPORT.
constexpr std::size_t kVersion = 0x00, kPolicy = 0x08, kVmpl = 0x30, kAlgorithm = 0x34, kCurrentTcb = 0x38,
                      kPlatformInfo = 0x40, kFlags = 0x48, kReportedTcb = 0x180, kCpuid = 0x188, kChipId = 0x1a0,
                      kCommittedTcb = 0x1e0, kFirmware = 0x1e8, kLaunchTcb = 0x1f0, kMitigations = 0x1f8, kR = 0x2a0,
                      kS = 0x2e8, kRest = 0x330;

// The emptiest report that has the format: of Milan from version 3 on.
Bytes Plain(std::uint8_t version) {
  Bytes out(kReportSize, 0);
  out[kVersion] = version;
  out[kPolicy + 2] = 0x02;
  out[kAlgorithm] = 1;
  if (version >= 3) out[kCpuid] = 0x19;
  return out;
}

std::string IdOf(const Bytes& bytes) {
  const auto report = ParseReport(bytes);
  return report.ok() ? "" : report.error().id;
}

std::string IdWith(std::uint8_t version, std::size_t at, std::uint8_t value) {
  Bytes bytes = Plain(version);
  bytes[at] = value;
  return IdOf(bytes);
}

TEST(SnpReport, EveryFieldIsReadFromItsPlace) {
  Bytes bytes = Plain(5);
  bytes[kCpuid] = 0x1a;
  bytes[kCpuid + 1] = 0x11;
  bytes[kCpuid + 2] = 0x01;
  bytes[0x04] = 7;             // guest SVN
  bytes[kPolicy] = 31;         // ABI minor
  bytes[kPolicy + 1] = 1;      // ABI major
  bytes[kPolicy + 2] |= 0x0d;  // SMT, migration, debug
  bytes[kVmpl] = 3;
  bytes[kPlatformInfo] = 0xa5;
  bytes[kFlags] = 0x07;  // author key, masked chip key, VLEK
  const std::pair<std::size_t, std::size_t> arrays[] = {{0x10, 16},  {0x20, 16},   {0x50, 64},  {0x90, 48},
                                                        {0xc0, 32},  {0xe0, 48},   {0x110, 48}, {0x140, 32},
                                                        {0x160, 32}, {kChipId, 64}};
  std::uint8_t mark = 0x40;
  for (const auto& [at, size] : arrays) {
    bytes[at] = mark++;
    bytes[at + size - 1] = mark++;
  }
  for (std::size_t tcb : {kCurrentTcb, kReportedTcb, kCommittedTcb, kLaunchTcb}) {
    for (std::size_t i : {0U, 1U, 2U, 3U, 7U}) bytes[tcb + i] = mark++;
  }
  for (std::size_t i : {0U, 1U, 2U, 4U, 5U, 6U}) bytes[kFirmware + i] = static_cast<std::uint8_t>(i + 1);
  bytes[kMitigations] = 0x3f;
  bytes[kMitigations + 15] = 0x80;
  bytes[kR] = 1;
  bytes[kR + 47] = 2;
  bytes[kS] = 3;
  bytes[kS + 47] = 4;

  const auto parsed = ParseReport(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.error().id << ": " << parsed.error().message;
  const Report& report = *parsed;
  EXPECT_EQ(report.version, 5U);
  EXPECT_EQ(report.guest_svn, 7U);
  EXPECT_EQ(report.policy.abi_minor(), 31U);
  EXPECT_EQ(report.policy.abi_major(), 1U);
  EXPECT_TRUE(report.policy.smt() && report.policy.migrate_ma() && report.policy.debug());
  EXPECT_FALSE(report.policy.single_socket() || report.policy.cxl() || report.policy.aes_256_xts() ||
               report.policy.rapl_disabled() || report.policy.ciphertext_hiding() ||
               report.policy.page_swap_disabled());
  EXPECT_EQ(report.vmpl, 3U);
  EXPECT_TRUE(report.platform_info.smt() && report.platform_info.ecc() && report.platform_info.alias_check() &&
              report.platform_info.tio());
  EXPECT_FALSE(report.platform_info.tsme() || report.platform_info.rapl_disabled() ||
               report.platform_info.ciphertext_hiding() || report.platform_info.iommu_write_safe());
  EXPECT_TRUE(report.author_key && report.mask_chip_key);
  EXPECT_EQ(report.signing_key, SigningKey::kVlek);
  ASSERT_TRUE(report.cpuid);
  EXPECT_EQ(report.product_line(), ProductLine::kTurin);
  EXPECT_EQ(FirmwareVersionText(report.current), "3.2.1");
  EXPECT_EQ(FirmwareVersionText(report.committed), "7.6.5");
  EXPECT_EQ(report.launch_mitigations, 0x3fU);
  EXPECT_EQ(report.current_mitigations, std::uint64_t{0x80} << 56);
  EXPECT_EQ(report.signature[0], 2);
  EXPECT_EQ(report.signature[47], 1);
  EXPECT_EQ(report.signature[48], 4);
  EXPECT_EQ(report.signature[95], 3);
  EXPECT_EQ(report.signed_bytes, Bytes(bytes.begin(), bytes.begin() + kSignedSize));

  // In the order of the bytes, and whole.
  ByteWriter arrays_again;
  arrays_again.WriteBytes(report.family_id);
  arrays_again.WriteBytes(report.image_id);
  EXPECT_EQ(std::move(arrays_again).Take(), Bytes(bytes.begin() + 0x10, bytes.begin() + 0x30));
  ByteWriter middle;
  middle.WriteBytes(report.report_data);
  middle.WriteBytes(report.measurement);
  middle.WriteBytes(report.host_data);
  middle.WriteBytes(report.id_key_digest);
  middle.WriteBytes(report.author_key_digest);
  middle.WriteBytes(report.report_id);
  middle.WriteBytes(report.report_id_ma);
  middle.WriteBytes(report.reported_tcb);
  EXPECT_EQ(std::move(middle).Take(), Bytes(bytes.begin() + 0x50, bytes.begin() + 0x188));
  EXPECT_TRUE(std::equal(report.chip_id.begin(), report.chip_id.end(), bytes.begin() + kChipId));
  EXPECT_TRUE(std::equal(report.current_tcb.begin(), report.current_tcb.end(), bytes.begin() + kCurrentTcb));
  EXPECT_TRUE(std::equal(report.committed_tcb.begin(), report.committed_tcb.end(), bytes.begin() + kCommittedTcb));
  EXPECT_TRUE(std::equal(report.launch_tcb.begin(), report.launch_tcb.end(), bytes.begin() + kLaunchTcb));
}

TEST(SnpReport, Versions) {
  for (int version = 0; version < 256; ++version) {
    const bool known = version >= 2 && version <= 5;
    EXPECT_EQ(IdOf(Plain(static_cast<std::uint8_t>(version))), known ? "" : "snp.report.version") << version;
  }
  EXPECT_EQ(IdWith(3, 1, 1), "snp.report.version");
  EXPECT_EQ(IdWith(3, 3, 1), "snp.report.version");
  EXPECT_FALSE(ParseReport(Plain(2))->cpuid);
  EXPECT_FALSE(ParseReport(Plain(2))->product_line());
  EXPECT_EQ(ParseReport(Plain(4))->product_line(), ProductLine::kMilan);
  // Without a CPUID there is no line, whatever was there before.
  Report report = ParseReport(Plain(4)).value();
  report.cpuid.reset();
  EXPECT_FALSE(report.product_line());
  EXPECT_FALSE(ParseReport(Plain(4))->launch_mitigations);
  EXPECT_TRUE(ParseReport(Plain(5))->launch_mitigations);
}

TEST(SnpReport, EveryLength) {
  const Bytes bytes = Plain(3);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(IdOf(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))), "snp.report.truncated")
        << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(IdOf(longer), "snp.report.trailing");
  longer.resize(8000);
  EXPECT_EQ(IdOf(longer), "snp.report.trailing");
}

TEST(SnpReport, ReservedBytesOfEachVersion) {
  for (std::uint8_t version = 2; version <= 5; ++version) {
    std::vector<std::pair<std::size_t, std::size_t>> reserved = {
        {0x4c, 4}, {0x18b, 21}, {0x1eb, 1}, {0x1ef, 1}, {0x208, 152}};
    if (version == 2) reserved.push_back({kCpuid, 3});
    if (version < 5) reserved.push_back({kMitigations, 16});
    for (const auto& [at, size] : reserved) {
      for (std::size_t i = at; i < at + size; ++i) {
        ASSERT_EQ(IdWith(version, i, 0x80), "snp.report.reserved") << int{version} << " byte " << i;
      }
    }
  }
}

TEST(SnpReport, ReservedBitsAndValues) {
  EXPECT_EQ(IdWith(3, kAlgorithm, 0), "snp.report.signature_algorithm");
  EXPECT_EQ(IdWith(3, kAlgorithm, 2), "snp.report.signature_algorithm");
  EXPECT_EQ(IdWith(3, kPolicy + 2, 0), "snp.report.policy");  // bit 17 must be one
  EXPECT_EQ(IdWith(3, kPolicy + 3, 0x03), "");
  EXPECT_EQ(IdWith(3, kPolicy + 3, 0x04), "snp.report.policy");
  EXPECT_EQ(IdWith(3, kPolicy + 7, 0x80), "snp.report.policy");
  EXPECT_EQ(IdWith(3, kVmpl, 3), "");
  EXPECT_EQ(IdWith(3, kVmpl, 4), "snp.report.vmpl");
  EXPECT_EQ(IdWith(3, kPlatformInfo, 0xff), "");
  EXPECT_EQ(IdWith(3, kPlatformInfo + 1, 1), "snp.report.platform_info");
  EXPECT_EQ(IdWith(3, kFlags, 0x03), "");
  EXPECT_EQ(IdWith(3, kFlags, 0x20), "snp.report.flags");
  EXPECT_EQ(IdWith(3, kFlags + 3, 0x80), "snp.report.flags");
  EXPECT_EQ(IdWith(3, kFlags, 1 << 2), "");
  for (int key = 2; key < 8; ++key) {
    EXPECT_EQ(IdWith(3, kFlags, static_cast<std::uint8_t>(key << 2)), "snp.report.signing_key") << key;
  }
  Bytes host = Plain(3);
  std::fill_n(host.begin() + kVmpl, 4, 0xff);
  const auto refused = ParseReport(host);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "the host asked for this report, not the guest");
}

TEST(SnpReport, ReservedBytesOfATcb) {
  for (std::size_t tcb : {kCurrentTcb, kReportedTcb, kCommittedTcb, kLaunchTcb}) {
    for (std::size_t i = 0; i < 8; ++i) {
      const bool milan = i >= 2 && i <= 5;
      EXPECT_EQ(IdWith(3, tcb + i, 1), milan ? "snp.report.tcb" : "") << tcb << " " << i;
      EXPECT_EQ(IdWith(2, tcb + i, 1), "") << "version 2 does not say whose layout it is";
      Bytes turin = Plain(5);
      turin[kCpuid] = 0x1a;
      turin[tcb + i] = 1;
      EXPECT_EQ(IdOf(turin), i >= 4 && i <= 6 ? "snp.report.tcb" : "") << tcb << " " << i;
    }
  }
}

TEST(SnpReport, SignatureBlock) {
  for (std::size_t i = kR; i < kReportSize; ++i) {
    const bool scalar = i < kR + 48 || (i >= kS && i < kS + 48);
    ASSERT_EQ(IdWith(3, i, 1), scalar ? "" : "snp.report.signature_size") << i;
  }
  EXPECT_EQ(IdWith(3, kRest, 1), "snp.report.signature_size");
}

TEST(SnpReport, ProductLines) {
  const auto line = [](int family, int model) {
    const auto found = ProductLineOfCpuid(static_cast<std::uint8_t>(family), static_cast<std::uint8_t>(model));
    return found ? std::string(ProductLineName(*found)) : "";
  };
  EXPECT_EQ(line(0x19, 0x01), "Milan");
  EXPECT_EQ(line(0x19, 0x0f), "Milan");
  EXPECT_EQ(line(0x19, 0x11), "Genoa");
  EXPECT_EQ(line(0x19, 0xa0), "Genoa");  // Bergamo and Siena
  EXPECT_EQ(line(0x19, 0x20), "");
  EXPECT_EQ(line(0x19, 0xb0), "");
  EXPECT_EQ(line(0x1a, 0x02), "Turin");
  EXPECT_EQ(line(0x1a, 0x11), "Turin");
  EXPECT_EQ(line(0x1a, 0x50), "");
  EXPECT_EQ(line(0x17, 0x01), "");
  for (const char* name : {"Milan", "Milan-B0", "Milan-B1"}) EXPECT_EQ(ProductLineOfName(name), ProductLine::kMilan);
  for (const char* name : {"Genoa", "Genoa-B1", "Bergamo", "Siena-B2"}) {
    EXPECT_EQ(ProductLineOfName(name), ProductLine::kGenoa) << name;
  }
  EXPECT_EQ(ProductLineOfName("Turin-C1"), ProductLine::kTurin);
  for (const char* name : {"", "-B0", "milan", "Milan-", "Milan-B", "Milan-b0", "Milan-BX", "Milan-B00", "Milan B0",
                           "Milan-B0-B0", "Rome", "Turin "}) {
    EXPECT_FALSE(ProductLineOfName(name)) << name;
  }
}

}  // namespace
}  // namespace attestml::evidence::snp
