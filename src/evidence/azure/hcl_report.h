// The report that Azure's paravisor (HCL) keeps in the NVRAM of a confidential VM's vTPM: bytes to struct. Nothing in
// it is trusted.
//
//   000 "HCLA" | u32 version 1 or 2 | u32 size of all up to the padding | u32 request type 2 | u32 status 0 | reserved
//   12 020 hardware report 1184: an SEV-SNP report, or a TDREPORT of 1024 and zeros 4c0 u32 size of this part | u32
//   version 1 | u32 report type: 2 SNP, 4 TDX | u32 hash type: 1 SHA-256 4d0 u32 size, runtime data (JSON) | zeros
//
// Integers are little endian. Source: Microsoft, "Azure confidential VM guest attestation design"; OpenHCL,
// igvm_defs::attest.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::evidence::azure {

inline constexpr std::size_t kMaxReport = 64 * 1024;  // genuine ones have 2600 bytes
inline constexpr std::size_t kHardwareReportSize = 1184;

enum class ReportType : std::uint8_t { kSnp, kTdx };

struct HclReport {
  ReportType type = ReportType::kSnp;
  Bytes hardware_report;                       // kSnp: the SEV-SNP report, exactly
  std::array<std::uint8_t, 64> report_data{};  // of the hardware report, where its format has it
  Bytes runtime_data;                          // exactly as the hardware report's data is the digest of
};

// LooksLikeHclReport says whether the bytes begin as one.
bool LooksLikeHclReport(BytesView bytes);

// ParseHclReport reads one. Every length must agree with every other, and padding is zero. Error ids:
// azure.report.{size,truncated,header,hardware,request,runtime_size,trailing} (malformed), .version, .type, .hash
// (unsupported).
Result<HclReport> ParseHclReport(BytesView bytes);

}  // namespace attestml::evidence::azure
