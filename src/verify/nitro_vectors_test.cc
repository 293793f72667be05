// Every Nitro vector and scenario of the shared vectors: document × time → verdict.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/hex.h"
#include "base/json.h"
#include "crypto/certificate.h"
#include "verify/anchors.h"
#include "verify/evidence.h"
#include "verify/shared_vectors_for_test.h"

namespace attestml::verify {
namespace {

namespace fs = std::filesystem;
using test::At;
using test::ReadBytesOf;
using test::ReadTextOf;
using test::SharedVectors;

EvidenceOutcome VerifyAt(const Bytes& document, Time time) {
  evidence::EvidencePackage package;
  package.media_type = std::string(evidence::kNitroDocumentMediaType);
  package.evidence = document;
  return VerifyEvidence(package, {}, VendorAnchors(), time);
}

std::string Got(const EvidenceOutcome& outcome) {
  if (outcome.evidence.ok()) return outcome.evidence->debug() ? "verified debug" : "verified";
  return std::string(KindName(outcome.evidence.error().kind)) + " " + outcome.evidence.error().id;
}

void Row(const std::string& vector, const std::string& expected, const EvidenceOutcome& outcome) {
  std::printf("%-52s | %-48s | %s\n", vector.c_str(), expected.substr(0, 48).c_str(), Got(outcome).c_str());
}

const Bytes* RegisterOf(const EvidenceFacts& facts, std::string_view name) {
  for (const Register& one : facts.registers) {
    if (one.name == name) return &one.value;
  }
  return nullptr;
}

// When each genuine document was made.
const std::map<std::string, std::string> kMade = {{"nitro_2022", "2022-10-13T08:58:02Z"},
                                                  {"nitro_2026", "2026-01-03T20:41:07Z"},
                                                  {"nitro_debug_2023_ga", "2023-09-18T15:03:30Z"},
                                                  {"nitro_debug_2023_in_cert", "2023-01-18T15:10:32Z"}};

class NitroVectors : public test::SharedVectorsTest {};

// Valid at both ends of the manifest's windows, refused one second outside; and all that the document says.
TEST_F(NitroVectors, GenuineDocuments) {
  std::size_t seen = 0;
  for (const Json& entry : manifest_) {
    const std::string name = entry.value("name", "");
    if (!kMade.contains(name)) continue;
    ++seen;
    const Json& said = entry["facts"];
    const Bytes document = ReadBytesOf(SharedVectors() / "nitro" / (name + ".cbor"));
    const Time from = At(said["chain_validity"][0].get<std::string>());
    const Time until = At(said["chain_validity"][1].get<std::string>());
    const Time made = At(said.value("timestamp_iso", ""));
    EXPECT_EQ(made, At(kMade.at(name)));
    for (Time time : {from, made, until}) {
      const auto outcome = VerifyAt(document, time);
      Row(name + " at " + FormatTime(time), entry.value("expected", ""), outcome);
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
      EXPECT_TRUE(std::all_of(outcome.checks.begin(), outcome.checks.end(),
                              [](const Check& check) { return check.verdict == CheckVerdict::kPass; }));
      EXPECT_EQ(outcome.checks.size(), 7U);
      const VerifiedEvidence& evidence = *outcome.evidence;
      EXPECT_EQ(evidence.tee(), "nitro");
      EXPECT_EQ(evidence.format(), "nitro-document");
      EXPECT_FALSE(evidence.simulated());
      EXPECT_EQ(evidence.debug(), said.value("debug_mode", false));
      EXPECT_EQ(evidence.platform(), said.value("module_id", ""));
      EXPECT_EQ(evidence.valid_from(), from);
      EXPECT_EQ(evidence.valid_until(), until);
      EXPECT_EQ(evidence.tcb_status(), "");
      EXPECT_FALSE(evidence.collateral_issued());
      EXPECT_EQ(evidence.certificates().size(), 8U);  // leaf and three authorities
      const EvidenceFacts& facts = evidence.facts();
      EXPECT_EQ(facts.made_at, made);
      EXPECT_EQ(facts.revocation, Revocation::kNone);
      EXPECT_EQ(HexEncode(evidence.measurement()), said["pcrs"].value("0", ""));
      for (const auto& [index, value] : said["pcrs"].items()) {
        if (index == "0") continue;
        const Bytes* pcr = RegisterOf(facts, "pcr" + index);
        ASSERT_NE(pcr, nullptr) << index;
        EXPECT_EQ(HexEncode(*pcr), value.get<std::string>());
      }
      // A register that the document does not have is none, and so equals nothing.
      EXPECT_EQ(RegisterOf(facts, "pcr16"), nullptr);
      ASSERT_NE(RegisterOf(facts, "module_id"), nullptr);
      // The manifest shortens what is long.
      const auto is = [&](const char* member, const Bytes* value) {
        if (said[member].is_null()) return value == nullptr;
        std::string want = said[member].get<std::string>();
        if (want.ends_with("...")) want.resize(want.size() - 3);
        return value != nullptr && HexEncode(*value).starts_with(want);
      };
      EXPECT_TRUE(is("user_data", RegisterOf(facts, "user_data")));
      EXPECT_TRUE(is("public_key", RegisterOf(facts, "public_key")));
      EXPECT_TRUE(is("nonce", facts.nonce ? &*facts.nonce : nullptr));
    }
    for (Time time : {Time{from.unix_seconds - 1}, Time{until.unix_seconds + 1}}) {
      const auto outcome = VerifyAt(document, time);
      Row(name + " at " + FormatTime(time), "refused", outcome);
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, "nitro.validity");
      EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kUntrusted);
    }
  }
  EXPECT_EQ(seen, kMade.size());
}

TEST_F(NitroVectors, ReportData) {
  const auto facts = [](const char* name) {
    const auto outcome = VerifyAt(ReadBytesOf(SharedVectors() / "nitro" / name), Time{0});
    EXPECT_TRUE(outcome.facts);  // although it does not verify then
    return outcome.facts.value_or(EvidenceFacts{});
  };
  EXPECT_FALSE(facts("nitro_2022.cbor").has_report_data);           // none
  EXPECT_FALSE(facts("nitro_debug_2023_ga.cbor").has_report_data);  // 91 bytes
  const EvidenceFacts short_data = facts("nitro_2026.cbor");        // 20 bytes
  EXPECT_TRUE(short_data.has_report_data);
  EXPECT_EQ(HexEncode(short_data.report_data), "69553adc61d6e9fcdecbe1ea49bb2b52a60238e0" + std::string(88, '0'));
}

// What the policy asks for is the policy's; here stands that the facts are there for it to refuse.
TEST_F(NitroVectors, Scenarios) {
  const Json scenarios = test::SharedJson("scenarios.json");
  int seen = 0;
  for (const Json& scenario : scenarios) {
    const std::string name = scenario.value("evidence", "");
    if (!name.starts_with("nitro")) continue;
    ++seen;
    const std::string expect = scenario.value("expect", "");
    const auto outcome =
        VerifyAt(ReadBytesOf(SharedVectors() / "nitro" / (name + ".cbor")), At(scenario.value("at", "")));
    Row(scenario.value("id", ""), expect, outcome);
    if (expect == "reject:certificate-expired") {
      ASSERT_FALSE(outcome.evidence.ok());
      EXPECT_EQ(outcome.evidence.error().id, "nitro.validity");
      continue;
    }
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    EXPECT_EQ(outcome.evidence->debug(), expect.starts_with("reject:debug"));
    const Json policy = scenario.value("policy", Json::object());
    if (expect == "reject:nonce") {
      ASSERT_TRUE(outcome.evidence->facts().nonce);
      EXPECT_NE(HexEncode(*outcome.evidence->facts().nonce), policy["nonce"].get<std::string>());
    } else if (expect == "reject:pcr") {
      EXPECT_NE(HexEncode(outcome.evidence->measurement()), policy["pcr0"].get<std::string>());
    } else {
      EXPECT_TRUE(expect == "accept" || expect.starts_with("reject:debug")) << expect;
    }
  }
  EXPECT_EQ(seen, 5);
}

TEST_F(NitroVectors, DerivedDocuments) {
  const std::map<std::string, std::string> want = {
      {"deep_nesting", "nitro.document.unprotected"},
      {"five_elements", "evidence.format"},
      {"flip_pcr0", "nitro.signature"},
      {"flip_timestamp", "nitro.signature"},
      {"forged_chain_real_root_first", "nitro.chain"},
      {"forged_chain_real_root_prepended", "nitro.chain"},
      {"forged_no_cabundle", "nitro.document.cabundle"},
      {"indefinite_outer", "evidence.format"},
      {"len_bomb", "nitro.document.payload"},
      {"noncanonical_len", "nitro.document.protected"},
      {"payload_nil", "nitro.document.payload"},
      {"pcrs_filled", "nitro.signature"},
      {"prot_alg_es256", "nitro.document.protected"},
      {"prot_empty", "nitro.document.protected"},
      {"resigned_with_attacker_key", "nitro.signature"},
      {"sig_high_s_twin", ""},
      {"sig_short", "nitro.document.signature_size"},
      {"sig_zero", "nitro.signature"},
      {"tag18", ""},
      {"tag98", "evidence.format"},
      {"trailing", "nitro.document.trailing"},
      {"trunc_0", "evidence.format"},
      {"trunc_1", "evidence.format"},
      {"trunc_10", "nitro.document.payload"},
      {"trunc_200", "nitro.document.payload"},
      {"trunc_2374", "nitro.document.payload"},
      {"trunc_4481", "nitro.document.signature_size"},
      {"trunc_4747", "nitro.document.signature_size"},
      {"unprotected_alg", "nitro.document.unprotected"},
  };
  std::size_t seen = 0;
  for (const Json& entry : manifest_) {
    const std::string name = entry.value("name", "");
    if (!name.starts_with("derived:nitro")) continue;
    ++seen;
    const std::string source = entry.value("source_path", "");
    const std::string attack = name.substr(name.find("__") + 2);
    const Bytes document = ReadBytesOf(SharedVectors() / entry["files"][0]["path"].get<std::string>());
    const auto outcome = VerifyAt(document, At(kMade.at(source)));
    const auto it = want.find(attack);
    ASSERT_NE(it, want.end()) << "a vector without an expectation: " << attack;
    Row(name.substr(8), entry.value("expected", ""), outcome);
    if (it->second.empty()) {
      ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
      const auto genuine = VerifyAt(ReadBytesOf(SharedVectors() / "nitro" / (source + ".cbor")), At(kMade.at(source)));
      EXPECT_EQ(outcome.evidence->measurement(), genuine.evidence->measurement());
    } else {
      ASSERT_FALSE(outcome.evidence.ok()) << attack;
      EXPECT_EQ(outcome.evidence.error().id, it->second) << attack << ": " << outcome.evidence.error().message;
    }
  }
  EXPECT_EQ(seen, static_cast<std::size_t>(std::distance(fs::directory_iterator(SharedVectors() / "derived" / "nitro"),
                                                         fs::directory_iterator())));
  EXPECT_GE(seen, want.size());
}

TEST_F(NitroVectors, Negative) {
  const auto outcome = VerifyAt(ReadBytesOf(SharedVectors() / "negative" / "neg_nitro_2026_dropped_bytes.cbor"),
                                At(kMade.at("nitro_2026")));
  Row("neg_nitro_2026_dropped_bytes", "nitro.document.signature_size", outcome);
  ASSERT_FALSE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kMalformed);
}

// What this build knows of the root is what AWS publishes.
TEST_F(NitroVectors, PinnedRoot) {
  const auto root = crypto::Certificate::FromPem(ReadTextOf(SharedVectors() / "certs" / "aws_nitro_root_g1.pem"));
  ASSERT_TRUE(root.ok());
  const crypto::Certificate& certificate = root->front();
  const auto anchors = VendorAnchors();
  const auto anchor =
      std::find_if(anchors.begin(), anchors.end(), [](const TrustAnchor& one) { return one.vendor == Vendor::kAws; });
  ASSERT_NE(anchor, anchors.end());
  EXPECT_EQ(anchor->key_id, certificate.key_id());
  const KnownRoot* known = FindKnownRoot(anchor->key_id);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->key.spki(), certificate.spki());
  EXPECT_EQ(known->name, certificate.subject_der());
  EXPECT_EQ(known->not_before, certificate.not_before());
  EXPECT_EQ(known->not_after, certificate.not_after());
  EXPECT_TRUE(IsPublishedRoot(crypto::Sha256(certificate.der())));
}

// One vendor's root vouches for no other's evidence, and no root for none.
TEST_F(NitroVectors, OnlyAwsVouches) {
  evidence::EvidencePackage package;
  package.evidence = ReadBytesOf(SharedVectors() / "nitro" / "nitro_2026.cbor");
  const Time time = At(kMade.at("nitro_2026"));
  std::vector<TrustAnchor> anchors(VendorAnchors().begin(), VendorAnchors().end());
  for (TrustAnchor& anchor : anchors) {
    if (anchor.vendor == Vendor::kAws) anchor.vendor = Vendor::kAmd;
  }
  EXPECT_EQ(VerifyEvidence(package, {}, anchors, time).evidence.error().id, "nitro.chain");
  EXPECT_EQ(VerifyEvidence(package, {}, {}, time).evidence.error().id, "nitro.chain");
  for (TrustAnchor& anchor : anchors) anchor.vendor.reset();
  EXPECT_TRUE(VerifyEvidence(package, {}, anchors, time).evidence.ok());
}

}  // namespace
}  // namespace attestml::verify
