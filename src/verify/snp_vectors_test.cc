// Every SEV-SNP vector and scenario of the shared vectors: report × certificates × time → verdict.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "base/hex.h"
#include "base/json.h"
#include "verify/evidence.h"
#include "verify/shared_vectors_for_test.h"

namespace attestml::verify {
namespace {

namespace fs = std::filesystem;
using test::At;
using test::ReadBytesOf;
using test::SharedVectors;
using Collateral = std::vector<evidence::CollateralItem>;

Bytes Read(const std::string& path) { return ReadBytesOf(SharedVectors() / path); }

Collateral Items(std::initializer_list<std::string> paths) {
  Collateral items;
  for (const std::string& path : paths) items.push_back({"item " + std::to_string(items.size()), Read(path)});
  return items;
}

EvidenceOutcome VerifyWith(Bytes report, const Collateral& collateral, Time time) {
  evidence::EvidencePackage package;
  package.media_type = std::string(evidence::kSnpReportMediaType);
  package.evidence = std::move(report);
  return VerifyEvidence(package, collateral, VendorAnchors(), time);
}

// The names of the hazards that are present, after "debug".
std::set<std::string> Objections(const EvidenceFacts& facts) {
  std::set<std::string> out;
  if (facts.debug) out.insert("debug");
  for (const Hazard& hazard : facts.hazards) {
    if (hazard.present) out.insert(hazard.name);
  }
  return out;
}

std::string Got(const EvidenceOutcome& outcome) {
  if (!outcome.evidence.ok()) {
    return std::string(KindName(outcome.evidence.error().kind)) + " " + outcome.evidence.error().id;
  }
  std::string out = "verified";
  for (const std::string& name : Objections(outcome.evidence->facts())) out += " " + name;
  return out;
}

void Row(const std::string& vector, const std::string& expected, const EvidenceOutcome& outcome) {
  std::printf("%-40s | %-60s | %s\n", vector.c_str(), expected.substr(0, 60).c_str(), Got(outcome).c_str());
}

std::string ChainOf(const std::string& name) {
  const std::string line = name.find("turin") != std::string::npos   ? "turin"
                           : name.find("genoa") != std::string::npos ? "genoa"
                                                                     : "milan";
  return "certs/amd_" + line + "_ask_ark_asvk.pem";
}

constexpr char kGoodTime[] = "2026-06-01T00:00:00Z";

class SnpVectors : public test::SharedVectorsTest {};

void ExpectFacts(const VerifiedEvidence& evidence, const Json& facts) {
  EXPECT_EQ(evidence.tee(), "snp");
  EXPECT_FALSE(evidence.simulated());
  EXPECT_EQ(evidence.format(), "snp-report-v" + std::to_string(facts["version"].get<int>()));
  EXPECT_EQ(HexEncode(evidence.measurement()), facts.value("measurement", ""));
  EXPECT_EQ(HexEncode(evidence.report_data()), facts.value("report_data", ""));
  EXPECT_EQ(evidence.security_version(), facts["guest_svn"].get<unsigned>());
  EXPECT_EQ(evidence.debug(), facts["debug"].get<bool>());
  EXPECT_EQ(evidence.facts().revocation, Revocation::kNotChecked);
  EXPECT_EQ(evidence.platform(), facts["chain"].value("root", "").substr(4));
  for (const Register& entry : evidence.facts().registers) {
    if (facts.contains(entry.name) && entry.name != "policy" && entry.name != "platform_info") {
      if (!facts[entry.name].is_string() || entry.name.find("_mit_") != std::string::npos) continue;
      EXPECT_EQ(HexEncode(entry.value), facts.value(entry.name, "")) << entry.name;
    }
  }
  const std::map<std::string, std::string> names = {
      {"fmc", "fmc"}, {"bl", "bootloader"}, {"tee", "tee"}, {"snp", "snp"}, {"ucode", "microcode"}};
  std::size_t parts = 0;
  for (const auto& [name, value] : facts["reported_tcb"].items()) {
    if (!names.contains(name)) continue;
    ++parts;
    const auto& versions = evidence.facts().security_versions;
    const auto it = std::find_if(versions.begin(), versions.end(),
                                 [&, part = name](const SecurityVersion& v) { return v.name == names.at(part); });
    ASSERT_NE(it, versions.end()) << name;
    EXPECT_EQ(it->value, value.get<unsigned>()) << name;
  }
  EXPECT_EQ(evidence.facts().security_versions.size(), parts);
  // A VLEK's report hides its chip.
  const bool hidden = facts.value("chip_id", "").find_first_not_of('0') == std::string::npos;
  EXPECT_EQ(HexEncode(evidence.platform_id()), hidden ? "" : facts.value("chip_id", ""));
}

// Genuine reports: what they say, and the window of their certificates to the second.
TEST_F(SnpVectors, Genuine) {
  const std::map<std::string, std::set<std::string>> want = {{"snp_v2_milan_debug", {"debug"}},
                                                             {"snp_v2_milan_a", {}},
                                                             {"snp_v3_milan", {}},
                                                             {"snp_v3_genoa", {}},
                                                             {"snp_v5_turin", {}},
                                                             {"snp_v3_milan_vlek_vmpl1", {"vmpl"}}};
  std::size_t seen = 0;
  for (const Json& entry : manifest_) {
    const std::string name = entry.value("name", "");
    if (!want.contains(name)) continue;
    ++seen;
    const Bytes report = Read(entry["files"][0].value("path", ""));
    const auto collateral = Items({entry["files"][1].value("path", ""), entry["chain_files"][0].get<std::string>()});
    const Time from = At(entry["facts"]["chain"]["leaf_validity"][0].get<std::string>());
    const Time until = At(entry["facts"]["chain"]["leaf_validity"][1].get<std::string>());
    for (Time time : {from, until}) {
      const auto outcome = VerifyWith(report, collateral, time);
      Row(name, entry.value("expected", ""), outcome);
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
      EXPECT_EQ(Objections(outcome.evidence->facts()), want.at(name));
      ExpectFacts(*outcome.evidence, entry["facts"]);
      EXPECT_EQ(outcome.evidence->valid_from(), from);
      EXPECT_EQ(outcome.evidence->valid_until(), until);
      EXPECT_FALSE(outcome.evidence->collateral_issued());
      EXPECT_EQ(outcome.evidence->facts().hazards.size(), 5U);
      for (const Check& check : outcome.checks) {
        const bool crl = check.id == "snp.crl" || check.id == "snp.revocation";
        EXPECT_EQ(check.verdict, crl ? CheckVerdict::kNotChecked : CheckVerdict::kPass) << check.id;
        EXPECT_FALSE(check.seen.empty() || check.wanted.empty()) << check.id;
      }
    }
    for (Time time : {Time{from.unix_seconds - 1}, Time{until.unix_seconds + 1}}) {
      const auto outcome = VerifyWith(report, collateral, time);
      Row(name + " outside", "refused", outcome);
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, "snp.vek.validity");
    }
  }
  EXPECT_EQ(seen, want.size());
}

TEST_F(SnpVectors, Derived) {
  const std::map<std::string, std::string> want = {
      {"flip_measurement", "snp.report.signature"},
      {"flip_report_data", "snp.report.signature"},
      {"flip_host_data", "snp.report.signature"},
      {"flip_vmpl", "snp.report.signature"},
      {"flip_reported_tcb", "snp.vek.tcb"},
      {"flip_chip_id", "snp.vek.chip"},
      {"flip_reserved_tail", "snp.report.reserved"},
      {"set_debug", "snp.report.signature"},
      {"version_2", "snp.report.reserved"},
      {"version_99", "snp.report.version"},
      {"sig_algo_0", "snp.report.signature_algorithm"},
      {"signing_key_vlek", "snp.vek.kind"},
      {"oversize", "snp.report.trailing"},
      {"trunc_0x2a0", "snp.report.truncated"},
      {"sig_zero", "snp.report.signature"},
      {"sig_tail_garbage", "snp.report.signature_size"},
      {"sig_r_overlong", "snp.report.signature_size"},
      {"sig_high_s_twin", ""},
      {"sig_big_endian", "snp.report.signature"},
      {"vcek_reissued_same_key", ""},
      {"vcek_of_other_chip", "snp.vek.chip"},
      {"vcek_genoa", "snp.vek.chain"},
      {"ask_as_vek", "snp.collateral.vek"},
      {"forged_lookalike_ark", "snp.vek.chain"},
  };
  std::set<std::string> seen;
  std::size_t count = 0;
  for (const Json& entry : manifest_) {
    if (entry.value("tee", "") != "snp" || !entry.value("name", "").starts_with("derived:")) continue;
    const std::string name = entry.value("name", "").substr(8);
    const std::string attack = name.substr(name.find("__") + 2);
    ASSERT_TRUE(want.contains(attack)) << "a vector without an expectation: " << name;
    seen.insert(attack);
    ++count;
    // What a vector does not replace is the source's.
    Bytes report = Read("snp/" + entry.value("source_path", "") + ".bin");
    Collateral collateral = Items({ChainOf(entry.value("source_path", ""))});
    for (const Json& file : entry["files"]) {
      const std::string path = file.value("path", "");
      if (path.ends_with(".bin")) {
        report = Read(path);
      } else {
        collateral.push_back({path, Read(path)});
      }
    }
    const auto outcome = VerifyWith(report, collateral, At(kGoodTime));
    Row(name, entry.value("expected", ""), outcome);
    const std::string& id = want.at(attack);
    if (id.empty()) {
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
      EXPECT_TRUE(Objections(outcome.evidence->facts()).empty());
    } else {
      ASSERT_FALSE(outcome.evidence.ok()) << name;
      EXPECT_EQ(outcome.evidence.error().id, id) << name << ": " << outcome.evidence.error().message;
    }
  }
  EXPECT_EQ(seen.size(), want.size());
  EXPECT_EQ(count, 35U);
}

// The forger's own chain alone, without AMD's beside it.
TEST_F(SnpVectors, ForgedChainAlone) {
  for (const std::string name : {"snp_v3_milan", "snp_v5_turin"}) {
    const std::string base = "derived/snp/" + name + "__forged_lookalike_ark";
    const auto outcome =
        VerifyWith(Read(base + ".bin"), Items({base + ".vek.der", base + ".ask_ark.pem"}), At(kGoodTime));
    Row(name + "__forged_lookalike_ark", "refused", outcome);
    ASSERT_FALSE(outcome.evidence.ok());
    EXPECT_EQ(outcome.evidence.error().id, "snp.vek.chain");
    EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kUntrusted);
  }
}

// With Genoa's authorities beside Milan's, its certificate chains, and is still not the Milan report's.
TEST_F(SnpVectors, CertificateOfAnotherProductLine) {
  const auto outcome =
      VerifyWith(Read("snp/snp_v3_milan.bin"), Items({"snp/snp_v3_genoa.vcek.der", ChainOf("genoa"), ChainOf("milan")}),
                 At(kGoodTime));
  Row("genoa's certificate and chain", "refused", outcome);
  ASSERT_FALSE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence.error().id, "snp.vek.product");
}

TEST_F(SnpVectors, Negative) {
  auto outcome = VerifyWith(Read("snp/snp_v2_milan_a.bin"),
                            Items({"negative/test-vcek-invalid-legacy.der", "certs/amd_milan_ask_ark_asvk.pem"}),
                            At("2025-01-01T00:00:00Z"));
  Row("neg_trustee_test-vcek-invalid-legacy", "refused: not issued by the ASK", outcome);
  ASSERT_FALSE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence.error().id, "snp.vek.chain");
  outcome =
      VerifyWith(Read("snp/snp_v5_turin.bin"),
                 Items({"negative/turin_vcek_other_chip.der", "certs/amd_turin_ask_ark_asvk.pem"}), At(kGoodTime));
  Row("turin_vcek_other_chip", "refused: another chip", outcome);
  ASSERT_FALSE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence.error().id, "snp.vek.chip");
}

TEST_F(SnpVectors, Scenarios) {
  const Json scenarios = test::SharedJson("scenarios.json");
  std::set<std::string> seen;
  for (const Json& scenario : scenarios) {
    const std::string name = scenario.value("evidence", "");
    if (!name.starts_with("snp_")) continue;
    const std::string id = scenario.value("id", "");
    seen.insert(id);
    std::string chain = ChainOf(name);
    if (scenario.contains("override")) chain = scenario["override"].value("chain", chain);
    const std::string kind = name.find("vlek") != std::string::npos ? "vlek" : "vcek";
    const auto outcome = VerifyWith(Read("snp/" + name + ".bin"), Items({"snp/" + name + "." + kind + ".der", chain}),
                                    At(scenario.value("at", "")));
    Row(id, scenario.value("expect", ""), outcome);
    if (id == "vcek-not-yet-valid" || id == "snp-chain-wrong-product") {
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, id == "vcek-not-yet-valid" ? "snp.vek.validity" : "snp.vek.chain");
      continue;
    }
    // The others verify, and give the policy what it refuses them by.
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    const EvidenceFacts& facts = outcome.evidence->facts();
    EXPECT_EQ(Objections(facts).contains("debug"), id == "snp-debug");
    EXPECT_EQ(Objections(facts).contains("vmpl"), id == "snp-vmpl1");
    if (id == "snp-v2-no-cpuid") {
      EXPECT_EQ(facts.platform, "Milan");
      const auto check = std::find_if(outcome.checks.begin(), outcome.checks.end(),
                                      [](const Check& c) { return c.id == "snp.vek.product"; });
      EXPECT_NE(check->seen.find("version 2 reports state no family and model"), std::string::npos);
    }
    if (id == "snp-min-ucode") {
      const auto it = std::find_if(facts.security_versions.begin(), facts.security_versions.end(),
                                   [](const SecurityVersion& v) { return v.name == "microcode"; });
      EXPECT_EQ(it->value, 0xdbU);
    }
    EXPECT_TRUE(facts.has_report_data);
  }
  EXPECT_EQ(seen.size(), 7U);
}

// One folder with every AMD certificate there is, and Intel's collateral: every genuine report verifies there as it
// does with its own alone, whatever the order, and every derived one is refused still.
TEST_F(SnpVectors, AllCertificatesAtOnce) {
  Collateral everything;
  for (const char* folder : {"snp", "certs", "negative"}) {
    for (const auto& entry : fs::directory_iterator(SharedVectors() / folder)) {
      const std::string file = entry.path().filename().string();
      const bool ours = file.ends_with(".pem") || file.ends_with(".crt") || file.ends_with(".cer") ||
                        file.ends_with(".vcek.der") || file.ends_with(".vlek.der") ||
                        file.find("vcek") != std::string::npos;
      if (ours && entry.is_regular_file()) everything.push_back({file, ReadBytesOf(entry.path())});
    }
  }
  for (const auto& entry : fs::directory_iterator(SharedVectors() / "derived" / "snp")) {
    const std::string file = entry.path().filename().string();
    if (file.find("forged") != std::string::npos && !file.ends_with(".bin")) {
      everything.push_back({file, ReadBytesOf(entry.path())});
    }
  }
  // And other vendors', which say nothing here.
  for (const auto& entry : fs::recursive_directory_iterator(SharedVectors() / "intel-collateral")) {
    if (entry.is_regular_file()) everything.push_back({entry.path().string(), ReadBytesOf(entry.path())});
  }
  ASSERT_GE(everything.size(), 80U);
  for (int order = 0; order < 2; ++order, std::reverse(everything.begin(), everything.end())) {
    for (const auto& [name, at] :
         std::map<std::string, std::string>{{"snp_v2_milan_debug", kGoodTime},
                                            {"snp_v2_milan_a", kGoodTime},
                                            {"snp_v3_milan", kGoodTime},
                                            {"snp_v3_genoa", kGoodTime},
                                            {"snp_v5_turin", kGoodTime},
                                            {"snp_v3_milan_vlek_vmpl1", "2025-06-01T00:00:00Z"}}) {
      const auto outcome = VerifyWith(Read("snp/" + name + ".bin"), everything, At(at));
      Row(name + " among all", "verified", outcome);
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
    }
    const auto forged =
        VerifyWith(Read("derived/snp/snp_v3_milan__forged_lookalike_ark.bin"), everything, At(kGoodTime));
    ASSERT_FALSE(forged.evidence.ok());
    // With both chip's certificates there, the genuine one comes as far as the signature.
    EXPECT_EQ(forged.evidence.error().id, "snp.report.signature");
  }
}

// Reports that Azure's virtual machines keep in their vTPM, behind a header of 32 bytes.
TEST_F(SnpVectors, AzureReports) {
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(SharedVectors() / "azure")) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with("az_snp") || !file.ends_with(".hcl.bin")) continue;
    const std::string name = file.substr(0, file.size() - 8);
    const Bytes hcl = ReadBytesOf(entry.path());
    ASSERT_GE(hcl.size(), 0x20U + 1184U);
    const Bytes report(hcl.begin() + 0x20, hcl.begin() + 0x20 + 1184);
    const auto collateral = Items({"azure/" + name + ".vcek.der", ChainOf(name)});
    const auto outcome = VerifyWith(report, collateral, At(kGoodTime));
    Row(name, "verified", outcome);
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
    EXPECT_TRUE(Objections(outcome.evidence->facts()).empty());
    ++seen;
  }
  EXPECT_EQ(seen, 5U);
}

}  // namespace
}  // namespace attestml::verify
