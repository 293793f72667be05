// What the TDX module reports of a trust domain (TD): bytes to struct. Nothing in it is trusted.
//
// Intel, "Trust Domain Extensions Data Center Attestation Primitives (DCAP): Quote Generation Library and Quote
// Verification Library", appendix A.3.2 (TD report 1.0, 584 bytes) and A.4.3 (1.5, 648 bytes: 64 more at the end).
// TDATTRIBUTES: Intel TDX Module Base Architecture Specification, "TD Attributes".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::evidence::tdx {

inline constexpr std::size_t kTdReport10Size = 584;
inline constexpr std::size_t kTdReport15Size = 648;

using Measurement = std::array<std::uint8_t, 48>;

struct TdReport {
  std::array<std::uint8_t, 16> tee_tcb_svn{};  // of the TDX module as of when the TD was launched
  Measurement mr_seam{}, mr_signer_seam{};     // of the TDX module
  std::array<std::uint8_t, 8> seam_attributes{};
  std::uint64_t td_attributes = 0;
  std::array<std::uint8_t, 8> xfam{};
  Measurement mr_td{}, mr_config_id{}, mr_owner{}, mr_owner_config{};
  std::array<Measurement, 4> rtmr{};
  std::array<std::uint8_t, 64> report_data{};
  // Of version 1.5 only: SVNs of the module that runs now, and the measurement of the service TDs that are bound to it.
  std::optional<std::array<std::uint8_t, 16>> tee_tcb_svn_2;
  std::optional<Measurement> mr_service_td;

  bool debug() const { return (td_attributes & 1) != 0; }
  bool sept_ve_disable() const { return (td_attributes >> 28 & 1) != 0; }
  bool migratable() const { return (td_attributes >> 29 & 1) != 0; }
  // Bits that the specification reserves: any of them could open the TD in a way that nobody here knows.
  std::uint64_t reserved_attributes() const;
};

// ParseTdReport reads exactly 584 or 648 bytes. Error id tdx.report.size.
Result<TdReport> ParseTdReport(BytesView bytes);

}  // namespace attestml::evidence::tdx
