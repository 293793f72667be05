// Verification of one Intel SGX DCAP quote, version 3. spec/checks.md, section sgx.
#pragma once

#include <span>

#include "evidence/package.h"
#include "verify/evidence.h"

namespace attestml::verify {

// VerifySgxQuote is VerifyEvidence for SGX quotes; call that.
EvidenceOutcome VerifySgxQuote(const evidence::EvidencePackage& package,
                               std::span<const evidence::CollateralItem> extra, std::span<const TrustAnchor> anchors,
                               Time time, Memo* memo);

}  // namespace attestml::verify
