// The simulated devices, as the prover opens them: their evidence verifies under their own root, and under no other.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "tee/simulated.h"
#include "verify/evidence.h"

namespace attestml {
namespace {

using tee::SimulatedTee;

constexpr Time kNow{1790000000};  // 2026-09-21
constexpr std::int64_t kDay = 86400;

std::array<std::uint8_t, 64> ReportData() {
  std::array<std::uint8_t, 64> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i + 1);
  return out;
}

// One folder for all tests: SEV-SNP's keys take seconds.
class DeviceTest : public ::testing::TestWithParam<SimulatedTee> {
 protected:
  static void SetUpTestSuite() {
    std::string name = std::filesystem::temp_directory_path() / "attestml-device-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    base_ = name;
    directory_ = base_ + "/tee";
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(base_); }

  Result<evidence::EvidencePackage> Attest(Time now = kNow) const {
    auto device = tee::OpenSimulated(directory_, measurement_, now, GetParam());
    if (!device.ok()) return device.error();
    EXPECT_EQ((*device)->name(), tee::SimulatedTeeName(GetParam()));
    return (*device)->Attest(ReportData());
  }
  static verify::TrustAnchor Anchor(SimulatedTee tee) {
    const auto status = tee::ReadSimulatedStatus(directory_, tee);
    EXPECT_TRUE(status.ok()) << status.error().message;
    return {"simulated", status.ok() ? status->root_key_id : crypto::Digest256{}, true};
  }
  verify::EvidenceOutcome Verify(const evidence::EvidencePackage& package, Time now = kNow) const {
    const verify::TrustAnchor anchor = Anchor(GetParam());
    return verify::VerifyEvidence(package, {}, {&anchor, 1}, now);
  }

  static std::string base_, directory_;
  const crypto::Digest256 measurement_ = crypto::Sha256(AsBytes("a program"));
};
std::string DeviceTest::base_, DeviceTest::directory_;

TEST_P(DeviceTest, ItsEvidenceVerifies) {
  const auto package = Attest();
  ASSERT_TRUE(package.ok()) << package.error().message;
  const auto outcome = Verify(*package);
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
  const auto& evidence = *outcome.evidence;
  EXPECT_EQ(evidence.tee(), tee::SimulatedTeeName(GetParam()));
  EXPECT_TRUE(evidence.simulated());
  EXPECT_FALSE(evidence.debug());
  EXPECT_TRUE(evidence.tcb_status().empty() || evidence.tcb_status() == "UpToDate");
  EXPECT_EQ(HexEncode(evidence.report_data()), HexEncode(ReportData()));
  for (const auto& hazard : evidence.facts().hazards) EXPECT_FALSE(hazard.present) << hazard.name;
  EXPECT_NE(evidence.facts().revocation, verify::Revocation::kNotChecked);
  // The program's SHA-256, and zeros behind it where the measurement is a SHA-384.
  Bytes wanted = ToBytes(measurement_);
  if (GetParam() != SimulatedTee::kSgx) wanted.resize(48);
  EXPECT_EQ(HexEncode(evidence.measurement()), HexEncode(wanted));
}

TEST_P(DeviceTest, OnlyItsOwnRootVouches) {
  const auto package = Attest();
  ASSERT_TRUE(package.ok());
  EXPECT_FALSE(verify::VerifyEvidence(*package, {}, verify::VendorAnchors(), kNow).evidence.ok());
  for (const SimulatedTee other : tee::kSimulatedTees) {
    ASSERT_TRUE(tee::InitSimulated(directory_, kNow, other).ok());
    const verify::TrustAnchor anchor = Anchor(other);
    const bool one_vendor = Anchor(GetParam()).key_id == anchor.key_id;
    const auto is_intel = [](SimulatedTee tee) { return tee == SimulatedTee::kSgx || tee == SimulatedTee::kTdx; };
    EXPECT_EQ(one_vendor, other == GetParam() || (is_intel(other) && is_intel(GetParam())));
    EXPECT_EQ(verify::VerifyEvidence(*package, {}, {&anchor, 1}, kNow).evidence.ok(), one_vendor);
  }
}

TEST_P(DeviceTest, TheAuthorityStays) {
  ASSERT_TRUE(Attest().ok());
  const auto root = Anchor(GetParam()).key_id;
  for (const int days : {20, 40, 400}) {  // collateral is renewed meanwhile
    const Time later{kNow.unix_seconds + days * kDay};
    const auto package = Attest(later);
    ASSERT_TRUE(package.ok());
    EXPECT_EQ(Anchor(GetParam()).key_id, root);
    const auto outcome = Verify(*package, later);
    EXPECT_TRUE(outcome.evidence.ok()) << days << ": " << outcome.evidence.error().message;
  }
  // A clock that was set back.
  const auto package = Attest(kNow);
  ASSERT_TRUE(package.ok());
  EXPECT_TRUE(Verify(*package).evidence.ok());
}

TEST_P(DeviceTest, KeysArePrivateAndNothingIsLeftBehind) {
  ASSERT_TRUE(Attest().ok());
  std::size_t keys = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory_)) {
    struct stat info {};
    ASSERT_EQ(stat(file.path().c_str(), &info), 0);
    const std::string name = file.path().filename();
    if (file.is_directory()) {
      EXPECT_EQ(info.st_mode & 07777U, 0700U) << file.path();
      EXPECT_EQ(name.find('.'), std::string::npos) << file.path() << " is somebody's attempt";
    } else if (file.path().parent_path().filename() == "keys") {
      EXPECT_EQ(info.st_mode & 07777U, 0600U) << file.path();
      ++keys;
    }
  }
  EXPECT_GE(keys, 5U);
}

TEST_P(DeviceTest, DamagedStateIsSaid) {
  ASSERT_TRUE(Attest().ok());
  const std::string part = GetParam() == SimulatedTee::kSnp     ? "/snp"
                           : GetParam() == SimulatedTee::kNitro ? "/nitro"
                                                                : "";
  const std::string copy = base_ + "/copy";
  const auto id = [&](const std::string& file, const std::string& text) {
    std::filesystem::remove_all(copy);
    std::filesystem::copy(directory_, copy, std::filesystem::copy_options::recursive);
    std::filesystem::remove(copy + part + "/" + file);
    if (!text.empty()) std::ofstream(copy + part + "/" + file) << text;
    const auto device = tee::OpenSimulated(copy, measurement_, kNow, GetParam());
    return device.ok() ? "ok" : device.error().id;
  };
  EXPECT_EQ(id("authority.json", "{\"version\":2}"), "tee.simulated.version");
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory_ + part + "/keys")) {
    files.push_back("keys/" + file.path().filename().string());
  }
  for (const std::string& file : files) {
    // An SGX quote needs the attestation key alone.
    if (GetParam() == SimulatedTee::kSgx && file != "keys/attestation.pem") continue;
    EXPECT_EQ(id(file, ""), "tee.simulated.state") << file;
    EXPECT_EQ(id(file, "nothing"), "tee.simulated.state") << file;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, DeviceTest, ::testing::ValuesIn(tee::kSimulatedTees), [](const auto& which) {
  std::string name(tee::SimulatedTeeName(which.param));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Devices, NamesAreWhatEvidenceIsCalled) {
  for (const SimulatedTee tee : tee::kSimulatedTees) EXPECT_EQ(tee::FindSimulatedTee(tee::SimulatedTeeName(tee)), tee);
  EXPECT_FALSE(tee::FindSimulatedTee("sgx"));
  EXPECT_FALSE(tee::FindSimulatedTee(""));
}

TEST(Devices, FirstUseByManyAtOnceGivesOneAuthority) {
  std::string base = std::filesystem::temp_directory_path() / "attestml-device-XXXXXX";
  ASSERT_NE(mkdtemp(base.data()), nullptr);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(tee::OpenSimulated(base + "/tee", {}, kNow, SimulatedTee::kNitro).ok()); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& file : std::filesystem::directory_iterator(base + "/tee")) {
    EXPECT_EQ(file.path().filename().string().find("nitro."), std::string::npos) << "a loser left its attempt behind";
  }
  EXPECT_FALSE(tee::ReadSimulatedStatus(base + "/tee", SimulatedTee::kSnp).ok());
  EXPECT_EQ(tee::ReadSimulatedStatus(base + "/tee", SimulatedTee::kSnp).error().id, "tee.simulated.absent");
  std::filesystem::remove_all(base);
}

}  // namespace
}  // namespace attestml
