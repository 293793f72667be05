// Writes SEV-SNP attestation reports in AMD's format. The mirror of evidence/snp, kept apart from it so that a mistake
// in one is not made twice.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "crypto/key.h"

namespace attestml::tee {

using SnpTcb = std::array<std::uint8_t, 8>;

// What a report says, as it is written. Whether it makes sense, and which version has which field, is the caller's.
struct SnpReportBody {
  std::uint32_t version = 3;
  std::uint32_t guest_svn = 0;
  std::uint64_t policy = 0x30000;  // SMT allowed, and the bit that is always set
  std::array<std::uint8_t, 16> family_id{}, image_id{};
  std::uint32_t vmpl = 0;
  std::uint32_t signature_algorithm = 1;
  SnpTcb current_tcb{};
  std::uint64_t platform_info = 0x25;  // SMT, ECC, alias check done
  std::uint32_t flags = 0;             // bit 0 author key, 1 masked chip key, 2 to 4 signing key
  std::array<std::uint8_t, 64> report_data{};
  std::array<std::uint8_t, 48> measurement{};
  std::array<std::uint8_t, 32> host_data{};
  std::array<std::uint8_t, 48> id_key_digest{}, author_key_digest{};
  std::array<std::uint8_t, 32> report_id{};
  std::array<std::uint8_t, 32> report_id_ma{};
  SnpTcb reported_tcb{};
  std::array<std::uint8_t, 3> cpuid{};  // family, model, stepping
  std::array<std::uint8_t, 64> chip_id{};
  SnpTcb committed_tcb{};
  std::array<std::uint8_t, 3> current_firmware{}, committed_firmware{};  // build, minor, major
  SnpTcb launch_tcb{};
  std::uint64_t launch_mitigations = 0, current_mitigations = 0;
};

// The 672 bytes that are signed.
Bytes EncodeSnpReportBody(const SnpReportBody& body);

// The whole report: 1184 bytes.
Bytes EncodeSnpReport(const SnpReportBody& body, const crypto::PrivateKey& key);

}  // namespace attestml::tee
