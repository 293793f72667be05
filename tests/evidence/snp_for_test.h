// A simulated SEV-SNP vendor whose fields tests bend, and what the verifier says of what it issues.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/time.h"
#include "tee/snp_authority.h"
#include "verify/evidence.h"

namespace attestml::test {

inline constexpr Time kNow{1790000000};  // 2026-09-21
inline constexpr std::int64_t kDay = 86400;

// RSA keys of this size take long to make: one set for the whole program.
inline const tee::SnpKeys& Keys() {
  static const tee::SnpKeys keys = tee::SnpKeys::Generate();
  return keys;
}

inline tee::SnpAuthority Vendor(tee::SnpProduct product = tee::SnpProduct::kMilan,
                                tee::SnpEndorsement endorsement = tee::SnpEndorsement::kVcek) {
  return tee::SnpAuthority::Create(Keys(), product, endorsement, kNow);
}

inline tee::SnpAuthority VlekVendor(tee::SnpProduct product = tee::SnpProduct::kMilan) {
  return Vendor(product, tee::SnpEndorsement::kVlek);
}

inline verify::TrustAnchor Anchor() {
  return {.name = "simulated", .key_id = Keys().ark.public_key().id(), .simulated = true};
}

inline evidence::EvidencePackage Issue(const tee::SnpAuthority& vendor) {
  auto package = tee::IssueSnpEvidence(vendor, {1, 2, 3});
  EXPECT_TRUE(package.ok()) << package.error().message;
  return package.ok() ? *std::move(package) : evidence::EvidencePackage{};
}

// The same certificates with the vendor's report as it is now.
inline evidence::EvidencePackage WithReport(evidence::EvidencePackage package, const tee::SnpAuthority& vendor) {
  package.evidence = tee::EncodeSnpReport(vendor.report, vendor.report_signer);
  return package;
}

inline verify::EvidenceOutcome Verify(const evidence::EvidencePackage& package, Time time = kNow) {
  const verify::TrustAnchor anchors[] = {Anchor()};
  return verify::VerifyEvidence(package, {}, anchors, time);
}

// "" when it verifies, else the error's id; and whether the report of checks agrees.
inline std::string IdOf(const verify::EvidenceOutcome& outcome) {
  const auto failed = std::count_if(outcome.checks.begin(), outcome.checks.end(), [](const verify::Check& check) {
    return check.verdict == verify::CheckVerdict::kFail;
  });
  EXPECT_EQ(failed, outcome.evidence.ok() ? 0 : 1);
  return outcome.evidence.ok() ? "" : outcome.evidence.error().id;
}

inline std::string IdOf(const tee::SnpAuthority& vendor, Time time = kNow) { return IdOf(Verify(Issue(vendor), time)); }

inline bool HasHazard(const verify::EvidenceOutcome& outcome, const std::string& name) {
  EXPECT_TRUE(outcome.evidence.ok());
  if (!outcome.evidence.ok()) return false;
  const auto& hazards = outcome.evidence->facts().hazards;
  const auto it = std::find_if(hazards.begin(), hazards.end(), [&](const auto& hazard) { return hazard.name == name; });
  EXPECT_NE(it, hazards.end()) << name;
  return it != hazards.end() && it->present;
}

}  // namespace attestml::test
