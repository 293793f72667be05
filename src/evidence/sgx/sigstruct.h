// An enclave's signature structure: what gramine-sgx-sign writes as NAME.sig, and what an enclave will measure as.
// Source: Intel SDM volume 3D, section "Enclave Signature Structure (SIGSTRUCT)".
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::evidence::sgx {

inline constexpr std::size_t kSigstructSize = 1808;

struct Sigstruct {
  std::uint32_t date = 0;  // yyyymmdd, as binary coded decimal
  crypto::Digest256 mrenclave{};
  crypto::Digest256 mrsigner{};  // SHA-256 of the modulus, as it lies
  std::array<std::uint8_t, 16> attributes{}, attribute_mask{};
  std::uint16_t isv_prod_id = 0, isv_svn = 0;

  // Whether the enclave may run with DEBUG set: the bit is set, or its mask leaves it open.
  bool may_debug() const;
};

// ParseSigstruct reads exactly 1808 bytes. The RSA signature is not verified: an enclave whose signature is bad does
// not start. Error ids, all malformed: sgx.sigstruct.{size,header,exponent,reserved}.
Result<Sigstruct> ParseSigstruct(BytesView bytes);

}  // namespace attestml::evidence::sgx
