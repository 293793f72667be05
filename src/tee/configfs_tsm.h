// Intel TDX and AMD SEV-SNP guests through Linux' configfs-tsm (Linux 6.7 and later): /sys/kernel/config/tsm/report.
//
// A request is a folder of our own: inblob is written, outblob and auxblob read, and `generation` says whether anybody
// else wrote in between; then it is tried again. Source: Linux, Documentation/ABI/testing/configfs-tsm and
// drivers/virt/coco/tsm.c.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "tee/device.h"

namespace attestml::tee {

// OpenConfigfsTsm opens the device at `path` ("/sys/kernel/config/tsm/report"). Its name is "tdx" or "snp", by the
// kernel's provider. SNP's auxblob, the host's certificates, becomes collateral; one that cannot be read is left out,
// as the verifier may have its own. At a privilege floor above zero (below an SVSM), the report asks for the floor's.
// Error ids tee.tsm.absent, tee.tsm.entry (no request can be made), tee.tsm.provider (unsupported). Attest:
// tee.tsm.write, tee.tsm.read, tee.tsm.generation (raced each time), and those of CheckOwnReport.
Result<std::unique_ptr<Device>> OpenConfigfsTsm(const std::string& path);

}  // namespace attestml::tee
