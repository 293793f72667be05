// One report with one certificate that could be its endorsement key's: whether the one vouches for the other.
#pragma once

#include <span>
#include <string_view>

#include "crypto/certificate.h"
#include "evidence/snp/report.h"
#include "verify/chain.h"
#include "verify/crl_set.h"
#include "verify/format.h"

namespace attestml::verify {

inline constexpr std::string_view kSnpFormat = "snp.report.format";
inline constexpr std::string_view kSnpLeaf = "snp.vek.leaf";
inline constexpr std::string_view kSnpChain = "snp.vek.chain";
inline constexpr std::string_view kSnpIssuer = "snp.vek.issuer";
inline constexpr std::string_view kSnpProduct = "snp.vek.product";
inline constexpr std::string_view kSnpValidity = "snp.vek.validity";
inline constexpr std::string_view kSnpChip = "snp.vek.chip";
inline constexpr std::string_view kSnpTcb = "snp.vek.tcb";
inline constexpr std::string_view kSnpSignature = "snp.report.signature";
inline constexpr std::string_view kSnpCrl = "snp.crl";
inline constexpr std::string_view kSnpRevocation = "snp.revocation";

// The fixed order of the report. Whether this is the report's certificate at all comes before the report's signature:
// that a certificate is another chip's explains more than that its key did not sign.
inline constexpr std::string_view kSnpChecks[] = {kSnpFormat,    kSnpLeaf,     kSnpChain,     kSnpIssuer,
                                                  kSnpProduct,   kSnpValidity, kSnpChip,      kSnpTcb,
                                                  kSnpSignature, kSnpCrl,      kSnpRevocation};

// What an attempt may look at; borrowed.
struct SnpCollateral {
  const CertificatePool& pool;
  const X509Documents& documents;
  std::span<const TrustAnchor> anchors;
  Time time;
  Memo* memo;
};

struct SnpAttempt {
  CheckList checks;
  std::size_t stage = 0;  // the place in kSnpChecks of the check that failed, or one past the last
  Result<Vouched> vouched;
  EvidenceFacts facts;
};

// `checks` and `facts`: as the report alone left them.
SnpAttempt TrySnpEndorsement(const evidence::snp::Report& report, const crypto::Certificate& certificate,
                             EvidenceFacts facts, CheckList checks, const SnpCollateral& collateral,
                             PathBuilder* paths);

}  // namespace attestml::verify
