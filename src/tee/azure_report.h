// Writes what Azure's paravisor keeps for a confidential VM. The mirror of evidence/azure, kept apart from it so that a
// mistake in one is not made twice.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace attestml::tee {

// `hardware_report`: an SEV-SNP report, or a TDREPORT, of at most 1184 bytes; zeros follow. `padding` zeros end it.
struct AzureReport {
  Bytes hardware_report;
  bool is_tdx = false;
  std::string_view runtime_data = R"({"keys":[],"vm-configuration":{}})";
  std::size_t padding = 254;
};

Bytes EncodeAzureReport(const AzureReport& report);

}  // namespace attestml::tee
