// Whether evidence that a host handed over is over the report data that it was asked for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::tee {

// Reads `evidence`, which must be of `tee` ("sgx", "tdx", "snp", "nitro") by its own structure. No signature is
// verified: that is the verifier's. It saves a provider from shipping a bundle that nobody will accept. Error ids
// tee.evidence (what came is no such evidence; unsupported layouts too), tee.report_data (untrusted).
Status CheckOwnReport(std::string_view tee, BytesView evidence, const std::array<std::uint8_t, 64>& report_data);

}  // namespace attestml::tee
