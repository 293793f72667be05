// SGX under Gramine: the pseudo-files of /dev/attestation.
//
// Their content is made at open(); writing replaces the whole value and cuts or fills it without a word; nothing that
// was set can be read back; a quote is what the host handed over. So: 64 bytes by one write, one fresh open of `quote`,
// and the report data in it compared. Source: Gramine 1.9, libos/src/fs/dev/attestation.c and attestation.rst.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "tee/device.h"

namespace attestml::tee {

inline constexpr std::size_t kMaxGramineQuote = 8192;  // PAL's own limit

// OpenGramine opens the device at `path` ("/dev/attestation"). Its evidence brings no collateral but the PCK
// certificates within: the verifier's. Error ids tee.gramine.absent (no enclave, or not SGX), tee.gramine.type (the
// manifest does not say sgx.remote_attestation = "dcap"). Attest: tee.gramine.report_data, tee.gramine.quote, and those
// of CheckOwnReport. Threads may share it.
Result<std::unique_ptr<Device>> OpenGramine(const std::string& path);

}  // namespace attestml::tee
