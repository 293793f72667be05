#include "tee/sev_guest.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "base/byte_reader.h"
#include "evidence/snp/certificate_table.h"
#include "evidence/snp/report.h"
#include "tee/kernel_file.h"
#include "tee/own_report.h"

namespace attestml::tee {
namespace {

using namespace sev_guest;

static_assert(sizeof(Request) == 32 && sizeof(ReportRequest) == 96 && sizeof(ExtendedRequest) == 112);

constexpr int kAttempts = 6;
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::size_t kReportSize = 1184;

template <typename T>
std::uint64_t AddressOf(T* at) {
  return reinterpret_cast<std::uintptr_t>(at);
}

class SevGuest final : public Device {
 public:
  SevGuest(std::string path, KernelFile file, Ioctl call)
      : path_(std::move(path)), file_(std::move(file)), call_(std::move(call)) {}

  std::string name() const override { return "snp"; }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    ExtendedRequest request;
    std::copy(report_data.begin(), report_data.end(), request.report.report_data);
    Bytes response(kResponseSize);
    Bytes certificates(kMaxCertificates);
    request.certificates = AddressOf(certificates.data());
    request.certificates_size = static_cast<std::uint32_t>(certificates.size());
    // A host without certificates, or with too many, refuses the extended request.
    if (!Call(kGetExtendedReport, &request, &response).ok()) {
      certificates.clear();
      ATTESTML_CHECK(Call(kGetReport, &request.report, &response));
    }
    evidence::EvidencePackage package{std::string(evidence::kSnpReportMediaType), {}, {}};
    ATTESTML_TRY(package.evidence, ReportIn(response));
    ATTESTML_CHECK(CheckOwnReport("snp", package.evidence, report_data));
    auto table = evidence::snp::ParseCertificateTable(certificates);
    if (table.ok()) package.collateral = std::move(table).value();
    return package;
  }

 private:
  template <typename T>
  Status Call(unsigned long number, T* arguments, Bytes* response) {
    Request request;
    int error = 0;
    for (int i = 0; i < kAttempts; ++i) {
      if (i > 0) std::this_thread::sleep_for(kFirstPause * (1 << i));
      request = {};
      request.request = AddressOf(arguments);
      request.response = AddressOf(response->data());
      if (call_(file_.fd(), number, &request) == 0) return {};
      error = errno;
      // The host throttles guests: vmm_error 2 is "busy".
      if (!KernelError{error, ""}.passing() && request.vmm_error != 2) break;
    }
    return Unavailable("tee.sev_guest.request", KernelError{error, "ask"}.Describe(path_) + " (firmware " +
                                                    std::to_string(request.firmware_error) + ", VMM " +
                                                    std::to_string(request.vmm_error) + ")");
  }

  static Result<Bytes> ReportIn(const Bytes& response) {
    ByteReader in(response);
    std::uint32_t status = 0;
    std::uint32_t size = 0;
    BytesView reserved;
    BytesView report;
    const bool whole = in.ReadU32Le(&status) && in.ReadU32Le(&size) && in.ReadBytes(kReportAt - 8, &reserved) &&
                       in.ReadBytes(kReportSize, &report);
    if (whole && status == 0 && size == kReportSize) return ToBytes(report);
    return Unavailable("tee.sev_guest.response", "the firmware answered with status " + std::to_string(status) +
                                                     " and " + std::to_string(size) + " bytes, want 0 and " +
                                                     std::to_string(kReportSize));
  }

  const std::string path_;
  const KernelFile file_;
  const Ioctl call_;
};

}  // namespace

Result<std::unique_ptr<Device>> OpenSevGuest(const std::string& path, Ioctl call) {
  KernelFile file(path, O_RDWR);
  if (file.fd() < 0) return Unavailable("tee.sev_guest.absent", KernelError{errno, "open"}.Describe(path));
  return std::unique_ptr<Device>(std::make_unique<SevGuest>(path, std::move(file), std::move(call)));
}

}  // namespace attestml::tee
