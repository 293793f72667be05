// AMD SEV-SNP attestation report, versions 2 to 5: bytes to struct. Nothing in it is trusted.
//
//   000 u32 version | u32 guest SVN | u64 policy | family id 16 | image id 16 | u32 VMPL | u32 signature algorithm |
//   038 current TCB 8 | u64 platform info | u32 flags | reserved 4 | report data 64 | measurement 48 | host data 32 |
//   0e0 id key digest 48 | author key digest 48 | report id 32 | report id of the migration agent 32 |
//   180 reported TCB 8 | CPUID family, model, stepping (from version 3 on) | reserved 21 | chip id 64 |
//   1e0 committed TCB 8 | build, minor, major of the current firmware | reserved 1 | of the committed one | reserved 1
//   | 1f0 launch TCB 8 | u64 mitigations at launch | u64 mitigations now (from version 5 on) | reserved 152 | 2a0
//   signature: r 72 | s 72 | reserved 368
//
// AMD document 56860, "SEV Secure Nested Paging Firmware ABI": tables ATTESTATION_REPORT and "ECDSA P-384 with SHA-384
// signature". Integers, r and s are little endian. Version 4 has version 3's layout.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/snp/product.h"

namespace attestml::evidence::snp {

inline constexpr std::size_t kReportSize = 0x4a0;
inline constexpr std::size_t kSignedSize = 0x2a0;

// Bits of the guest's policy, 56860, table "Guest policy".
struct Policy {
  std::uint64_t bits = 0;
  unsigned abi_minor() const { return bits & 0xff; }
  unsigned abi_major() const { return bits >> 8 & 0xff; }
  bool smt() const { return (bits >> 16 & 1) != 0; }         // simultaneous multithreading is allowed
  bool migrate_ma() const { return (bits >> 18 & 1) != 0; }  // the guest may have a migration agent
  bool debug() const { return (bits >> 19 & 1) != 0; }
  bool single_socket() const { return (bits >> 20 & 1) != 0; }
  bool cxl() const { return (bits >> 21 & 1) != 0; }
  bool aes_256_xts() const { return (bits >> 22 & 1) != 0; }
  bool rapl_disabled() const { return (bits >> 23 & 1) != 0; }
  bool ciphertext_hiding() const { return (bits >> 24 & 1) != 0; }
  bool page_swap_disabled() const { return (bits >> 25 & 1) != 0; }
};

// Bits of PLATFORM_INFO, 56860, table "ATTESTATION_REPORT".
struct PlatformInfo {
  std::uint64_t bits = 0;
  bool smt() const { return (bits & 1) != 0; }
  bool tsme() const { return (bits >> 1 & 1) != 0; }
  bool ecc() const { return (bits >> 2 & 1) != 0; }
  bool rapl_disabled() const { return (bits >> 3 & 1) != 0; }
  bool ciphertext_hiding() const { return (bits >> 4 & 1) != 0; }
  bool alias_check() const { return (bits >> 5 & 1) != 0; }
  bool iommu_write_safe() const { return (bits >> 6 & 1) != 0; }
  bool tio() const { return (bits >> 7 & 1) != 0; }
};

// VCEK: the chip's own key. VLEK: a key that AMD gave a cloud provider for many chips.
enum class SigningKey : std::uint8_t { kVcek, kVlek };

std::string_view SigningKeyName(SigningKey key);  // "VCEK", "VLEK"

struct FirmwareVersion {
  std::uint8_t build = 0, minor = 0, major = 0;
  bool operator==(const FirmwareVersion&) const = default;
};

std::string FirmwareVersionText(const FirmwareVersion& version);  // "1.55.29"

struct Cpuid {
  std::uint8_t family = 0, model = 0, stepping = 0;
};

struct Report {
  std::uint32_t version = 0;
  std::uint32_t guest_svn = 0;
  Policy policy;
  std::array<std::uint8_t, 16> family_id{};
  std::array<std::uint8_t, 16> image_id{};
  std::uint32_t vmpl = 0;
  TcbVersion current_tcb{};
  PlatformInfo platform_info;
  bool author_key = false;     // the author key's digest is meant
  bool mask_chip_key = false;  // the VCEK is not to be used
  SigningKey signing_key = SigningKey::kVcek;
  std::array<std::uint8_t, 64> report_data{};
  std::array<std::uint8_t, 48> measurement{};
  std::array<std::uint8_t, 32> host_data{};
  std::array<std::uint8_t, 48> id_key_digest{};
  std::array<std::uint8_t, 48> author_key_digest{};
  std::array<std::uint8_t, 32> report_id{};
  std::array<std::uint8_t, 32> report_id_ma{};  // of the migration agent; all ff when there is none
  TcbVersion reported_tcb{};
  std::optional<Cpuid> cpuid;              // from version 3 on
  std::array<std::uint8_t, 64> chip_id{};  // all zero when the host hides it
  TcbVersion committed_tcb{};
  FirmwareVersion current, committed;
  TcbVersion launch_tcb{};
  std::optional<std::uint64_t> launch_mitigations, current_mitigations;  // from version 5 on

  Bytes signed_bytes;                        // exactly as signed
  std::array<std::uint8_t, 96> signature{};  // r || s, big endian

  // By its CPUID; nothing when there is none, or none that is known.
  std::optional<ProductLine> product_line() const;
  bool chip_id_hidden() const;
  bool has_migration_agent() const;
};

// ParseReport reads one report of exactly 1184 bytes. Error ids, in the order of the checks: snp.report.truncated,
// .trailing, .version (unsupported), .signature_algorithm (unsupported), .policy, .vmpl, .platform_info, .flags,
// .signing_key (unsupported), .tcb, .reserved, .signature_size. All are of kind malformed where not said otherwise.
Result<Report> ParseReport(BytesView bytes);

}  // namespace attestml::evidence::snp
