// Every TDX vector and scenario of the shared vectors: evidence × collateral × time → verdict, and the id that says
// why.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/hex.h"
#include "base/json.h"
#include "evidence/tdx/event_log.h"
#include "verify/evidence.h"
#include "verify/shared_vectors_for_test.h"

namespace attestml::verify {
namespace {

namespace fs = std::filesystem;
using test::At;
using test::ReadBytesOf;
using test::SharedVectors;

using Items = std::vector<evidence::CollateralItem>;

Items Folder(const std::string& name) {
  Items items;
  if (name.empty()) return items;
  for (const auto& entry : fs::directory_iterator(SharedVectors() / "intel-collateral" / name)) {
    items.push_back({entry.path().filename().string(), ReadBytesOf(entry.path())});
  }
  return items;
}

EvidenceOutcome VerifyWith(const Bytes& quote, const Items& collateral, Time time) {
  return VerifyEvidence({std::string(evidence::kTdxQuoteMediaType), quote, {}}, collateral, VendorAnchors(), time);
}

std::string Got(const EvidenceOutcome& outcome) {
  if (outcome.evidence.ok()) return "tcb_status=" + outcome.evidence->tcb_status();
  return std::string(KindName(outcome.evidence.error().kind)) + " " + outcome.evidence.error().id;
}

void Row(const std::string& vector, const std::string& expected, const EvidenceOutcome& outcome) {
  std::printf("%-66s | %-52s | %s\n", vector.c_str(), expected.substr(0, 52).c_str(), Got(outcome).c_str());
}

bool IsTdxQuote(const std::string& name) { return name.starts_with("tdx_v4") || name.starts_with("tdx_v5"); }

class TdxVectors : public test::SharedVectorsTest {};

// This genuine quote came with a line of text after it, which nothing signs: refused, like derived "trailing_nonzero".
// The scenarios speak of the quote alone.
Bytes ReadQuote(const std::string& name) {
  Bytes bytes = ReadBytesOf(SharedVectors() / "tdx" / (name + ".bin"));
  if (name != "tdx_v4_spr_e4_50806f000000") return bytes;
  const auto whole = VerifyWith(bytes, {}, At("2023-06-28T08:03:58Z"));
  EXPECT_EQ(whole.evidence.error().id, "tdx.quote.trailing");
  bytes.resize(4935);
  return bytes;
}

TEST_F(TdxVectors, Scenarios) {
  // What a scenario calls its reason, and our id for it.
  const std::map<std::string, std::string> ids = {
      {"reject:pck-certificate-not-valid-at-collateral-date", "sgx.pck.validity"},
      {"reject:collateral-expired", "sgx.crl.pck.expired"},
      {"reject:collateral-not-yet-valid", "sgx.crl.pck.not_yet_valid"},
      {"reject:qe-identity-id", "sgx.qe_identity.id"},
      {"reject:type", "sgx.collateral.tcb_info"},
      {"reject:tcb-info-id", "sgx.tcb_info.id"},
      {"reject:crl-issuer", "sgx.crl.pck.issuer"},
      {"reject:crl-missing", "sgx.collateral.pck_crl"}};
  int seen = 0;
  for (const Json& scenario : test::SharedJson("scenarios.json")) {
    const std::string name = scenario.value("evidence", "");
    if (!IsTdxQuote(name)) continue;
    ++seen;
    std::string folder = scenario.value("collateral", "");
    if (folder.starts_with("collateral-")) folder = folder.substr(11);
    Items collateral = Folder(folder);
    if (scenario.contains("override")) {
      for (const auto& [slot, path] : scenario["override"].items()) {
        for (auto& item : collateral) {
          if (item.label.starts_with(slot + ".")) {
            item.bytes = path.is_string() ? ReadBytesOf(SharedVectors() / path.get<std::string>()) : Bytes();
          }
        }
      }
    }
    const auto outcome = VerifyWith(ReadQuote(name), collateral, At(scenario.value("at", "")));
    const std::string expect = scenario.value("expect", "");
    Row(scenario.value("id", ""), expect, outcome);
    SCOPED_TRACE(scenario.value("id", ""));
    if (scenario.value("id", "") == "root-crl-as-pck-crl") {
      // Collateral has no slots here: the root's CRL twice is the root's CRL, and the other one is missing.
      EXPECT_EQ(outcome.evidence.error().id, "sgx.collateral.pck_crl");
      continue;
    }
    if (expect.starts_with("reject:")) {
      ASSERT_TRUE(ids.contains(expect)) << expect;
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, ids.at(expect)) << outcome.evidence.error().message;
      continue;
    }
    ASSERT_TRUE(outcome.facts);
    if (expect == "tcb_status=NoMatchingTcbLevel") {
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, "tdx.tcb.level");
      EXPECT_EQ(outcome.facts->tcb_status, "NoMatchingTcbLevel");
      continue;
    }
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
    EXPECT_EQ(outcome.evidence->tee(), "tdx");
    if (expect.starts_with("tcb_status=")) {
      EXPECT_EQ(outcome.evidence->tcb_status(), expect.substr(11, expect.find(' ') - 11));
      EXPECT_EQ(outcome.evidence->debug(), expect.find("debug") != std::string::npos);
    }
    if (scenario.contains("advisories")) {
      std::vector<std::string> advisories;
      for (const Json& advisory : scenario["advisories"]) advisories.push_back(advisory.get<std::string>());
      EXPECT_EQ(outcome.evidence->advisories(), advisories);
    }
    if (expect.starts_with("policy: reject unless service TD")) {
      const auto& hazards = outcome.facts->hazards;
      EXPECT_TRUE(std::any_of(hazards.begin(), hazards.end(),
                              [](const Hazard& hazard) { return hazard.name == "service-td" && hazard.present; }));
    }
    for (const Check& check : outcome.checks) {
      EXPECT_EQ(check.verdict, check.id == "tdx.event_log" ? CheckVerdict::kNotChecked : CheckVerdict::kPass)
          << check.id;
    }
  }
  EXPECT_EQ(seen, 43);
}

// What the manifest found in each genuine quote is what our parser finds, and its windows hold to the second.
TEST_F(TdxVectors, FactsAndWindows) {
  int quotes = 0;
  int windows = 0;
  for (const Json& entry : manifest_) {
    const std::string name = entry.value("name", "");
    if (!IsTdxQuote(name)) continue;
    ++quotes;
    SCOPED_TRACE(name);
    const Bytes bytes = ReadQuote(name);
    const auto bare = VerifyWith(bytes, {}, At("2026-04-01T00:00:00Z"));
    ASSERT_TRUE(bare.facts);
    EXPECT_EQ(bare.evidence.error().id, "sgx.collateral.root_crl");
    const Json& body = entry["facts"]["body"];
    EXPECT_EQ(HexEncode(bare.facts->measurement), body.value("mrtd", ""));
    EXPECT_EQ(HexEncode(bare.facts->report_data), body.value("report_data", ""));
    EXPECT_EQ(bare.facts->debug, body.value("debug", true));
    EXPECT_EQ(bare.facts->platform, entry["facts"].value("fmspc", ""));
    for (const Register& value : bare.facts->registers) {
      if (body.contains(value.name)) {
        EXPECT_EQ(HexEncode(value.value), body.value(value.name, "")) << value.name;
      }
    }
    if (!entry.contains("appraisals")) continue;
    for (const Json& appraisal : entry["appraisals"]) {
      if (!appraisal["window"].is_array()) continue;
      const Items collateral = Folder(appraisal["collateral"].get<std::string>().substr(11));
      const Time from = At(appraisal["window"][0].get<std::string>());
      const Time until = At(appraisal["window"][1].get<std::string>());
      for (Time time : {from, until}) {
        const auto outcome = VerifyWith(bytes, collateral, time);
        Row(name + " at " + FormatTime(time), appraisal.value("tcb_status", ""), outcome);
        ASSERT_TRUE(outcome.facts);
        EXPECT_EQ(outcome.facts->tcb_status, appraisal.value("tcb_status", ""));
        if (!outcome.evidence.ok()) continue;
        EXPECT_EQ(outcome.evidence->tcb_date(), appraisal.value("tcb_date", ""));
        EXPECT_EQ(outcome.evidence->valid_from(), from);
        EXPECT_EQ(outcome.evidence->valid_until(), until);
      }
      for (Time time : {Time{from.unix_seconds - 1}, Time{until.unix_seconds + 1}}) {
        const auto outcome = VerifyWith(bytes, collateral, time);
        ASSERT_FALSE(outcome.evidence.ok());
        EXPECT_TRUE(outcome.facts->tcb_status.empty()) << outcome.evidence.error().id;
      }
      ++windows;
    }
  }
  EXPECT_GE(quotes, 12);
  EXPECT_GE(windows, 15);
}

TEST_F(TdxVectors, DerivedQuotes) {
  // The id that each attack gets; "" verifies.
  const std::map<std::string, std::string> want = {
      {"ak_ff", "sgx.qe.binding"},
      {"ak_zero", "sgx.qe.binding"},
      {"attacker_ak", "sgx.qe.binding"},
      {"attacker_ak_patched_qe", "sgx.qe.signature"},
      {"auth_len_ffff", "tdx.quote.auth_size"},
      {"cert_size_huge", "tdx.quote.cert_size"},
      {"cert_size_short", "tdx.quote.slack"},
      {"cert_type_1", "tdx.quote.cert_type"},
      {"cert_type_2", "tdx.quote.cert_type"},
      {"cert_type_3", "tdx.quote.cert_type"},
      {"cert_type_4", "tdx.quote.cert_type"},
      {"cert_type_6", "tdx.quote.cert_type"},
      {"cert_type_7", "tdx.quote.cert_type"},
      {"cert_type_65535", "tdx.quote.cert_type"},
      {"chain_dup_leaf", ""},
      {"chain_empty", "sgx.pck.pem"},
      {"chain_leaf_only", "sgx.pck.chain"},
      {"chain_no_root", ""},
      {"chain_nul_garbage", "sgx.pck.pem"},
      {"chain_reversed", ""},
      {"flip_header_userdata", "tdx.quote.signature"},
      {"flip_report_data", "tdx.quote.signature"},
      {"forged_chain_plus_real_root", "sgx.pck.chain"},
      {"forged_chain_real_root_substituted", "sgx.pck.chain"},
      {"forged_leaf_only", "sgx.pck.chain"},
      {"forged_lookalike_root", "sgx.pck.chain"},
      {"other_pck_chain", "sgx.qe.signature"},
      {"outer_size_mismatch", "tdx.quote.qe_cert_size"},
      {"outer_type5", "tdx.quote.qe_cert_type"},
      {"qe_vendor", "sgx.quote.qe_vendor"},
      {"qesig_high_s_twin", ""},
      {"set_debug", "tdx.quote.signature"},
      {"sig_ff", "tdx.quote.signature"},
      {"sig_high_s_twin", ""},
      {"sig_r0s0", "tdx.quote.signature"},
      {"sig_s_eq_n", "tdx.quote.signature"},
      {"siglen_huge", "tdx.quote.signature_size"},
      {"siglen_minus1", "tdx.quote.qe_cert_size"},
      {"siglen_zero", "tdx.quote.signature_size"},
      {"spliced_qe_block", "sgx.qe.binding"},
      {"tee_type_swap", "sgx.quote.signature_size"},
      {"trailing_nonzero", "tdx.quote.trailing"},
      {"trunc_0", "evidence.format"},
      {"version_to3", "sgx.quote.tee_type"},
  };
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(SharedVectors() / "derived" / "tdx")) {
    const std::string file = entry.path().stem().string();
    if (!IsTdxQuote(file)) continue;
    const std::string attack = file.substr(file.find("__") + 2);
    const bool v5 = file.starts_with("tdx_v5");
    const auto outcome =
        VerifyWith(ReadBytesOf(entry.path()), Folder(v5 ? "2026-03_tdx_90c06f000000" : "2025-06_tdx_b0c06f000000"),
                   At(v5 ? "2026-03-31T22:20:07Z" : "2025-07-04T10:16:31Z"));
    SCOPED_TRACE(file);
    ++seen;
    const auto it = want.find(attack);
    const bool truncated = attack.starts_with("trunc_") && attack != "trunc_0";
    Row(file, truncated ? "refused" : it == want.end() ? "?" : it->second, outcome);
    if (truncated) {
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kMalformed);
      continue;
    }
    ASSERT_NE(it, want.end()) << "a vector without an expectation: " << attack;
    if (it->second.empty()) {
      EXPECT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id;
    } else {
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, it->second) << outcome.evidence.error().message;
    }
  }
  EXPECT_EQ(seen, 74);
}

TEST_F(TdxVectors, EventLogs) {
  int seen = 0;
  for (const Json& entry : manifest_) {
    const std::string name = entry.value("name", "");
    if (entry.value("tee", "") != "tdx") continue;
    if (name.starts_with("ccel_")) {
      const auto log =
          evidence::tdx::ReplayEventLog(ReadBytesOf(SharedVectors() / entry["files"][0].value("path", "")));
      ASSERT_TRUE(log.ok()) << name << ": " << log.error().message;
      EXPECT_EQ(log->num_events, entry["facts"]["events"].get<std::size_t>()) << name;
      for (const auto& [index, value] : entry["facts"]["rtmr"].items()) {
        EXPECT_EQ(HexEncode(log->rtmr[static_cast<std::size_t>(std::stoi(index)) - 1]), value.get<std::string>())
            << name << " register " << index;
      }
      ++seen;
    }
    if (!entry.contains("facts") || !entry["facts"].contains("ccel_replay")) continue;
    const Bytes quote = ReadBytesOf(SharedVectors() / "tdx" / (name + ".bin"));
    for (const auto& [path, fits] : entry["facts"]["ccel_replay"].items()) {
      const bool all = std::all_of(fits.begin(), fits.end(), [](const Json& fit) { return fit.get<bool>(); });
      const auto outcome =
          VerifyWith(quote, {{"ccel", ReadBytesOf(SharedVectors() / path)}}, At("2026-04-01T00:00:00Z"));
      Row(path, all ? "replays" : "does not replay", outcome);
      // Without other collateral it goes on to ask for that.
      EXPECT_EQ(outcome.evidence.error().id, all ? "sgx.collateral.root_crl" : "tdx.event_log");
      ++seen;
    }
  }
  EXPECT_EQ(seen, 6);
}

}  // namespace
}  // namespace attestml::verify
