#include "tee/simulated.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "base/json.h"
#include "crypto/certificate.h"
#include "tee/sgx_quote.h"
#include "tee/simulated_authority.h"

namespace attestml::tee {
namespace {

constexpr Time kNow{1790000000};  // 2026-09-21
constexpr std::int64_t kDay = 86400;

std::array<std::uint8_t, 64> ReportData() {
  std::array<std::uint8_t, 64> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i + 1);
  return out;
}

class SimulatedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "attestml-tee-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    base_ = name;
    directory_ = base_ + "/state/attestml/simulated";
  }
  void TearDown() override {
    std::error_code code;
    std::filesystem::permissions(directory_ + "/collateral", std::filesystem::perms::owner_all, code);
    std::filesystem::remove_all(base_, code);
  }

  std::string Text(const std::string& name) const {
    const auto bytes = artifact::ReadFile(directory_ + "/" + name);
    return bytes.ok() ? std::string(AsText(*bytes)) : "";
  }
  unsigned Mode(const std::string& name) const {
    struct stat info {};
    return stat((directory_ + name).c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
  }
  evidence::EvidencePackage Attest(Time now = kNow) {
    auto device = OpenSimulated(directory_, measurement_, now);
    EXPECT_TRUE(device.ok()) << device.error().message;
    auto package = (*device)->Attest(ReportData());
    EXPECT_TRUE(package.ok());
    return *package;
  }

  std::string base_, directory_;
  const crypto::Digest256 measurement_ = crypto::Sha256(AsBytes("a program"));
};

TEST_F(SimulatedTest, FirstUseMakesAPrivateDirectoryWithPrivateKeys) {
  ASSERT_TRUE(OpenSimulated(directory_, measurement_, kNow).ok());
  EXPECT_EQ(Mode(""), 0700U);
  std::size_t num_keys = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory_ + "/keys")) {
    EXPECT_EQ(Mode("/keys/" + file.path().filename().string()), 0600U) << file.path();
    ++num_keys;
  }
  EXPECT_EQ(num_keys, 5U);
  for (const auto& file : std::filesystem::directory_iterator(base_ + "/state/attestml")) {
    EXPECT_EQ(file.path(), directory_) << "something was left behind";
  }
}

TEST_F(SimulatedTest, AnEmptyDirectoryOfTheUserIsTaken) {
  std::filesystem::create_directories(directory_);
  ASSERT_TRUE(InitSimulated(directory_ + "//", kNow).ok());
  EXPECT_EQ(Mode(""), 0700U);
}

TEST_F(SimulatedTest, StatusNamesTheRootKeyAndTheWindow) {
  EXPECT_EQ(ReadSimulatedStatus(directory_).error().id, "tee.simulated.absent");
  ASSERT_TRUE(InitSimulated(directory_, kNow).ok());
  const auto status = ReadSimulatedStatus(directory_);
  ASSERT_TRUE(status.ok()) << status.error().message;
  const auto chain = crypto::Certificate::FromPem(Text("certificates/pck-chain.pem"));
  ASSERT_TRUE(chain.ok());
  ASSERT_EQ(chain->size(), 3U);
  EXPECT_EQ(status->root_key_id, chain->back().key_id());
  EXPECT_EQ(status->collateral_until->unix_seconds, kNow.unix_seconds - kClockSkew + kCollateralSeconds);
}

TEST_F(SimulatedTest, FirstUseByManyAtOnceGivesOneAuthority) {
  constexpr std::size_t kThreads = 8;
  std::vector<std::string> certifications(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      auto device = OpenSimulated(directory_, measurement_, kNow);
      ASSERT_TRUE(device.ok()) << device.error().message;
      const auto package = (*device)->Attest(ReportData());
      certifications[i] = HexEncode(BytesView(package->evidence).subspan(436 + 64));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(certifications.begin(), certifications.end()).size(), 1U);
  for (const auto& file : std::filesystem::directory_iterator(base_ + "/state/attestml")) {
    EXPECT_EQ(file.path(), directory_) << "a loser left its attempt behind";
  }
}

TEST_F(SimulatedTest, TheQuoteIsSignedAndCertifiedUpToTheRoot) {
  const evidence::EvidencePackage package = Attest();
  const BytesView quote = package.evidence;
  EXPECT_EQ(package.media_type, evidence::kSgxQuoteMediaType);
  EXPECT_EQ(HexEncode(quote.first(8)), "0300020000000000");
  EXPECT_EQ(HexEncode(quote.subspan(12, 16)), "939a7233f79c4ca9940a0db3957f0607");
  EXPECT_EQ(HexEncode(quote.subspan(48 + 64, 32)), HexEncode(measurement_));
  EXPECT_EQ(HexEncode(quote.subspan(48 + 48, 8)), "0500000000000000") << "INIT and MODE64BIT, not DEBUG";
  EXPECT_EQ(HexEncode(quote.subspan(48 + 320, 64)), HexEncode(ReportData()));

  const auto key = crypto::PublicKey::FromP256Point(quote.subspan(500, 64));
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(key->VerifyRaw(quote.first(432), quote.subspan(436, 64)));
  const BytesView qe_report = quote.subspan(564, 384);
  EXPECT_EQ(HexEncode(qe_report.subspan(320)), HexEncode(QeReportData(*key, quote.subspan(564 + 384 + 64 + 2, 32))));

  const auto chain = crypto::Certificate::FromPem(AsText(quote.subspan(564 + 384 + 64 + 2 + 32 + 6)));
  ASSERT_TRUE(chain.ok()) << chain.error().message;
  ASSERT_EQ(chain->size(), 3U);
  EXPECT_TRUE((*chain)[0].public_key()->VerifyRaw(qe_report, quote.subspan(564 + 384, 64)));
  EXPECT_TRUE((*chain)[0].SignedBy((*chain)[1]));
  EXPECT_TRUE((*chain)[1].SignedBy((*chain)[2]));
  EXPECT_TRUE((*chain)[2].SignedBy((*chain)[2]));
  EXPECT_EQ((*chain)[0].common_name(), "Intel SGX PCK Certificate");
  EXPECT_NE((*chain)[2].subject().find("AttestML Simulated TEE"), std::string::npos);
}

TEST_F(SimulatedTest, CollateralIsSignedByTheTcbSignerAndTheAuthorities) {
  const evidence::EvidencePackage package = Attest();
  ASSERT_EQ(package.collateral.size(), 5U);
  const auto signing = crypto::Certificate::FromPem(AsText(package.collateral[4].bytes));
  ASSERT_TRUE(signing.ok());
  const auto chain = crypto::Certificate::FromPem(Text("certificates/pck-chain.pem"));
  EXPECT_TRUE(signing->front().SignedBy(signing->back()));
  EXPECT_EQ(signing->back().key_id(), chain->back().key_id());
  for (const auto& [index, name] : {std::pair(0, "tcbInfo"), std::pair(1, "enclaveIdentity")}) {
    const std::string text(AsText(package.collateral[static_cast<std::size_t>(index)].bytes));
    ASSERT_TRUE(ParseJson(text).ok());
    const std::string head = std::string("{\"") + name + "\":";
    const std::size_t tail = text.rfind(",\"signature\":\"");
    ASSERT_EQ(text.substr(0, head.size()), head);
    ASSERT_NE(tail, std::string::npos);
    const std::string body = text.substr(head.size(), tail - head.size());
    const auto signature = HexDecode(text.substr(tail + 14, 128));
    ASSERT_TRUE(signature.ok());
    EXPECT_TRUE(signing->front().public_key()->VerifyRaw(AsBytes(body), *signature));
  }
  const auto root_crl = crypto::Crl::FromDer(package.collateral[2].bytes);
  const auto pck_crl = crypto::Crl::FromDer(package.collateral[3].bytes);
  ASSERT_TRUE(root_crl.ok() && pck_crl.ok());
  const auto signed_by = [](const crypto::Crl& crl, const crypto::Certificate& issuer) {
    return crl.issuer_der() == issuer.subject_der() && crypto::Crl::FromSignedDer(crl.der(), *issuer.public_key()).ok();
  };
  EXPECT_TRUE(signed_by(*root_crl, (*chain)[2]));
  EXPECT_TRUE(signed_by(*pck_crl, (*chain)[1]));
  EXPECT_LT(root_crl->this_update(), kNow);
  EXPECT_GT(pck_crl->next_update().unix_seconds, kNow.unix_seconds + 29 * kDay);
}

TEST_F(SimulatedTest, CollateralIsRenewedPastHalfOfItsWindowAndTheAuthorityStays) {
  Attest();
  const std::string first = Text("collateral/tcb-info.json");
  const std::string root = Text("keys/root.pem");
  Attest(Time{kNow.unix_seconds + 14 * kDay});
  EXPECT_EQ(Text("collateral/tcb-info.json"), first);
  Attest(Time{kNow.unix_seconds + 16 * kDay});
  EXPECT_NE(Text("collateral/tcb-info.json"), first);
  EXPECT_EQ(ReadSimulatedStatus(directory_)->collateral_until->unix_seconds,
            kNow.unix_seconds + 16 * kDay - kClockSkew + kCollateralSeconds);
  EXPECT_EQ(Text("keys/root.pem"), root);
  const auto crl = crypto::Crl::FromDer(AsBytes(Text("collateral/pck-crl.der")));
  EXPECT_EQ(crl->this_update().unix_seconds, kNow.unix_seconds + 16 * kDay - kClockSkew);
}

TEST_F(SimulatedTest, AClockSetBackGetsDocumentsThatAreNotOfTheFuture) {
  Attest();
  Attest(Time{kNow.unix_seconds - 7200});
  EXPECT_EQ(ReadSimulatedStatus(directory_)->collateral_until->unix_seconds,
            kNow.unix_seconds - 7200 - kClockSkew + kCollateralSeconds);
}

TEST_F(SimulatedTest, AReadOnlyDirectoryServesWhileItsCollateralIsValid) {
  if (geteuid() == 0) GTEST_SKIP() << "root writes anywhere";
  Attest();
  std::filesystem::permissions(directory_ + "/collateral",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  EXPECT_TRUE(OpenSimulated(directory_, measurement_, Time{kNow.unix_seconds + 20 * kDay}).ok());
  EXPECT_EQ(OpenSimulated(directory_, measurement_, Time{kNow.unix_seconds + 40 * kDay}).error().id, "file.write");
}

TEST_F(SimulatedTest, AnIncompleteOrMixedDirectoryIsAnErrorAndNeverRemade) {
  Attest();
  const std::string root = Text("keys/root.pem");
  const auto error = [&] { return OpenSimulated(directory_, measurement_, kNow).error().id; };
  for (const char* name :
       {"keys/attestation.pem", "certification.bin", "collateral/tcb-info.json", "collateral/qe-identity.json",
        "collateral/root-crl.der", "collateral/pck-crl.der", "certificates/tcb-signing-chain.pem"}) {
    const std::string path = directory_ + "/" + name;
    std::filesystem::rename(path, path + ".away");
    EXPECT_EQ(error(), "tee.simulated.state") << name;
    std::filesystem::rename(path + ".away", path);
  }
  std::filesystem::copy_file(directory_ + "/keys/pck.pem", directory_ + "/keys/attestation.pem",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(error(), "tee.simulated.state") << "a key that the certification does not name";
  std::ofstream(directory_ + "/authority.json") << R"({"root":"","version":2})";
  EXPECT_EQ(error(), "tee.simulated.version");
  EXPECT_EQ(Text("keys/root.pem"), root);
}

TEST_F(SimulatedTest, FailureToMakeItLeavesNothing) {
  std::ofstream(base_ + "/state") << "a file where a directory must be";
  EXPECT_FALSE(InitSimulated(directory_, kNow).ok());
  std::filesystem::remove(base_ + "/state");
  std::filesystem::create_directories(directory_);
  std::ofstream(directory_ + "/precious") << "the user's";
  const auto status = InitSimulated(directory_, kNow);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().id, "tee.simulated.write");
  EXPECT_EQ(Text("precious"), "the user's");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(base_ + "/state/attestml"), {}), 1);
}

TEST(SimulatedDirectoryTest, FollowsTheEnvironment) {
  const auto restore = [](const char* name) {
    const char* value = std::getenv(name);
    return std::optional<std::string>(value != nullptr ? std::optional<std::string>(value) : std::nullopt);
  };
  const auto tee = restore("ATTESTML_TEE_DIR");
  const auto xdg = restore("XDG_STATE_HOME");
  const auto home = restore("HOME");
  setenv("ATTESTML_TEE_DIR", "/a", 1);
  setenv("XDG_STATE_HOME", "/b", 1);
  setenv("HOME", "/c", 1);
  EXPECT_EQ(SimulatedDirectory(), "/a");
  unsetenv("ATTESTML_TEE_DIR");
  EXPECT_EQ(SimulatedDirectory(), "/b/attestml/simulated");
  setenv("XDG_STATE_HOME", "relative", 1);
  EXPECT_EQ(SimulatedDirectory(), "/c/.local/state/attestml/simulated");
  unsetenv("HOME");
  EXPECT_EQ(SimulatedDirectory(), "");
  EXPECT_EQ(InitSimulated("", kNow).error().id, "tee.simulated.directory");
  const auto put = [](const char* name, const std::optional<std::string>& value) {
    if (value)
      setenv(name, value->c_str(), 1);
    else
      unsetenv(name);
  };
  put("ATTESTML_TEE_DIR", tee);
  put("XDG_STATE_HOME", xdg);
  put("HOME", home);
}

}  // namespace
}  // namespace attestml::tee
