// AMD's own authorities for SEV-SNP endorsement keys, by key.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "crypto/digest.h"
#include "evidence/snp/product.h"

namespace attestml::verify {

// ARK: root of a product line. ASK: issues its VCEKs. ASVK: issues its VLEKs.
enum class AmdRole : std::uint8_t { kArk, kAsk, kAsvk };

struct AmdKey {
  evidence::snp::ProductLine line;
  AmdRole role;
  crypto::Digest256 key_id{};              // SHA-256 of the SubjectPublicKeyInfo
  crypto::Digest256 certificate_sha256{};  // of the published certificate
};

// All nine: three of each product line.
std::span<const AmdKey> AmdKeys();

// The authority with this key; null when it is not AMD's.
const AmdKey* FindAmdKey(const crypto::Digest256& key_id);

}  // namespace attestml::verify
