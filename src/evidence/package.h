// What a device hands over and a bundle carries: evidence bytes with the collateral as of when it was made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::evidence {

// CollateralItem is one opaque document: TCB info JSON, QE identity JSON, a CRL (DER or PEM), a certificate chain (PEM
// or DER). What it is gets recognised from its content, never from `label`, which is for people.
struct CollateralItem {
  std::string label;
  Bytes bytes;
};

// Media types of evidence bytes. RFC 9999 CMW records carry them.
inline constexpr std::string_view kSgxQuoteMediaType = "application/vnd.intel.sgx-quote";
inline constexpr std::string_view kTdxQuoteMediaType = "application/vnd.intel.tdx-quote";
inline constexpr std::string_view kSnpReportMediaType = "application/vnd.amd.snp-report";
inline constexpr std::string_view kNitroDocumentMediaType = "application/vnd.aws.nitro-attestation";

// EvidencePackage: nothing in it is trusted.
struct EvidencePackage {
  std::string media_type;
  Bytes evidence;
  std::vector<CollateralItem> collateral;
};

// EncodeCmw writes the package as a JSON CMW collection: {"__cmwc_t": …, "evidence": [type, base64url], "collateral":
// {…}}. DecodeCmw reads it strictly. Error ids cmw.*. At most 64 collateral items, 4 MiB each, 16 MiB in all.
std::string EncodeCmw(const EvidencePackage& package);
Result<EvidencePackage> DecodeCmw(std::string_view json);

}  // namespace attestml::evidence
