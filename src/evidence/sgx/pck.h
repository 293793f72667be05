// What Intel states about a platform in its PCK certificate: the SGX extension, 1.2.840.113741.1.13.1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"

namespace attestml::evidence::sgx {

inline constexpr std::string_view kPckExtensionOid = "1.2.840.113741.1.13.1";
inline constexpr std::size_t kNumComponents = 16;
using Components = std::array<std::uint8_t, kNumComponents>;

struct PckConfiguration {
  std::optional<bool> dynamic_platform, cached_keys, smt_enabled;
};

struct PckExtension {
  std::array<std::uint8_t, 16> ppid{};
  Components components{};
  std::uint16_t pce_svn = 0;
  std::array<std::uint8_t, 16> cpu_svn{};
  std::array<std::uint8_t, 2> pce_id{};
  std::array<std::uint8_t, 6> fmspc{};
  std::uint8_t sgx_type = 0;  // 0 standard, 1 scalable, 2 scalable with integrity
  std::optional<std::array<std::uint8_t, 16>> platform_instance_id;  // multi-package platforms
  std::optional<PckConfiguration> configuration;
};

// ParsePckExtension reads the extension's DER value. Each known member at most once, the first five exactly once;
// members it does not know are passed over, for the certificate is signed. Error id sgx.pck.extension.
Result<PckExtension> ParsePckExtension(BytesView der);

// PckExtensionOf finds and reads it in a certificate. Error id sgx.pck.extension.
Result<PckExtension> PckExtensionOf(const crypto::Certificate& certificate);

}  // namespace attestml::evidence::sgx
