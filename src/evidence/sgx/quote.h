// Intel DCAP quotes of SGX enclaves (versions 3 to 5) and TDX trust domains (4 and 5), ECDSA-P256: bytes to struct.
// Nothing in it is trusted.
//
//   version 3: header 48 | report body 384                                   | u32 size, signature data
//   version 4: header 48 | report body 384, or TD report 584                 | u32 size, signature data
//   version 5: header 48 | u16 body type | u32 size, one of these, or 648    | u32 size, signature data
//
//   signature data: quote signature 64 | attestation key 64 | QE certification
//   QE certification, version 3:                            QE report body 384 | QE report signature 64 |
//     u16 size, QE authentication data | u16 certification data type | u32 size, certification data
//   QE certification, versions 4 and 5: u16 type 6 | u32 size, the same
//
// Integers are little endian. Zero bytes may follow: some hosts hand out quotes in a fixed-size buffer. Sources: Intel,
// "SGX ECDSA Quote Library API" A.4 (version 3); "TDX DCAP Quoting Library API" A.3 (version 4) and A.4 (version 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/tdx/td_report.h"

namespace attestml::evidence::sgx {

inline constexpr std::size_t kMaxQuote = 64 * 1024;
inline constexpr std::size_t kReportBodySize = 384;

// ReportBody is what the processor reports of an enclave: of the application, and of the quoting enclave (QE).
struct ReportBody {
  std::array<std::uint8_t, 16> cpu_svn{};
  std::array<std::uint8_t, 4> misc_select{};
  std::array<std::uint8_t, 16> isv_ext_prod_id{};
  std::array<std::uint8_t, 16> attributes{};
  std::array<std::uint8_t, 32> mr_enclave{};
  std::array<std::uint8_t, 32> mr_signer{};
  std::array<std::uint8_t, 64> config_id{};
  std::uint16_t isv_prod_id = 0;
  std::uint16_t isv_svn = 0;
  std::uint16_t config_svn = 0;
  std::array<std::uint8_t, 16> isv_family_id{};
  std::array<std::uint8_t, 64> report_data{};

  bool debug() const { return (attributes[0] & 0x02) != 0; }
};

struct Quote {
  std::uint16_t version = 0;
  std::uint16_t key_type = 0;
  std::uint16_t qe_svn = 0;
  std::uint16_t pce_svn = 0;
  std::array<std::uint8_t, 16> qe_vendor_id{};
  std::array<std::uint8_t, 20> user_data{};
  ReportBody body;                  // of an enclave; empty when there is a TD report
  std::optional<tdx::TdReport> td;  // of a trust domain
  std::array<std::uint8_t, 64> signature{};
  std::array<std::uint8_t, 64> attestation_key{};
  ReportBody qe_report;
  std::array<std::uint8_t, 64> qe_signature{};
  Bytes qe_auth_data;
  std::uint16_t certification_type = 0;
  Bytes certification_data;  // type 5: PEM certificates, PCK leaf first as a rule
  std::size_t padding = 0;   // zero bytes after the quote

  bool is_tdx() const { return td.has_value(); }
  // "sgx-quote-v3", "tdx-quote-v5".
  std::string format() const { return (is_tdx() ? "tdx" : "sgx") + ("-quote-v" + std::to_string(version)); }

  Bytes signed_bytes;     // header and body, exactly as signed by the attestation key
  Bytes qe_report_bytes;  // exactly as signed by the PCK key
};

// ParseReportBody reads exactly 384 bytes; nothing when there are more or fewer.
Result<ReportBody> ParseReportBody(BytesView bytes);

// ParseQuote reads one quote. Error ids, in the order of the checks: sgx.quote.size, .truncated, .version (unsupported
// beyond 5), .key_type (unsupported), .tee_type, .qe_vendor; then, with "tdx" for "sgx" where the header says TDX,
// .truncated, .body_type (unsupported), .body_size, .signature_size, .qe_cert_type (unsupported), .qe_cert_size,
// .auth_size, .cert_size, .slack, .cert_type (unsupported), .trailing. All are of kind malformed where not said
// otherwise.
Result<Quote> ParseQuote(BytesView bytes);

}  // namespace attestml::evidence::sgx
