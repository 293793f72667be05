// A device: report data in, evidence out. What it returns is the host's until verified.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "evidence/package.h"

namespace attestml::tee {

class Device {
 public:
  virtual ~Device() = default;
  virtual std::string name() const = 0;  // "simulated", "sgx"
  // Attest asks for evidence over the 64 bytes, with the collateral that is at hand. Error ids tee.*.
  virtual Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) = 0;
};

}  // namespace attestml::tee
