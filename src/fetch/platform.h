// Which vendor's collateral a piece of evidence needs, by what it says of itself.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"
#include "evidence/sgx/pck.h"
#include "evidence/snp/product.h"
#include "evidence/snp/report.h"
#include "verify/evidence.h"

namespace attestml::fetch {

// An SGX platform, as its PCK certificate describes it, which leads to a trusted root. Whether the quote around it is
// genuine is not asked.
struct IntelPlatform {
  bool is_tdx = false;
  evidence::sgx::PckExtension pck;
  bool is_platform_ca = false;  // issued by the Platform CA, else by the Processor CA
  std::string ca_name;
  Bytes ca_subject, root_subject;                     // DER
  std::optional<crypto::PublicKey> ca_key, root_key;  // always there
  verify::TrustAnchor anchor;
};

// Of a report that nobody has verified: it says what to ask for.
struct AmdPlatform {
  Bytes report;
  evidence::snp::SigningKey key = evidence::snp::SigningKey::kVcek;
  // The product line; both that a report of version 2 can be of, which does not say.
  std::vector<evidence::snp::ProductLine> lines;
  Bytes chip_id;  // 64 bytes; empty when the report hides its chip
  evidence::snp::TcbVersion tcb{};
};

// Exactly one of the two, or neither: a Nitro document brings its own chain.
struct Platform {
  std::string format;  // "sgx-quote-v3"
  std::optional<IntelPlatform> intel;
  std::optional<AmdPlatform> amd;
};

// PlatformOf recognises the format by structure and reads it. `anchors`: the roots that a PCK chain may end at. Errors:
// those of the parsers; sgx.pck.{pem,leaf,chain,extension}; evidence.format (unsupported) for anything else.
Result<Platform> PlatformOf(BytesView evidence, std::span<const verify::TrustAnchor> anchors, Time time);

// The hwID of AMD's service for this line: the chip id, of Turin its first 8 bytes.
Bytes HardwareId(const AmdPlatform& platform, evidence::snp::ProductLine line);

}  // namespace attestml::fetch
