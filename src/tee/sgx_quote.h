// DCAP quotes as a quoting enclave writes them: SGX v3 (Intel SGX ECDSA Quote Library Reference, appendix A), and v4
// and v5 of any body (Intel TDX DCAP Quoting Library API, A.3 and A.4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "crypto/key.h"

namespace attestml::tee {

inline constexpr std::uint64_t kSgxFlagInit = 0x01;
inline constexpr std::uint64_t kSgxFlagDebug = 0x02;
inline constexpr std::uint64_t kSgxFlagMode64Bit = 0x04;
inline constexpr std::uint64_t kSgxFlagProvisionKey = 0x10;

// The body of an enclave report: 384 bytes.
struct SgxReportBody {
  std::array<std::uint8_t, 16> cpusvn{};
  std::uint32_t miscselect = 0;
  std::uint64_t flags = kSgxFlagInit | kSgxFlagMode64Bit;
  std::uint64_t xfrm = 0x03;
  std::array<std::uint8_t, 32> mrenclave{};
  std::array<std::uint8_t, 32> mrsigner{};
  std::array<std::uint8_t, 64> config_id{};
  std::uint16_t isvprodid = 0;
  std::uint16_t isvsvn = 0;
  std::array<std::uint8_t, 64> report_data{};
};
Bytes EncodeReportBody(const SgxReportBody& body);

struct SgxQuoteHeader {
  std::uint16_t version = 3;
  std::uint16_t key_type = 2;  // ECDSA P-256
  std::uint16_t qe_svn = 0;
  std::uint16_t pce_svn = 0;
  std::array<std::uint8_t, 16> qe_vendor = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                            0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
  std::array<std::uint8_t, 20> user_data{};
};

// What follows the quote's signature and is the same in every quote of one attestation key.
struct SgxQuoteCertification {
  crypto::PublicKey attestation_key;
  Bytes qe_report;            // 384 bytes
  Bytes qe_report_signature;  // r || s by the PCK key
  Bytes auth_data;
  std::uint16_t type = 5;  // PCK chain as PEM text
  Bytes data;
};
Bytes EncodeCertification(const SgxQuoteCertification& certification);

// The report data of a QE report that vouches for the attestation key: SHA-256(key || authentication data), zeros.
std::array<std::uint8_t, 64> QeReportData(const crypto::PublicKey& attestation_key, BytesView auth_data);

// EncodeQuote signs header and body with `key` and puts `certification` (as encoded above) after the signature.
Bytes EncodeQuote(const SgxQuoteHeader& header, const SgxReportBody& body, const crypto::PrivateKey& key,
                  BytesView certification);

inline constexpr std::uint32_t kTeeTypeSgx = 0;
inline constexpr std::uint32_t kTeeTypeTdx = 0x81;

// How versions 4 and 5 wrap a body and its certification. Nothing here checks that the parts agree.
struct DcapLayout {
  std::uint32_t tee_type = kTeeTypeTdx;
  std::optional<std::uint16_t> body_type = std::nullopt;  // version 5: 1 SGX, 2 TD report 1.0, 3 TD report 1.5
  std::optional<std::uint32_t> body_size = std::nullopt;  // written after the type; the body's when not set
  std::uint16_t qe_certification_type = 6;
};
Bytes EncodeDcapQuote(const SgxQuoteHeader& header, const DcapLayout& layout, BytesView body,
                      const crypto::PrivateKey& key, BytesView certification);

}  // namespace attestml::tee
