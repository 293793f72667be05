// An AMD SEV-SNP guest through the ioctls of /dev/sev-guest, for kernels before configfs-tsm (Linux 5.19 to 6.6).
// Source: Linux, include/uapi/linux/sev-guest.h and Documentation/virt/coco/sev-guest.rst.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "tee/device.h"
#include "tee/ioctl.h"

namespace attestml::tee {

// What the driver and its callers exchange. Addresses are the caller's.
namespace sev_guest {
struct Request {
  std::uint8_t message_version = 1;
  std::uint64_t request = 0, response = 0;
  std::uint32_t firmware_error = 0, vmm_error = 0;
};
struct ReportRequest {
  std::uint8_t report_data[64] = {};
  std::uint32_t vmpl = 0;
  std::uint8_t reserved[28] = {};
};
struct ExtendedRequest {
  ReportRequest report;
  std::uint64_t certificates = 0;
  std::uint32_t certificates_size = 0;
};
// u32 status | u32 size | 24 reserved | report.
inline constexpr std::size_t kResponseSize = 4000;
inline constexpr std::size_t kReportAt = 32;
inline constexpr std::size_t kMaxCertificates = 16384;
inline constexpr unsigned long kGetReport = 0xc0205300;          // _IOWR('S', 0, struct of 32 bytes)
inline constexpr unsigned long kGetExtendedReport = 0xc0205302;  // _IOWR('S', 2, …)
}  // namespace sev_guest

// OpenSevGuest opens the driver at `path` ("/dev/sev-guest"). Reports are of VMPL 0, with the certificates that the
// host has for them as collateral, or without where it has none. Error ids tee.sev_guest.absent; Attest:
// tee.sev_guest.request, tee.sev_guest.response, and those of CheckOwnReport.
Result<std::unique_ptr<Device>> OpenSevGuest(const std::string& path, Ioctl call = KernelIoctl());

}  // namespace attestml::tee
