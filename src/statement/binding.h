// The report-data binding (design.md section 5, spec/binding.md): the 64 bytes that hardware signs.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace attestml::statement {

// SHA-512("attestml/report-data/v1" || 0x00 || key_id[32] || target[32] || nonce[32]).
// `target` is zero when the evidence vouches for the session key, SHA-256 of the PAE when for one statement; `nonce` is
// NonceDigest of what the verifier sent, or zero.
std::array<std::uint8_t, 64> ReportData(const crypto::Digest256& key_id, const crypto::Digest256& target,
                                        const crypto::Digest256& nonce);

// SHA-256 of the nonce's bytes; zero for an empty one.
crypto::Digest256 NonceDigest(BytesView nonce);

}  // namespace attestml::statement
