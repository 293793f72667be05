// An AWS Nitro enclave through the Nitro Secure Module's driver, /dev/nsm: CBOR requests by one ioctl. Source: AWS,
// aws-nitro-enclaves-nsm-api; Linux, include/uapi/linux/nsm.h (6.8).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "tee/device.h"
#include "tee/ioctl.h"

namespace attestml::tee {

namespace nsm {
struct Vector {
  void* base = nullptr;
  std::size_t size = 0;
};
struct Message {
  Vector request, response;
};
inline constexpr std::size_t kMaxRequest = 0x1000;
inline constexpr std::size_t kMaxResponse = 0x3000;
inline constexpr unsigned long kRaw = 0xc0200a00;  // _IOWR(0x0a, 0, struct of 32 bytes)
}  // namespace nsm

// OpenNsm opens the driver at `path` ("/dev/nsm"). The report data are the document's user_data; its certificates are
// within. Error ids tee.nsm.absent; Attest: tee.nsm.request, tee.nsm.response, and those of CheckOwnReport.
Result<std::unique_ptr<Device>> OpenNsm(const std::string& path, Ioctl call = KernelIoctl());

}  // namespace attestml::tee
