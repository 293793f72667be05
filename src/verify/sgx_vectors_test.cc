// Every SGX vector and scenario of the shared vectors: evidence × collateral × time → verdict.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/json.h"
#include "evidence/sgx/tcb_info.h"
#include "verify/evidence.h"
#include "verify/shared_vectors_for_test.h"

namespace attestml::verify {
namespace {

namespace fs = std::filesystem;
using test::At;
using test::ReadBytesOf;
using test::ReadTextOf;
using test::SharedVectors;

std::vector<evidence::CollateralItem> Folder(const fs::path& folder) {
  std::vector<evidence::CollateralItem> items;
  for (const auto& entry : fs::directory_iterator(folder)) {
    items.push_back({entry.path().filename().string(), ReadBytesOf(entry.path())});
  }
  return items;
}

EvidenceOutcome VerifyWith(const Bytes& quote, const std::vector<evidence::CollateralItem>& collateral, Time time) {
  evidence::EvidencePackage package;
  package.media_type = std::string(evidence::kSgxQuoteMediaType);
  package.evidence = quote;
  return VerifyEvidence(package, collateral, VendorAnchors(), time);
}

std::string Got(const EvidenceOutcome& outcome) {
  if (outcome.evidence.ok()) {
    return "tcb_status=" + outcome.evidence->tcb_status() + (outcome.evidence->debug() ? " debug" : "");
  }
  return std::string(KindName(outcome.evidence.error().kind)) + " " + outcome.evidence.error().id;
}

void Row(const std::string& vector, const std::string& expected, const EvidenceOutcome& outcome) {
  std::printf("%-62s | %-52s | %s\n", vector.c_str(), expected.substr(0, 52).c_str(), Got(outcome).c_str());
}

const fs::path kGoodFolder = "2025-08_sgx_00606a000000";
constexpr char kGoodTime[] = "2025-08-30T05:09:06Z";

class SgxVectors : public test::SharedVectorsTest {};

TEST_F(SgxVectors, Scenarios) {
  const Json scenarios = test::SharedJson("scenarios.json");
  int seen = 0;
  for (const Json& scenario : scenarios) {
    const std::string name = scenario.value("evidence", "");
    if (!name.starts_with("sgx_v3")) continue;
    ++seen;
    const std::string expect = scenario.value("expect", "");
    const std::string folder = scenario.value("collateral", "").substr(std::string("collateral-").size());
    auto collateral = Folder(SharedVectors() / "intel-collateral" / folder);
    if (scenario.contains("override")) {
      for (const auto& [slot, path] : scenario["override"].items()) {
        for (auto& item : collateral) {
          if (item.label.starts_with(slot + ".")) {
            item.bytes = path.is_string() ? ReadBytesOf(SharedVectors() / path.get<std::string>()) : Bytes();
          }
        }
      }
    }
    const auto outcome =
        VerifyWith(ReadBytesOf(SharedVectors() / "sgx" / (name + ".bin")), collateral, At(scenario.value("at", "")));
    Row(name, expect, outcome);
    if (expect.starts_with("tcb_status=")) {
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
      const std::string want = expect.substr(11, expect.find(' ') - 11);
      EXPECT_EQ(outcome.evidence->tcb_status(), want);
      EXPECT_EQ(outcome.evidence->debug(), expect.find("debug") != std::string::npos);
      EXPECT_EQ(outcome.evidence->tee(), "sgx");
      EXPECT_FALSE(outcome.evidence->simulated());
      std::vector<std::string> advisories;
      for (const Json& advisory : scenario["advisories"]) advisories.push_back(advisory.get<std::string>());
      EXPECT_EQ(outcome.evidence->advisories(), advisories);
      EXPECT_TRUE(std::all_of(outcome.checks.begin(), outcome.checks.end(),
                              [](const Check& check) { return check.verdict == CheckVerdict::kPass; }));
    } else {
      const std::map<std::string, std::string> ids = {
          {"reject:pck-certificate-not-valid-at-collateral-date", "sgx.pck.validity"},
          {"reject:qe-identity-id", "sgx.qe_identity.id"}};
      ASSERT_TRUE(ids.contains(expect)) << expect;
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, ids.at(expect));
      EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kUntrusted);
    }
  }
  EXPECT_EQ(seen, 6);
}

// The manifest's windows, to the second: valid at both ends, refused one second outside.
TEST_F(SgxVectors, AppraisalWindows) {
  int seen = 0;
  for (const Json& entry : manifest_) {
    const std::string name = entry.value("name", "");
    if (!name.starts_with("sgx_v3") || !entry.contains("appraisals")) continue;
    const Bytes quote = ReadBytesOf(SharedVectors() / "sgx" / (name + ".bin"));
    for (const Json& appraisal : entry["appraisals"]) {
      if (!appraisal["window"].is_array()) continue;
      const auto collateral =
          Folder(SharedVectors() / "intel-collateral" / appraisal["collateral"].get<std::string>().substr(11));
      const Time from = At(appraisal["window"][0].get<std::string>());
      const Time until = At(appraisal["window"][1].get<std::string>());
      for (Time time : {from, until}) {
        const auto outcome = VerifyWith(quote, collateral, time);
        Row(name + " at " + FormatTime(time), appraisal.value("tcb_status", ""), outcome);
        ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
        EXPECT_EQ(outcome.evidence->tcb_status(), appraisal.value("tcb_status", ""));
        EXPECT_EQ(outcome.evidence->tcb_date(), appraisal.value("tcb_date", ""));
        EXPECT_EQ(outcome.evidence->valid_from(), from);
        EXPECT_EQ(outcome.evidence->valid_until(), until);
        EXPECT_EQ(outcome.evidence->platform(), entry["facts"].value("fmspc", ""));
      }
      for (Time time : {Time{from.unix_seconds - 1}, Time{until.unix_seconds + 1}}) {
        const auto outcome = VerifyWith(quote, collateral, time);
        Row(name + " at " + FormatTime(time), "refused", outcome);
        ASSERT_FALSE(outcome.evidence.ok());
        EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kUntrusted);
      }
      ++seen;
    }
  }
  EXPECT_GE(seen, 4);
}

TEST_F(SgxVectors, DerivedQuotes) {
  const std::map<std::string, std::string> want = {
      {"ak_zero", "sgx.qe.binding"},
      {"attacker_ak_patched_qe", "sgx.qe.signature"},
      {"cert_size_huge", "sgx.quote.cert_size"},
      {"cert_type_1", "sgx.quote.cert_type"},
      {"cert_type_2", "sgx.quote.cert_type"},
      {"cert_type_3", "sgx.quote.cert_type"},
      {"cert_type_4", "sgx.quote.cert_type"},
      {"cert_type_6", "sgx.quote.cert_type"},
      {"chain_dup_leaf", ""},
      {"chain_leaf_only", "sgx.pck.chain"},
      {"chain_no_root", ""},
      {"chain_reversed", ""},
      {"flip_header_userdata", "sgx.quote.signature"},
      {"flip_measurement", "sgx.quote.signature"},
      {"flip_report_data", "sgx.quote.signature"},
      {"forged_chain_real_root_substituted", "sgx.pck.chain"},
      {"forged_leaf_only", "sgx.pck.chain"},
      {"forged_lookalike_root", "sgx.pck.chain"},
      {"other_pck_chain", "sgx.qe.signature"},
      {"qe_vendor", "sgx.quote.qe_vendor"},
      {"qesig_high_s_twin", ""},
      {"set_debug", "sgx.quote.signature"},
      {"sig_ff", "sgx.quote.signature"},
      {"sig_high_s_twin", ""},
      {"sig_r0s0", "sgx.quote.signature"},
      {"sig_s_eq_n", "sgx.quote.signature"},
      {"siglen_huge", "sgx.quote.signature_size"},
      {"siglen_zero", "sgx.quote.signature_size"},
      {"spliced_qe_block", "sgx.qe.binding"},
      {"tee_type_swap", "sgx.quote.tee_type"},
      {"trailing_nonzero", "sgx.quote.trailing"},
      {"trunc_0", "evidence.format"},
      {"trunc_1051", "sgx.quote.signature_size"},
      {"trunc_432", "sgx.quote.truncated"},
      {"trunc_47", "sgx.quote.truncated"},
      {"trunc_4733", "sgx.quote.signature_size"},
      {"trunc_947", "sgx.quote.signature_size"},
      {"version_3to4", "sgx.quote.qe_cert_type"},
  };
  const auto collateral = Folder(SharedVectors() / "intel-collateral" / kGoodFolder);
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(SharedVectors() / "derived" / "sgx")) {
    const std::string file = entry.path().stem().string();
    const std::string attack = file.substr(file.find("__") + 2);
    const auto outcome = VerifyWith(ReadBytesOf(entry.path()), collateral, At(kGoodTime));
    const auto it = want.find(attack);
    ASSERT_NE(it, want.end()) << "a vector without an expectation: " << attack;
    Row(attack, it->second.empty() ? "tcb_status=SWHardeningNeeded" : it->second, outcome);
    if (it->second.empty()) {
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
      EXPECT_EQ(outcome.evidence->tcb_status(), "SWHardeningNeeded");
    } else {
      ASSERT_FALSE(outcome.evidence.ok()) << attack;
      EXPECT_EQ(outcome.evidence.error().id, it->second) << outcome.evidence.error().message;
    }
    ++seen;
  }
  EXPECT_EQ(seen, want.size());
}

// The intermediate may come from collateral; a real path is a real path.
TEST_F(SgxVectors, LeafOnlyWithIntermediateFromCollateral) {
  auto collateral = Folder(SharedVectors() / "intel-collateral" / kGoodFolder);
  collateral.push_back({"ca", ReadBytesOf(SharedVectors() / "certs" / "intel_pck_platform_ca_chain.pem")});
  const auto outcome =
      VerifyWith(ReadBytesOf(SharedVectors() / "derived" / "sgx" / "sgx_v3_b_00606a000000__chain_leaf_only.bin"),
                 collateral, At(kGoodTime));
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
  EXPECT_EQ(outcome.evidence->tcb_status(), "SWHardeningNeeded");
}

TEST_F(SgxVectors, DerivedCollateral) {
  const Bytes quote = ReadBytesOf(SharedVectors() / "sgx" / "sgx_v3_b_00606a000000.bin");
  const fs::path derived = SharedVectors() / "derived" / "collateral";
  const std::map<std::string, std::string> want = {{"duplicate_member", "sgx.tcb_info.duplicate_member"},
                                                   {"forged_tcb_info", "sgx.tcb_info.signature"},
                                                   {"reserialised", "sgx.tcb_info.signature"},
                                                   {"short_components", "sgx.tcb_info.signature"},
                                                   {"status_edited", "sgx.tcb_info.signature"}};
  for (const auto& [attack, id] : want) {
    auto collateral = Folder(SharedVectors() / "intel-collateral" / kGoodFolder);
    for (auto& item : collateral) {
      if (item.label == "tcb_info.json") {
        item.bytes = ReadBytesOf(derived / ("2025-08_sgx_00606a000000__" + attack + ".json"));
      }
    }
    auto outcome = VerifyWith(quote, collateral, At(kGoodTime));
    Row(attack, id, outcome);
    ASSERT_FALSE(outcome.evidence.ok());
    EXPECT_EQ(outcome.evidence.error().id, id);
    // The forger's chain beside it changes nothing, and neither does the forged document beside a genuine one.
    collateral.push_back({"forged", ReadBytesOf(derived / "2025-08_sgx_00606a000000__forged_signing_chain.pem")});
    outcome = VerifyWith(quote, collateral, At(kGoodTime));
    ASSERT_FALSE(outcome.evidence.ok());
    EXPECT_EQ(outcome.evidence.error().id, id);
    for (auto& item : Folder(SharedVectors() / "intel-collateral" / kGoodFolder)) collateral.push_back(item);
    outcome = VerifyWith(quote, collateral, At(kGoodTime));
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    EXPECT_EQ(outcome.evidence->tcb_status(), "SWHardeningNeeded");
  }
  auto only_forged = Folder(SharedVectors() / "intel-collateral" / kGoodFolder);
  for (auto& item : only_forged) {
    if (item.label == "tcb_info.json")
      item.bytes = ReadBytesOf(derived / "2025-08_sgx_00606a000000__forged_tcb_info.json");
    if (item.label == "tcb_signing_chain.pem") {
      item.bytes = ReadBytesOf(derived / "2025-08_sgx_00606a000000__forged_signing_chain.pem");
    }
  }
  const auto outcome = VerifyWith(quote, only_forged, At(kGoodTime));
  Row("forged_signing_chain", "sgx.tcb_signer.chain", outcome);
  ASSERT_FALSE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence.error().id, "sgx.tcb_signer.chain");
}

TEST_F(SgxVectors, Negative) {
  const fs::path negative = SharedVectors() / "negative";
  auto outcome =
      VerifyWith(ReadBytesOf(negative / "neg_oe_sgx_report_bad.bin"),
                 Folder(SharedVectors() / "intel-collateral" / "2022-04_sgx_00906ed50000"), At("2022-05-11T23:03:47Z"));
  Row("neg_oe_sgx_report_bad", "sgx.pck.chain", outcome);
  ASSERT_FALSE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence.error().id, "sgx.pck.chain");
  EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kUntrusted);

  // Intel's sample quote, as it is and with its own PKI for collateral: certification data 1 holds no chain.
  outcome = VerifyWith(ReadBytesOf(negative / "qvl_sample_sgx" / "quote.dat"), Folder(negative / "qvl_sample_sgx"),
                       At("2022-05-11T23:03:47Z"));
  Row("qvl_sample_sgx", "sgx.quote.cert_type", outcome);
  ASSERT_FALSE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence.error().id, "sgx.quote.cert_type");

  const std::map<std::string, std::string> tcb_infos = {
      {"oe_tcbInfoNegativeCompSvn", "sgx.tcb_info.component"},
      {"oe_tcbInfoNegativeFloat", "json.number"},
      {"oe_tcbInfoNegativeIntegerOverflow", "json.number"},
      {"oe_tcbInfoNegativeSignature", "sgx.tcb_info.signature"},
      {"oe_tcbInfoNegativeTcbType", "sgx.tcb_info.type"},
  };
  for (const auto& [name, id] : tcb_infos) {
    const auto info = evidence::sgx::ParseSignedTcbInfo(ReadTextOf(negative / (name + ".json")));
    ASSERT_FALSE(info.ok()) << name;
    std::printf("%-62s | %-52s | %s\n", name.c_str(), id.c_str(), info.error().id.c_str());
    EXPECT_EQ(info.error().id, id);
  }
  const auto short_components = evidence::sgx::ParseSignedTcbInfo(
      ReadTextOf(SharedVectors() / "derived" / "collateral" / "2025-08_sgx_00606a000000__short_components.json"));
  ASSERT_FALSE(short_components.ok());
  EXPECT_EQ(short_components.error().id, "sgx.tcb_info.component");
}

// Every collateral folder against every quote: only its own FMSPC at its own time is ever accepted.
TEST_F(SgxVectors, EveryFolder) {
  const std::map<std::string, std::string> own = {{"sgx_v3_a_00a067110000", "2025-06_sgx_00a067110000"},
                                                  {"sgx_v3_b_00606a000000", "2025-08_sgx_00606a000000"},
                                                  {"sgx_v3_debug_a_00606a000000", "2025-08_sgx_00606a000000"},
                                                  {"sgx_v3_debug_c_00906ed50000", "2022-04_sgx_00906ed50000"}};
  for (const auto& folder : fs::directory_iterator(SharedVectors() / "intel-collateral")) {
    if (!folder.is_directory()) continue;
    const auto collateral = Folder(folder.path());
    for (const auto& entry : fs::directory_iterator(SharedVectors() / "sgx")) {
      const std::string name = entry.path().stem().string();
      for (const char* at :
           {"2022-05-11T23:03:47Z", "2025-07-04T10:28:44Z", "2025-08-30T05:09:06Z", "2026-06-20T00:00:00Z"}) {
        const auto outcome = VerifyWith(ReadBytesOf(entry.path()), collateral, At(at));
        if (!outcome.evidence.ok()) continue;
        const auto it = own.find(name);
        ASSERT_NE(it, own.end());
        EXPECT_EQ(it->second, folder.path().filename().string()) << name << " at " << at;
      }
    }
  }
}

// One folder with all that Intel ever published for SGX and TDX: every genuine quote says there what it says with its
// own documents alone, whatever the order.
TEST_F(SgxVectors, AllFoldersAtOnce) {
  std::vector<evidence::CollateralItem> everything;
  for (const auto& entry : fs::recursive_directory_iterator(SharedVectors() / "intel-collateral")) {
    if (entry.is_regular_file()) everything.push_back({entry.path().string(), ReadBytesOf(entry.path())});
  }
  ASSERT_GE(everything.size(), 70U);
  int seen = 0;
  for (const Json& entry : manifest_) {
    const std::string name = entry.value("name", "");
    if (!name.starts_with("sgx_v3") || !entry.contains("appraisals")) continue;
    const Bytes quote = ReadBytesOf(SharedVectors() / "sgx" / (name + ".bin"));
    for (const Json& appraisal : entry["appraisals"]) {
      if (!appraisal["window"].is_array()) {
        EXPECT_FALSE(VerifyWith(quote, everything, At("2022-04-26T23:28:09Z")).evidence.ok());
        continue;
      }
      const Time from = At(appraisal["window"][0].get<std::string>());
      const Time until = At(appraisal["window"][1].get<std::string>());
      for (Time time : {from, Time{(from.unix_seconds + until.unix_seconds) / 2}, until}) {
        for (int order = 0; order < 2; ++order, std::reverse(everything.begin(), everything.end())) {
          const auto outcome = VerifyWith(quote, everything, time);
          Row(name + " at " + FormatTime(time), appraisal.value("tcb_status", ""), outcome);
          ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
          EXPECT_EQ(outcome.evidence->tcb_status(), appraisal.value("tcb_status", ""));
          EXPECT_EQ(outcome.evidence->tcb_date(), appraisal.value("tcb_date", ""));
          std::vector<std::string> advisories;
          for (const Json& advisory : appraisal["advisories"]) advisories.push_back(advisory.get<std::string>());
          EXPECT_EQ(outcome.evidence->advisories(), advisories);
        }
      }
      ++seen;
    }
  }
  EXPECT_GE(seen, 4);
}

}  // namespace
}  // namespace attestml::verify
