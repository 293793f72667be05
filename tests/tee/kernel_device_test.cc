// One conformance suite for the devices that a kernel, or Gramine, offers: report data in, evidence out, which verifies
// and is over just those; and every way in which an interface fails has its id.
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "emulated.h"
#include "evidence/nitro/cbor.h"
#include "tee/configfs_tsm.h"
#include "tee/gramine.h"
#include "tee/hardware.h"
#include "tee/kernel_file.h"
#include "tee/nsm.h"
#include "tee/sev_guest.h"
#include "tee/simulated.h"
#include "verify/evidence.h"

namespace attestml {
namespace {

using tee::SimulatedTee;

constexpr Time kNow{1790000000};

using ReportData = std::array<std::uint8_t, 64>;
ReportData Asking(std::uint8_t first) {
  ReportData out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

// One folder for all: SEV-SNP's keys take seconds.
class Places : public ::testing::Environment {
 public:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "attestml-kernel-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    base = name;
  }
  void TearDown() override { std::filesystem::remove_all(base); }
  static std::string base;
};
std::string Places::base;
const auto* const kPlaces = ::testing::AddGlobalTestEnvironment(new Places);

std::string StateFolder() { return Places::base + "/tee"; }

std::unique_ptr<tee::Device> Simulated(SimulatedTee which) {
  auto device = tee::OpenSimulated(StateFolder(), crypto::Sha256(AsBytes("a program")), kNow, which);
  EXPECT_TRUE(device.ok()) << device.error().message;
  return std::move(device).value();
}

// What a verifier has of the vendor's, beside what evidence brings.
std::vector<evidence::CollateralItem> CollateralOf(SimulatedTee which) {
  return Simulated(which)->Attest({}).value().collateral;
}

void ExpectGood(SimulatedTee which, const evidence::EvidencePackage& package, const ReportData& report_data) {
  const auto status = tee::ReadSimulatedStatus(StateFolder(), which);
  ASSERT_TRUE(status.ok());
  const verify::TrustAnchor anchor{"simulated", status->root_key_id, true};
  const auto more = CollateralOf(which);
  const auto outcome = verify::VerifyEvidence(package, more, {&anchor, 1}, kNow);
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
  EXPECT_EQ(outcome.evidence->tee(), tee::SimulatedTeeName(which));
  EXPECT_EQ(HexEncode(outcome.evidence->report_data()), HexEncode(report_data));
}

// An empty folder of its own for each mount.
std::string NewFolder() {
  static int count = 0;
  std::string path = Places::base + "/mount" + std::to_string(count++);
  std::filesystem::create_directory(path);
  return path;
}

enum class Files : std::uint8_t { kGramine, kTsm };
struct Kind {
  const char* name;
  Files files;
  SimulatedTee tee;
  const char* device;
};

class FilesTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!emulated::CanMount()) GTEST_SKIP() << "no /dev/fuse, or not root: file systems cannot be emulated here";
  }
  static std::unique_ptr<emulated::Mount> MountAt(const std::string& path, const std::string& fault) {
    emulated::Emulation emulation{Simulated(GetParam().tee), fault};
    return GetParam().files == Files::kGramine ? emulated::MountGramine(path, std::move(emulation))
                                               : emulated::MountTsm(path, std::move(emulation));
  }
  static Result<std::unique_ptr<tee::Device>> Open(const std::string& path) {
    return GetParam().files == Files::kGramine ? tee::OpenGramine(path) : tee::OpenConfigfsTsm(path);
  }
  // The id of what goes wrong, on opening or on asking; "" when it goes well and the evidence is good.
  static std::string IdUnder(const std::string& fault) {
    const std::string path = NewFolder();
    const auto mount = MountAt(path, fault);
    const auto device = Open(path);
    if (!device.ok()) return device.error().id;
    const auto package = (*device)->Attest(Asking(1));
    if (!package.ok()) return package.error().id;
    ExpectGood(GetParam().tee, *package, Asking(1));
    return "";
  }
};

TEST_P(FilesTest, GivesEvidenceOverWhatItIsAsked) {
  const std::string path = NewFolder();
  const auto mount = MountAt(path, "");
  const auto device = Open(path);
  ASSERT_TRUE(device.ok()) << device.error().message;
  EXPECT_EQ((*device)->name(), GetParam().device);
  for (const unsigned char first : {'\1', 'z', '\0'}) {
    const auto package = (*device)->Attest(Asking(first));
    ASSERT_TRUE(package.ok()) << package.error().message;
    ExpectGood(GetParam().tee, *package, Asking(first));
  }
  // Nothing is left behind.
  if (GetParam().files == Files::kTsm) {
    EXPECT_TRUE(std::filesystem::is_empty(path));
  }
}

TEST_P(FilesTest, ReadsThatComeInPiecesArePutTogether) { EXPECT_EQ(IdUnder("short"), ""); }

TEST_P(FilesTest, EvidenceOverOtherReportDataIsRefused) { EXPECT_EQ(IdUnder("stale"), "tee.report_data"); }

TEST_P(FilesTest, WhatIsNoEvidenceIsRefused) {
  EXPECT_EQ(IdUnder("garbage"), "tee.evidence");
  EXPECT_EQ(IdUnder("empty"), "tee.evidence");
}

TEST_P(FilesTest, ReadingStopsAtALimit) {
  EXPECT_EQ(IdUnder("huge"), GetParam().files == Files::kGramine ? "tee.gramine.quote" : "tee.tsm.read");
}

TEST_P(FilesTest, FailuresToReadAreTold) {
  EXPECT_EQ(IdUnder("eio"), GetParam().files == Files::kGramine ? "tee.gramine.quote" : "tee.tsm.read");
}

TEST_P(FilesTest, NothingThereIsNoTee) {
  const auto device = Open(Places::base + "/nowhere");
  ASSERT_FALSE(device.ok());
  EXPECT_EQ(device.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(device.error().id, GetParam().files == Files::kGramine ? "tee.gramine.absent" : "tee.tsm.absent");
}

INSTANTIATE_TEST_SUITE_P(Kinds, FilesTest,
                         ::testing::Values(Kind{"gramine", Files::kGramine, SimulatedTee::kSgx, "sgx"},
                                           Kind{"tdx", Files::kTsm, SimulatedTee::kTdx, "tdx"},
                                           Kind{"snp", Files::kTsm, SimulatedTee::kSnp, "snp"}),
                         [](const auto& test) { return test.param.name; });

class GramineTest : public FilesTest {};
TEST_P(GramineTest, FailsAsGramineDoes) {
  EXPECT_EQ(IdUnder("none"), "tee.gramine.type");
  EXPECT_EQ(IdUnder("eacces"), "tee.gramine.quote");
}

// The emulation is only as good as what it does beside being asked properly.
TEST_P(GramineTest, TheEmulationKeepsToGraminesRules) {
  const std::string path = NewFolder();
  const auto mount = MountAt(path, "");
  const auto data_in_quote = [&] {
    Bytes quote;
    EXPECT_FALSE(tee::ReadKernelFile(path + "/quote", 8192, &quote));
    return HexEncode(BytesView(quote).subspan(48 + 320, 64));
  };
  EXPECT_EQ(data_in_quote(), std::string(128, '0')) << "never written: zeros, and no error";
  EXPECT_FALSE(tee::WriteKernelFile(path + "/user_report_data", Bytes(80, 1)));
  EXPECT_EQ(data_in_quote(), HexEncode(Bytes(64, 1))) << "too much is cut";
  EXPECT_FALSE(tee::WriteKernelFile(path + "/user_report_data", Bytes(32, 2)));
  EXPECT_EQ(data_in_quote(), HexEncode(Bytes(32, 2)) + std::string(64, '0')) << "too little is filled up";
  Bytes back;
  EXPECT_FALSE(tee::ReadKernelFile(path + "/user_report_data", 64, &back));
  EXPECT_TRUE(back.empty()) << "nothing can be read back";
  EXPECT_EQ(tee::WriteKernelFile(path + "/quote", Bytes(1)).number, EACCES);
  EXPECT_EQ(tee::WriteKernelFile(path + "/keys/default", Bytes(8)).number, EACCES);
  EXPECT_EQ(std::filesystem::file_size(path + "/quote"), 0U);
}
INSTANTIATE_TEST_SUITE_P(Kinds, GramineTest,
                         ::testing::Values(Kind{"gramine", Files::kGramine, SimulatedTee::kSgx, "sgx"}),
                         [](const auto& test) { return test.param.name; });

class TsmTest : public FilesTest {};
TEST_P(TsmTest, RacesAndBusyProvidersAreTriedAgain) {
  EXPECT_EQ(IdUnder("busy"), "");
  EXPECT_EQ(IdUnder("raced"), "");
  EXPECT_EQ(IdUnder("raced-always"), "tee.tsm.generation");
}

TEST_P(TsmTest, WithoutADriverThereIsNoRequest) {
  EXPECT_EQ(IdUnder("enxio"), "tee.tsm.entry");
  EXPECT_EQ(IdUnder("provider"), "tee.tsm.provider");
}
INSTANTIATE_TEST_SUITE_P(Kinds, TsmTest,
                         ::testing::Values(Kind{"tdx", Files::kTsm, SimulatedTee::kTdx, "tdx"},
                                           Kind{"snp", Files::kTsm, SimulatedTee::kSnp, "snp"}),
                         [](const auto& test) { return test.param.name; });

class SnpTsmTest : public FilesTest {};
TEST_P(SnpTsmTest, BringsTheHostsCertificatesWhereItHasSome) {
  const auto items = [](const std::string& fault) {
    const std::string path = NewFolder();
    const auto mount = MountAt(path, fault);
    return Open(path).value()->Attest(Asking(1)).value().collateral.size();
  };
  EXPECT_EQ(items(""), CollateralOf(SimulatedTee::kSnp).size());
  EXPECT_EQ(items("no-auxblob"), 0U);
  EXPECT_EQ(items("bad-auxblob"), 0U);
}
TEST_P(SnpTsmTest, AsksForThePrivilegeThatItMayHave) { EXPECT_EQ(IdUnder("floor"), ""); }
INSTANTIATE_TEST_SUITE_P(Kinds, SnpTsmTest, ::testing::Values(Kind{"snp", Files::kTsm, SimulatedTee::kSnp, "snp"}),
                         [](const auto& test) { return test.param.name; });

// Drivers that are asked by ioctl: no file system can stand in for them, so the call does.
class IoctlTest : public ::testing::Test {
 protected:
  static std::string DeviceFile() {
    std::string path = NewFolder() + "/device";
    std::ofstream(path) << "";
    return path;
  }
};

template <typename T>
T* At(std::uint64_t address) {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(address));
}

// The SEV guest driver with AMD's simulated firmware behind it.
struct SevDriver {
  std::string fault;
  int calls = 0;
  std::shared_ptr<tee::Device> firmware = Simulated(SimulatedTee::kSnp);

  int operator()(int /*fd*/, unsigned long number, void* argument) {
    auto* request = static_cast<tee::sev_guest::Request*>(argument);
    ++calls;
    const bool extended = number == _IOWR('S', 2, tee::sev_guest::Request);
    if (!extended && number != _IOWR('S', 0, tee::sev_guest::Request)) return Fail(ENOTTY);
    if (request->message_version != 1) return Fail(EINVAL);
    if (fault == "throttled" && calls <= 2) {
      request->vmm_error = 2;
      return Fail(EAGAIN);
    }
    if (fault == "firmware") {
      request->firmware_error = 0x16;
      return Fail(EIO);
    }
    if (extended && fault == "no-certificates") {
      request->vmm_error = 1;
      return Fail(EIO);
    }
    auto* wanted = At<tee::sev_guest::ReportRequest>(request->request);
    ReportData report_data;
    std::copy_n(wanted->report_data, 64, report_data.begin());
    if (fault == "stale") report_data[0] ^= 1;
    const auto package = firmware->Attest(report_data).value();
    auto* response = At<std::uint8_t>(request->response);
    response[0] = fault == "status" ? 0x16 : 0;
    response[4] = 0xa0;  // 1184
    response[5] = 0x04;
    std::copy(package.evidence.begin(), package.evidence.end(), response + 32);
    if (!extended) return 0;
    const auto* more = At<tee::sev_guest::ExtendedRequest>(request->request);
    if (more->certificates_size % 4096 != 0 || more->certificates_size > 16384) return Fail(EINVAL);
    auto* table = At<std::uint8_t>(more->certificates);
    const Bytes& certificate = package.collateral[0].bytes;
    table[0] = 1;
    table[16] = 48;
    table[20] = static_cast<std::uint8_t>(certificate.size());
    table[21] = static_cast<std::uint8_t>(certificate.size() >> 8U);
    std::copy(certificate.begin(), certificate.end(), table + 48);
    return 0;
  }
  static int Fail(int error) {
    errno = error;
    return -1;
  }
};

class SevGuestTest : public IoctlTest {
 protected:
  static Result<evidence::EvidencePackage> Ask(const std::string& fault) {
    auto device = tee::OpenSevGuest(DeviceFile(), SevDriver{fault});
    EXPECT_TRUE(device.ok());
    EXPECT_EQ((*device)->name(), "snp");
    return (*device)->Attest(Asking(7));
  }
};

TEST_F(SevGuestTest, GivesEvidenceOverWhatItIsAsked) {
  for (const char* fault : {"", "throttled"}) {
    const auto package = Ask(fault);
    ASSERT_TRUE(package.ok()) << package.error().message;
    EXPECT_EQ(package->collateral.size(), 1U);
    ExpectGood(SimulatedTee::kSnp, *package, Asking(7));
  }
}

TEST_F(SevGuestTest, AHostWithoutCertificatesIsAskedForTheReportAlone) {
  const auto package = Ask("no-certificates");
  ASSERT_TRUE(package.ok()) << package.error().message;
  EXPECT_TRUE(package->collateral.empty());
  ExpectGood(SimulatedTee::kSnp, *package, Asking(7));
}

TEST_F(SevGuestTest, FailuresHaveTheirIds) {
  EXPECT_EQ(Ask("firmware").error().id, "tee.sev_guest.request");
  EXPECT_NE(Ask("firmware").error().message.find("firmware 22"), std::string::npos);
  EXPECT_EQ(Ask("status").error().id, "tee.sev_guest.response");
  EXPECT_EQ(Ask("stale").error().id, "tee.report_data");
  EXPECT_EQ(tee::OpenSevGuest(Places::base + "/nowhere").error().id, "tee.sev_guest.absent");
  // A file that is no driver.
  EXPECT_EQ(tee::OpenSevGuest(DeviceFile()).value()->Attest(Asking(1)).error().id, "tee.sev_guest.request");
}

// The Nitro Secure Module.
struct NsmDriver {
  std::string fault;
  std::shared_ptr<tee::Device> module = Simulated(SimulatedTee::kNitro);

  int operator()(int /*fd*/, unsigned long number, void* argument) {
    using evidence::nitro::CborReader;
    using evidence::nitro::CborWriter;
    if (number != _IOWR(0x0a, 0, tee::nsm::Message)) return SevDriver::Fail(ENOTTY);
    if (fault == "errno") return SevDriver::Fail(EMSGSIZE);
    auto* message = static_cast<tee::nsm::Message*>(argument);
    CborReader in({static_cast<const std::uint8_t*>(message->request.base), message->request.size});
    std::size_t pairs = 0;
    std::string_view text;
    BytesView user_data;
    EXPECT_TRUE(in.ReadMap(&pairs) && pairs == 1 && in.ReadText(&text) && text == "Attestation");
    EXPECT_TRUE(in.ReadMap(&pairs) && pairs == 3);
    EXPECT_TRUE(in.ReadText(&text) && text == "user_data" && in.ReadBytes(&user_data) && user_data.size() == 64);
    EXPECT_TRUE(in.ReadText(&text) && text == "nonce" && in.ReadNull());
    EXPECT_TRUE(in.ReadText(&text) && text == "public_key" && in.ReadNull() && in.empty());
    ReportData report_data;
    std::copy(user_data.begin(), user_data.end(), report_data.begin());
    if (fault == "stale") report_data[0] ^= 1;
    CborWriter out;
    out.WriteMap(1);
    if (fault == "refused") {
      out.WriteText("Error");
      out.WriteText("InvalidArgument");
    } else {
      out.WriteText("Attestation");
      out.WriteMap(1);
      out.WriteText("document");
      out.WriteBytes(module->Attest(report_data).value().evidence);
    }
    Bytes answer = std::move(out).Take();
    if (fault == "cut") answer.resize(answer.size() / 2);
    if (fault == "more") answer.push_back(0);
    if (answer.size() > message->response.size) return SevDriver::Fail(EMSGSIZE);
    std::copy(answer.begin(), answer.end(), static_cast<std::uint8_t*>(message->response.base));
    message->response.size = fault == "lies" ? std::size_t{1} << 40 : answer.size();
    return 0;
  }
};

class NsmTest : public IoctlTest {
 protected:
  static Result<evidence::EvidencePackage> Ask(const std::string& fault) {
    auto device = tee::OpenNsm(DeviceFile(), NsmDriver{fault});
    EXPECT_TRUE(device.ok());
    EXPECT_EQ((*device)->name(), "nitro");
    return (*device)->Attest(Asking(9));
  }
};

TEST_F(NsmTest, GivesEvidenceOverWhatItIsAsked) {
  const auto package = Ask("");
  ASSERT_TRUE(package.ok()) << package.error().message;
  ExpectGood(SimulatedTee::kNitro, *package, Asking(9));
}

TEST_F(NsmTest, FailuresHaveTheirIds) {
  EXPECT_EQ(Ask("errno").error().id, "tee.nsm.request");
  EXPECT_EQ(Ask("refused").error().id, "tee.nsm.response");
  EXPECT_NE(Ask("refused").error().message.find("InvalidArgument"), std::string::npos);
  for (const char* fault : {"cut", "more", "lies"}) EXPECT_EQ(Ask(fault).error().id, "tee.nsm.response") << fault;
  EXPECT_EQ(Ask("stale").error().id, "tee.report_data");
  EXPECT_EQ(tee::OpenNsm(Places::base + "/nowhere").error().id, "tee.nsm.absent");
}

// What `auto` picks, and what it says where there is nothing.
class HardwareTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = NewFolder();
    for (const char* folder : {"/dev/attestation", "/sys/kernel/config/tsm/report"}) {
      std::filesystem::create_directories(root_ + folder);
    }
  }
  std::string root_;
};

TEST_F(HardwareTest, NothingThereIsSaidOfEach) {
  const auto found = tee::OpenHardware("auto", root_ + "/nowhere");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().id, "tee.absent");
  for (const char* name : {"Gramine", "Nitro Secure Module", "configfs-tsm", "sev-guest"}) {
    EXPECT_NE(found.error().message.find(name), std::string::npos) << found.error().message;
  }
  for (const tee::Probe& probe : tee::ProbeHardware(root_ + "/nowhere")) {
    EXPECT_EQ(probe.tee, "");
    EXPECT_FALSE(probe.absent.id.empty());
  }
}

TEST_F(HardwareTest, PicksWhatIsThereAndNoOther) {
  if (!emulated::CanMount()) GTEST_SKIP() << "no /dev/fuse, or not root: file systems cannot be emulated here";
  const auto tsm = emulated::MountTsm(root_ + "/sys/kernel/config/tsm/report", {Simulated(SimulatedTee::kTdx), ""});
  auto found = tee::OpenHardware("auto", root_);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->interface, "configfs-tsm");
  EXPECT_EQ(found->device->name(), "tdx");
  EXPECT_TRUE(tee::OpenHardware("tdx", root_).ok());
  const auto other = tee::OpenHardware("snp", root_);
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().message.find("configfs-tsm: it is tdx"), std::string::npos) << other.error().message;
  // An enclave within: it speaks for the program, a guest for all that runs in it.
  const auto gramine = emulated::MountGramine(root_ + "/dev/attestation", {Simulated(SimulatedTee::kSgx), ""});
  found = tee::OpenHardware("auto", root_);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->device->name(), "sgx");
}

}  // namespace
}  // namespace attestml
