// What DCAP says about an SGX platform, written: the SGX extension of a PCK certificate, TCB info v3 (also for TDX), QE
// identity v2.
//
// The layouts are Intel's (PCK Certificate and CRL Profile 1.5; PCS API v4). The readers in evidence/sgx are written
// apart from these writers on purpose: one mistake in both is less likely than one mistake in a shared table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/key.h"

namespace attestml::tee {

inline constexpr std::string_view kSgxExtensionOid = "1.2.840.113741.1.13.1";

// Security versions of a platform: 16 components and the PCE's.
struct SgxTcb {
  std::array<std::uint8_t, 16> components{};
  std::uint16_t pcesvn = 0;
};

// What a PCK certificate states about the platform whose key it certifies.
struct SgxPlatform {
  std::array<std::uint8_t, 16> ppid{};
  SgxTcb tcb;
  std::array<std::uint8_t, 16> cpusvn{};
  std::array<std::uint8_t, 2> pceid{};
  std::array<std::uint8_t, 6> fmspc{};
  std::uint8_t sgx_type = 0;  // 0 standard, 1 scalable, 2 scalable with integrity
  std::array<std::uint8_t, 16> instance_id{};
  bool dynamic_platform = false;
  bool cached_keys = false;
  bool smt_enabled = false;
};

// The DER value of the extension kSgxExtensionOid.
Bytes EncodeSgxExtension(const SgxPlatform& platform);

struct SgxTcbLevel {
  SgxTcb tcb;
  std::string date;  // "2024-03-13T00:00:00Z"
  std::string status;
  std::vector<std::string> advisories;
  std::optional<std::array<std::uint8_t, 16>> tdx_components = std::nullopt;  // of the TDX module: in documents for TDX
};

// One security version of a quoting enclave, or of a TDX module.
struct SgxQeLevel {
  std::uint16_t isvsvn = 0;
  std::string date;
  std::string status;
  std::vector<std::string> advisories;
};

// What TCB info for TDX says of one major version of the TDX module.
struct TdxModuleIdentity {
  std::string id;  // "TDX_03"; of the module of version 0, whose levels are not written, nothing
  std::array<std::uint8_t, 48> mrsigner{};
  std::array<std::uint8_t, 8> attributes{};
  std::array<std::uint8_t, 8> attributes_mask = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  std::vector<SgxQeLevel> levels = {};
};

struct SgxTcbInfo {
  std::string id = "SGX";
  unsigned version = 3;
  Time issue_date;
  Time next_update;
  std::array<std::uint8_t, 6> fmspc{};
  std::array<std::uint8_t, 2> pceid{};
  unsigned tcb_type = 0;
  unsigned evaluation_number = 0;
  std::vector<SgxTcbLevel> levels;
  std::optional<TdxModuleIdentity> tdx_module = std::nullopt;  // of version 0, and those of others: for TDX
  std::vector<TdxModuleIdentity> tdx_module_identities = {};
};

struct SgxQeIdentity {
  std::string id = "QE";
  unsigned version = 2;
  Time issue_date;
  Time next_update;
  unsigned evaluation_number = 0;
  std::array<std::uint8_t, 4> miscselect{};
  std::array<std::uint8_t, 4> miscselect_mask{};
  std::array<std::uint8_t, 16> attributes{};
  std::array<std::uint8_t, 16> attributes_mask{};
  std::array<std::uint8_t, 32> mrsigner{};
  std::uint16_t isvprodid = 0;
  std::vector<SgxQeLevel> levels;
};

// The bodies, compact, members in Intel's order: what the signature covers, byte for byte.
std::string WriteTcbInfo(const SgxTcbInfo& info);
std::string WriteQeIdentity(const SgxQeIdentity& identity);

// SignDocument gives {"<name>":<body>,"signature":"<hex of r || s>"}. `body` is signed as it stands and need not be
// what the functions above write. `key` is a P-256 key.
std::string SignDocument(std::string_view name, std::string_view body, const crypto::PrivateKey& key);

}  // namespace attestml::tee
