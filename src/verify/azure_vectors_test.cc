// Every Azure vector and scenario of the shared vectors: the hardware layer, and what is said of the vTPM.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/json.h"
#include "evidence/azure/hcl_report.h"
#include "verify/evidence.h"
#include "verify/shared_vectors_for_test.h"

namespace attestml::verify {
namespace {

using test::ReadBytesOf;
using test::SharedVectors;
using Collateral = std::vector<evidence::CollateralItem>;

Bytes Read(const std::string& path) { return ReadBytesOf(SharedVectors() / path); }

const Time kSnpTime = *ParseTime("2026-06-01T00:00:00Z");
const Time kTdxTime = *ParseTime("2025-07-08T00:00:00Z");

Collateral Amd(const std::string& vcek) {
  return {{"vcek", Read(vcek)},
          {"milan", Read("certs/amd_milan_ask_ark_asvk.pem")},
          {"genoa", Read("certs/amd_genoa_ask_ark_asvk.pem")}};
}

Collateral Intel(const std::string& quote) {
  Collateral out;
  if (!quote.empty()) out.push_back({"quote", Read(quote)});
  for (const char* name :
       {"tcb_info.json", "qe_identity.json", "pck_crl.der", "root_crl.der", "tcb_signing_chain.pem"}) {
    out.push_back({name, Read("intel-collateral/2025-07_tdx_00806f050000/" + std::string(name))});
  }
  return out;
}

EvidenceOutcome Verify(Bytes report, const Collateral& collateral, Time time) {
  const evidence::EvidencePackage package{"", std::move(report), {}};
  return VerifyEvidence(package, collateral, VendorAnchors(), time);
}

std::string Got(const EvidenceOutcome& outcome) {
  return outcome.evidence.ok()
             ? "verified " + outcome.evidence->format()
             : std::string(KindName(outcome.evidence.error().kind)) + " " + outcome.evidence.error().id;
}

const Check* Find(const EvidenceOutcome& outcome, std::string_view id) {
  const auto it =
      std::find_if(outcome.checks.begin(), outcome.checks.end(), [&](const Check& c) { return c.id == id; });
  return it == outcome.checks.end() ? nullptr : &*it;
}

// The vTPM is never said to have been checked, and nothing that only it could vouch for is in the facts.
void ExpectNoWordOfTheVtpm(const EvidenceOutcome& outcome) {
  const Check* vtpm = Find(outcome, "azure.vtpm");
  ASSERT_NE(vtpm, nullptr);
  EXPECT_EQ(vtpm->verdict, CheckVerdict::kNotChecked);
  EXPECT_FALSE(vtpm->seen.empty());
  if (!outcome.facts) return;
  EXPECT_FALSE(outcome.facts->has_report_data);
  EXPECT_EQ(outcome.facts->nonce, std::nullopt);
}

class AzureVectors : public test::SharedVectorsTest {};

TEST_F(AzureVectors, EveryEntryOfTheManifest) {
  const std::map<std::string, std::string> expected = {
      {"az_snp_milan_v3_a", "verified azure-snp-report-v3"},
      {"az_snp_genoa_v3", "verified azure-snp-report-v3"},
      {"az_snp_milan_v2", "verified azure-snp-report-v2"},
      {"az_snp_milan_live", "verified azure-snp-report-v3"},
      // Genuine; that a nonce is wanted is the policy's, which finds none in these facts.
      {"az_snp_no_nonce", "verified azure-snp-report-v3"},
      {"az_tdx_a", "verified azure-tdx-quote-v4"},
      // Refused with VM A's VCEK, which is all that is here of the two. What is wrong with the splice is the vTPM's
      // quote, which is not read: with VM B's own VCEK the hardware layer would be genuine, and azure.vtpm not checked.
      {"derived:az__hcl_from_other_vm", "untrusted snp.vek.chip"},
      {"derived:az__runtime_trailing", "malformed azure.report.runtime_size"},
      {"derived:az__report_type_tdx", "malformed azure.report.hardware"},
      {"derived:az_tdx__quote_from_other_td", "untrusted azure.report.binding"},
  };
  std::size_t seen = 0;
  for (const Json& entry : manifest_) {
    const std::string tee = entry.value("tee", "");
    if (tee != "azure-snp" && tee != "azure-tdx") continue;
    const std::string name = entry.value("name", "");
    std::string report, vcek = "azure/az_snp_milan_v3_a.vcek.der", quote;
    for (const Json& file : entry["files"]) {
      const std::string path = file.value("path", "");
      if (path.find("hcl") != std::string::npos) report = path;
      if (path.ends_with(".vcek.der")) vcek = path;
      if (path.ends_with(".tdquote.bin") || path.ends_with("tdx_quote_other.bin")) quote = path;
    }
    const auto outcome =
        tee == "azure-snp" ? Verify(Read(report), Amd(vcek), kSnpTime) : Verify(Read(report), Intel(quote), kTdxTime);
    ExpectNoWordOfTheVtpm(outcome);
    const std::string got = Got(outcome);
    std::printf("%-36s | %-60s | %s\n", name.c_str(), entry.value("expected", "").substr(0, 60).c_str(), got.c_str());
    ASSERT_TRUE(expected.contains(name)) << name << " is new: say what is expected of it";
    EXPECT_EQ(got, expected.at(name)) << name;
    ++seen;
  }
  EXPECT_EQ(seen, expected.size());
}

TEST_F(AzureVectors, WhatTheHardwareLayerNeeds) {
  const Bytes snp = Read("azure/az_snp_milan_v3_a.hcl.bin");
  EXPECT_EQ(Got(Verify(snp, {}, kSnpTime)), "unavailable snp.collateral.vek");
  EXPECT_EQ(Got(Verify(snp, Amd("azure/az_snp_milan_live.vcek.der"), kSnpTime)), "untrusted snp.vek.chip");
  const Bytes tdx = Read("azure/az_tdx_a.hcl.bin");
  EXPECT_EQ(Got(Verify(tdx, Intel(""), kTdxTime)), "unavailable azure.collateral.td_quote");
  // An SGX quote is none, and one of another TD beside the right one is passed over.
  Collateral both = Intel("sgx/sgx_v3_b_00606a000000.bin");
  EXPECT_EQ(Got(Verify(tdx, both, kTdxTime)), "unavailable azure.collateral.td_quote");
  both.push_back({"other", Read("derived/azure/tdx_quote_other.bin")});
  EXPECT_EQ(Got(Verify(tdx, both, kTdxTime)), "untrusted azure.report.binding");
  both.push_back({"own", Read("azure/az_tdx_a.tdquote.bin")});
  EXPECT_EQ(Got(Verify(tdx, both, kTdxTime)), "verified azure-tdx-quote-v4");
  const auto outcome = Verify(tdx, Intel("azure/az_tdx_a.tdquote.bin"), kTdxTime);
  ASSERT_TRUE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence->tee(), "tdx");
  ASSERT_FALSE(outcome.evidence->facts().registers.empty());
  EXPECT_EQ(outcome.evidence->facts().registers.back().name, "runtime_data");
}

// Every byte counts, for the structure, the runtime data's digest or the hardware's signature; padding must be zero.
TEST_F(AzureVectors, NoByteIsFree) {
  const Bytes good = Read("azure/az_snp_milan_v3_a.hcl.bin");
  const Collateral collateral = Amd("azure/az_snp_milan_v3_a.vcek.der");
  ASSERT_TRUE(Verify(good, collateral, kSnpTime).evidence.ok());
  std::vector<std::size_t> accepted;
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bent = good;
    bent[at] ^= 1;
    if (Verify(bent, collateral, kSnpTime).evidence.ok()) accepted.push_back(at);
  }
  // Two versions of the header exist, and no signature covers it: 1 and 2 differ in more than one bit.
  EXPECT_TRUE(accepted.empty()) << accepted.size() << " flips accepted, the first at " << accepted.front();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    const auto outcome = Verify(cut, collateral, kSnpTime);
    EXPECT_EQ(outcome.evidence.ok(), size >= 2346) << size;  // less padding is no other report
  }
}

TEST_F(AzureVectors, LengthsThatLie) {
  const Bytes good = Read("azure/az_snp_milan_v3_a.hcl.bin");
  const Collateral collateral = Amd("azure/az_snp_milan_v3_a.vcek.der");
  for (const std::size_t at : {8U, 0x4c0U, 0x4d0U}) {
    const std::uint32_t right = good[at] | static_cast<std::uint32_t>(good[at + 1]) << 8;
    for (const std::uint32_t lie : {0U, 1U, right - 1, right + 1, 0x80000000U, 0xffffffffU}) {
      Bytes bent = good;
      for (std::size_t i = 0; i < 4; ++i) bent[at + i] = static_cast<std::uint8_t>(lie >> (8 * i));
      EXPECT_EQ(Got(Verify(bent, collateral, kSnpTime)), "malformed azure.report.runtime_size") << at << " " << lie;
    }
  }
}

TEST_F(AzureVectors, FieldsOfTheHeader) {
  const Bytes good = Read("azure/az_snp_milan_v3_a.hcl.bin");
  const auto id_of = [&](std::size_t at, std::uint8_t value) {
    Bytes bent = good;
    bent[at] = value;
    const auto report = evidence::azure::ParseHclReport(bent);
    return report.ok() ? std::string() : report.error().id;
  };
  EXPECT_EQ(id_of(0, 'h'), "azure.report.header");
  EXPECT_EQ(id_of(4, 0), "azure.report.version");
  EXPECT_EQ(id_of(4, 2), "");
  EXPECT_EQ(id_of(4, 3), "azure.report.version");
  for (const std::size_t at : {12U, 16U, 20U, 31U}) EXPECT_EQ(id_of(at, 7), "azure.report.header") << at;
  EXPECT_EQ(id_of(0x4c4, 2), "azure.report.request");
  EXPECT_EQ(id_of(0x4c8, 3), "azure.report.type");
  EXPECT_EQ(id_of(0x4c8, 4), "azure.report.hardware");
  EXPECT_EQ(id_of(0x4cc, 2), "azure.report.hash");
  EXPECT_EQ(id_of(good.size() - 1, 1), "azure.report.trailing");
  Bytes large = good;
  large.resize(evidence::azure::kMaxReport + 1);
  EXPECT_EQ(evidence::azure::ParseHclReport(large).error().id, "azure.report.size");
}

}  // namespace
}  // namespace attestml::verify
