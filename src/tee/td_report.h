// Writes TD reports as the TDX module does. The mirror of evidence/tdx, kept apart from it so that a mistake in one is
// not made twice.
//
// Intel TDX DCAP Quoting Library API, A.3.2 (TD report 1.0, 584 bytes) and A.4.3 (1.5, 648 bytes).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace attestml::tee {

inline constexpr std::uint64_t kTdDebug = 1;
inline constexpr std::uint64_t kTdSeptVeDisable = std::uint64_t{1} << 28;
inline constexpr std::uint64_t kTdMigratable = std::uint64_t{1} << 29;

using TdMeasurement = std::array<std::uint8_t, 48>;

// What a report says, as it is written. Whether it makes sense is the caller's.
struct TdReportBody {
  std::array<std::uint8_t, 16> tee_tcb_svn{};
  TdMeasurement mrseam{}, mrsignerseam{};
  std::array<std::uint8_t, 8> seamattributes{};
  std::uint64_t tdattributes = kTdSeptVeDisable;
  std::uint64_t xfam = 0x61ae7;
  TdMeasurement mrtd{}, mrconfigid{}, mrowner{}, mrownerconfig{};
  std::array<TdMeasurement, 4> rtmr{};
  std::array<std::uint8_t, 64> report_data{};
  // With these the report is of version 1.5.
  struct Version15 {
    std::array<std::uint8_t, 16> tee_tcb_svn_2{};
    TdMeasurement mrservicetd{};
  };
  std::optional<Version15> version_15 = std::nullopt;
};

Bytes EncodeTdReport(const TdReportBody& body);

}  // namespace attestml::tee
