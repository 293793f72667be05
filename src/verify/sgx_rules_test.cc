// Each rule of spec/evidence.md, section sgx, broken alone: that id comes back, and no other.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/pem.h"
#include "verify/sgx_platform_for_test.h"

namespace attestml::verify {
namespace {

using test::Days;
using test::Platform;
using test::TestTime;

EvidenceOutcome Judge(const Platform& platform, const evidence::EvidencePackage& package,
                      const std::vector<evidence::CollateralItem>& extra = {}, Time time = TestTime()) {
  const TrustAnchor anchors[] = {VendorAnchors()[0], platform.Anchor()};
  return VerifyEvidence(package, extra, anchors, time);
}

EvidenceOutcome Judge(const Platform& platform) { return Judge(platform, platform.Package()); }

std::string IdOf(const EvidenceOutcome& outcome) {
  return outcome.evidence.ok() ? "accepted" : outcome.evidence.error().id;
}

// The checks are complete, in order, and agree with the result: all pass, or the first that does not is the failure and
// nothing after it was checked.
void ExpectOrderly(const EvidenceOutcome& outcome) {
  ASSERT_EQ(outcome.checks.size(), 17U);
  std::size_t i = 0;
  while (i < outcome.checks.size() && outcome.checks[i].verdict == CheckVerdict::kPass) ++i;
  if (outcome.evidence.ok()) {
    EXPECT_EQ(i, outcome.checks.size());
    return;
  }
  ASSERT_LT(i, outcome.checks.size());
  EXPECT_EQ(outcome.checks[i].verdict, CheckVerdict::kFail);
  EXPECT_EQ(outcome.checks[i].seen, outcome.evidence.error().message);
  for (++i; i < outcome.checks.size(); ++i) EXPECT_EQ(outcome.checks[i].verdict, CheckVerdict::kNotChecked);
}

TEST(SgxRules, GenuineIsAccepted) {
  const Platform platform;
  const auto outcome = Judge(platform);
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().id << ": " << outcome.evidence.error().message;
  ExpectOrderly(outcome);
  const VerifiedEvidence& e = *outcome.evidence;
  EXPECT_EQ(e.tee(), "simulated");
  EXPECT_TRUE(e.simulated());
  EXPECT_EQ(e.format(), "sgx-quote-v3");
  EXPECT_EQ(e.measurement(), Bytes(32, 0x77));
  EXPECT_EQ(e.signer(), Bytes(32, 0x11));
  EXPECT_EQ(e.product_id(), 3U);
  EXPECT_EQ(e.security_version(), 4U);
  EXPECT_EQ(e.report_data()[63], 0x42);
  EXPECT_EQ(e.platform(), "001122334455");
  EXPECT_EQ(e.platform_id(), Bytes(16, 0xaa));
  EXPECT_EQ(e.evaluation_number(), 16U);
  EXPECT_EQ(e.root(), platform.root.public_key().id());
  EXPECT_EQ(e.valid_from(), Days(-8));
  EXPECT_EQ(e.valid_until(), Days(20));
  EXPECT_EQ(e.time(), TestTime());
  EXPECT_EQ(e.tcb_status(), "UpToDate");
  EXPECT_FALSE(e.debug());
  // The anchor decides what it is called, not the evidence.
  const TrustAnchor real[] = {platform.Anchor(false)};
  const auto as_real = VerifyEvidence(platform.Package(), {}, real, TestTime());
  ASSERT_TRUE(as_real.evidence.ok());
  EXPECT_EQ(as_real.evidence->tee(), "sgx");
  const TrustAnchor both[] = {platform.Anchor(false), platform.Anchor(true)};
  EXPECT_EQ(VerifyEvidence(platform.Package(), {}, both, TestTime()).evidence->tee(), "simulated");
  EXPECT_EQ(IdOf(VerifyEvidence(platform.Package(), {}, VendorAnchors(), TestTime())), "sgx.pck.chain");
  EXPECT_EQ(IdOf(VerifyEvidence(platform.Package(), {}, {}, TestTime())), "sgx.pck.chain");
}

TEST(SgxRules, ApplicationDebugIsReported) {
  Platform platform;
  platform.app_attributes = 0x07;
  const auto outcome = Judge(platform);
  ASSERT_TRUE(outcome.evidence.ok());
  EXPECT_TRUE(outcome.evidence->debug());
}

TEST(SgxRules, FactsOutliveAFailure) {
  Platform platform;
  platform.levels[0].components[15] = 6;
  const auto outcome = Judge(platform);
  EXPECT_EQ(IdOf(outcome), "sgx.tcb.level");
  EXPECT_NE(outcome.evidence.error().message.find("component 16 is 5, the highest level has 6"), std::string::npos);
  ASSERT_TRUE(outcome.facts.has_value());
  EXPECT_EQ(outcome.facts->tcb_status, "NoMatchingTcbLevel");
  EXPECT_EQ(outcome.facts->measurement, Bytes(32, 0x77));
  ExpectOrderly(outcome);
}

// Each certificate's fields, one at a time.
TEST(SgxRules, Certificates) {
  using Template = crypto::CertificateTemplate;
  struct Case {
    const char* what;
    const char* role;
    void (*edit)(Template*);
    const char* id;
  };
  const Case cases[] = {
      {"leaf is a CA", "pck", [](Template* t) { t->is_ca = true; }, "sgx.pck.leaf"},
      {"leaf is called TCB Signing", "pck", [](Template* t) { t->subject[0].second = "Intel SGX TCB Signing"; },
       "sgx.pck.leaf"},
      {"leaf has two names", "pck",
       [](Template* t) {
         t->subject.push_back({"CN", "x"});
       },
       "sgx.pck.leaf"},
      {"leaf may not sign", "pck", [](Template* t) { t->key_usage = {"keyAgreement"}; }, "sgx.pck.leaf"},
      {"leaf has no SGX extension", "pck", [](Template* t) { t->extensions.clear(); }, "sgx.pck.extension"},
      {"leaf has two SGX extensions", "pck", [](Template* t) { t->extensions.push_back(t->extensions[0]); },
       "sgx.pck.extension"},
      {"SGX extension is cut", "pck", [](Template* t) { t->extensions[0].value.pop_back(); }, "sgx.pck.extension"},
      {"leaf has an unknown critical extension", "pck",
       [](Template* t) {
         t->extensions.push_back({"1.2.3.4", true, {0x05, 0x00}});
       },
       "sgx.pck.chain"},
      {"leaf is from another issuer", "pck", [](Template* t) { t->issuer[0].second = "Intel SGX PCK Processor CA"; },
       "sgx.pck.chain"},
      {"leaf issued by the root's name", "pck", [](Template* t) { t->issuer[0].second = "Intel SGX Root CA"; },
       "sgx.pck.chain"},
      {"leaf expired", "pck", [](Template* t) { t->not_after = Days(-1); }, "sgx.pck.validity"},
      {"leaf from the future", "pck", [](Template* t) { t->not_before = Days(1); }, "sgx.pck.validity"},
      {"authority is no CA", "ca",
       [](Template* t) {
         t->is_ca = false;
         t->path_length.reset();
       },
       "sgx.pck.chain"},
      {"authority may not certify", "ca", [](Template* t) { t->key_usage = {"cRLSign"}; }, "sgx.pck.chain"},
      {"authority may not sign CRLs", "ca", [](Template* t) { t->key_usage = {"keyCertSign"}; }, "sgx.crl.pck.issuer"},
      {"authority has an unknown critical extension", "ca",
       [](Template* t) {
         t->extensions.push_back({"1.2.3.4", true, {0x05, 0x00}});
       },
       "sgx.pck.chain"},
      {"authority has another name", "ca", [](Template* t) { t->subject[0].second = "Intel SGX PCK Other CA"; },
       "sgx.pck.chain"},
      {"authority expired", "ca", [](Template* t) { t->not_after = Days(-1); }, "sgx.pck.validity"},
      {"authority from another root", "ca", [](Template* t) { t->issuer[0].second = "Another Root CA"; },
       "sgx.pck.chain"},
      {"root allows no authority below", "root", [](Template* t) { t->path_length = 0; }, "sgx.pck.chain"},
      {"root is no CA", "root",
       [](Template* t) {
         t->is_ca = false;
         t->path_length.reset();
       },
       "sgx.pck.chain"},
      {"root expired", "root", [](Template* t) { t->not_after = Days(-1); }, "sgx.pck.validity"},
      {"root may not sign CRLs", "root", [](Template* t) { t->key_usage = {"keyCertSign"}; }, "sgx.crl.root.issuer"},
      {"root is not its own issuer", "root", [](Template* t) { t->issuer[0].second = "x"; }, "sgx.pck.chain"},
      {"TCB signer is a CA", "tcb", [](Template* t) { t->is_ca = true; }, "sgx.tcb_signer.role"},
      {"TCB signer may not sign", "tcb", [](Template* t) { t->key_usage = {"keyAgreement"}; }, "sgx.tcb_signer.role"},
      {"TCB signer is called PCK", "tcb", [](Template* t) { t->subject[0].second = "Intel SGX PCK Certificate"; },
       "sgx.collateral.tcb_signer"},
      {"TCB signer expired", "tcb", [](Template* t) { t->not_after = Days(-1); }, "sgx.tcb_signer.validity"},
      {"TCB signer from the future", "tcb", [](Template* t) { t->not_before = Days(1); }, "sgx.tcb_signer.validity"},
      {"TCB signer from elsewhere", "tcb", [](Template* t) { t->issuer[0].second = "Intel SGX PCK Platform CA"; },
       "sgx.tcb_signer.chain"},
      {"TCB signer with an unknown critical extension", "tcb",
       [](Template* t) {
         t->extensions.push_back({"1.2.3.4", true, {0x05, 0x00}});
       },
       "sgx.tcb_signer.chain"},
  };
  for (const Case& c : cases) {
    Platform platform;
    platform.edit = [&](const std::string& role, Template* t) {
      if (role == c.role) c.edit(t);
    };
    const auto outcome = Judge(platform);
    EXPECT_EQ(IdOf(outcome), c.id) << c.what << ": " << (outcome.evidence.ok() ? "" : outcome.evidence.error().message);
    ExpectOrderly(outcome);
  }
}

TEST(SgxRules, ChainShapes) {
  const Platform platform;
  const Bytes pck = platform.Certificate("pck");
  const Bytes ca = platform.Certificate("ca");
  const Bytes root = platform.Certificate("root");
  const auto run = [&](const std::vector<Bytes>& chain, std::vector<Bytes> beside = {}) {
    auto package = platform.Package();
    package.evidence = platform.Quote(chain);
    for (const Bytes& der : beside) package.collateral.push_back({"x", der});
    return IdOf(Judge(platform, package));
  };
  EXPECT_EQ(run({root, ca, pck}), "accepted");
  EXPECT_EQ(run({ca, pck, root, pck, ca}), "accepted");
  EXPECT_EQ(run({pck, ca}), "sgx.pck.chain");  // an unpublished root must come from somewhere
  EXPECT_EQ(run({pck, ca}, {root}), "accepted");
  EXPECT_EQ(run({pck}, {ca, root}), "accepted");
  EXPECT_EQ(run({pck, root}), "sgx.pck.chain");
  EXPECT_EQ(run({ca, root}), "sgx.pck.leaf");
  EXPECT_EQ(run({root}), "sgx.pck.leaf");
  EXPECT_EQ(run({}), "sgx.pck.pem");
  EXPECT_EQ(run({pck, ca, root, platform.Certificate("tcb")}), "sgx.pck.chain");  // not on the path

  const Platform other;
  EXPECT_EQ(run({pck, ca, other.Certificate("root")}), "sgx.pck.chain");
  EXPECT_EQ(run({pck, ca, root, other.Certificate("root")}), "sgx.pck.chain");
  EXPECT_EQ(run({pck, other.Certificate("ca"), root}), "sgx.pck.chain");
  EXPECT_EQ(run({other.Certificate("pck"), ca, root}), "sgx.pck.chain");
  EXPECT_EQ(run({pck, other.Certificate("pck"), ca, root}), "sgx.pck.leaf");
  // A whole chain of the same issuer, but for another key.
  Platform stranger = platform;
  stranger.pck = other.pck;
  EXPECT_EQ(run({stranger.Certificate("pck"), ca, root}), "sgx.qe.signature");
  for (const auto type : {crypto::KeyType::kEcdsaP384, crypto::KeyType::kEd25519}) {
    stranger.pck = crypto::PrivateKey::Generate(type);
    EXPECT_EQ(run({stranger.Certificate("pck"), ca, root}), "sgx.pck.leaf");
  }
  // The TCB signer as a leaf, and as an authority.
  EXPECT_EQ(run({platform.Certificate("tcb"), root}), "sgx.pck.leaf");
  EXPECT_EQ(run(std::vector<Bytes>(8, pck), {ca, root}), "accepted");
  EXPECT_EQ(run(std::vector<Bytes>(9, pck), {ca, root}), "sgx.pck.pem");
  // A root certificate with the pinned key and another's signature over it.
  Platform fake = platform;
  fake.edit = [](const std::string& role, auto* t) {
    if (role == "root") t->not_after = Days(9999);
  };
  Bytes altered = fake.Certificate("root");
  altered.back() ^= 1;
  EXPECT_EQ(run({pck, ca, altered}), "sgx.pck.chain");
  EXPECT_EQ(run({pck, ca, root}, {altered}), "accepted");
}

// Intel's chain is certificates and nothing else, each of a size that Intel's have.
TEST(SgxRules, BlocksThatAreNoCertificates) {
  Platform platform;
  auto package = platform.Package();
  std::string text(AsText(package.evidence));
  const std::string name = "CERTIFICATE-----";
  for (std::size_t at = text.rfind(name), i = 0; i < 2; at = text.rfind(name, at - 1), ++i) text[at] = 'X';
  package.evidence = ToBytes(AsBytes(text));
  EXPECT_EQ(IdOf(Judge(platform, package)), "sgx.pck.pem");

  platform.edit = [](const std::string& role, auto* t) {
    if (role == "tcb") t->extensions.push_back({"1.2.3.4", false, Bytes(8192)});
  };
  package.evidence = platform.Quote({platform.Certificate("pck"), platform.Certificate("ca"),
                                     platform.Certificate("root"), platform.Certificate("tcb")});
  EXPECT_EQ(IdOf(Judge(platform, package)), "sgx.pck.pem");
}

TEST(SgxRules, SaysWhichCertificateIsNotValid) {
  const std::pair<const char*, const char*> roles[] = {
      {"pck", "Intel SGX PCK Certificate"}, {"ca", "Intel SGX PCK Platform CA"}, {"root", "Intel SGX Root CA"}};
  for (const auto& [bent, name] : roles) {
    Platform platform;
    platform.edit = [bent = std::string(bent)](const std::string& role, auto* t) {
      if (role == bent) t->not_after = Days(-1);
    };
    const auto outcome = Judge(platform);
    ASSERT_FALSE(outcome.evidence.ok());
    EXPECT_EQ(outcome.evidence.error().message, "certificate " + std::string(name) + " expired on " +
                                                    FormatTime(Days(-1)) + ", checked at " + FormatTime(TestTime()));
  }
}

TEST(SgxRules, QuotingEnclave) {
  struct Case {
    const char* what;
    void (*edit)(Platform*);
    const char* id;
  };
  const Case cases[] = {
      {"debug", [](Platform* p) { p->qe_attributes = 0x13; }, "sgx.qe.identity"},
      {"attributes", [](Platform* p) { p->qe_attributes = 0x01; }, "sgx.qe.identity"},
      {"signer", [](Platform* p) { p->qe_signer = 0x8d; }, "sgx.qe.identity"},
      {"product", [](Platform* p) { p->qe_prod_id = 2; }, "sgx.qe.identity"},
      {"svn below every level", [](Platform* p) { p->qe_isv_svn = 7; }, "sgx.qe.level"},
      {"identity of a TD", [](Platform* p) { p->qe_id = "TD_QE"; }, "sgx.qe_identity.id"},
      {"identity of the QvE", [](Platform* p) { p->qe_id = "QVE"; }, "sgx.qe_identity.id"},
      {"no auth data", [](Platform* p) { p->auth_data.clear(); }, "accepted"},
      {"long auth data", [](Platform* p) { p->auth_data.assign(1000, 1); }, "accepted"},
      {"attribute outside the mask", [](Platform* p) { p->qe_attributes = 0x15; }, "accepted"},
  };
  for (const Case& c : cases) {
    Platform platform;
    c.edit(&platform);
    EXPECT_EQ(IdOf(Judge(platform)), c.id) << c.what;
  }
}

TEST(SgxRules, TcbLevels) {
  struct Case {
    const char* what;
    void (*edit)(Platform*);
    const char* want;  // status, or error id
  };
  const Case cases[] = {
      {"components short by one, lexicographically higher",
       [](Platform* p) {
         p->components.assign(16, 9);
         p->components[15] = 4;
       },
       "sgx.tcb.level"},
      {"pcesvn short", [](Platform* p) { p->pce_svn = 9; }, "sgx.tcb.level"},
      {"levels in the wrong order",
       [](Platform* p) {
         p->levels = {{std::vector<unsigned>(16, 1), 1, "OutOfDate", "[\"A\"]"}, {}};
       },
       "UpToDate"},
      {"the lower level",
       [](Platform* p) {
         p->levels = {{std::vector<unsigned>(16, 6), 10}, {std::vector<unsigned>(16, 5), 10, "OutOfDate"}};
       },
       "OutOfDate"},
      {"a revoked level", [](Platform* p) { p->levels[0].status = "Revoked"; }, "sgx.tcb.status"},
      {"a revoked QE", [](Platform* p) { p->qe_levels[0].status = "Revoked"; }, "sgx.tcb.status"},
      {"an old QE", [](Platform* p) { p->qe_levels[0].status = "OutOfDate"; }, "OutOfDate"},
      {"an old QE under configuration",
       [](Platform* p) {
         p->levels[0].status = "ConfigurationNeeded";
         p->qe_levels[0].status = "OutOfDate";
       },
       "OutOfDateConfigurationNeeded"},
      {"an old QE under both",
       [](Platform* p) {
         p->levels[0].status = "ConfigurationAndSWHardeningNeeded";
         p->qe_levels[0].status = "OutOfDate";
       },
       "OutOfDateConfigurationNeeded"},
      {"unknown status", [](Platform* p) { p->levels[0].status = "Excellent"; }, "sgx.tcb_info.status"},
      {"empty status", [](Platform* p) { p->levels[0].status = ""; }, "sgx.tcb_info.status"},
      {"our own word for no level", [](Platform* p) { p->levels[0].status = "NoMatchingTcbLevel"; },
       "sgx.tcb_info.status"},
      {"unknown QE status", [](Platform* p) { p->qe_levels[0].status = "uptodate"; }, "sgx.qe_identity.status"},
      {"unknown status in a level that does not match",
       [](Platform* p) {
         p->levels = {{std::vector<unsigned>(16, 6), 10, "Excellent"}, {}};
       },
       "sgx.tcb_info.status"},
      {"15 components", [](Platform* p) { p->levels[0].components.pop_back(); }, "sgx.tcb_info.component"},
      {"17 components", [](Platform* p) { p->levels[0].components.push_back(0); }, "sgx.tcb_info.component"},
      {"component 256", [](Platform* p) { p->levels[0].components[3] = 256; }, "sgx.tcb_info.component"},
      {"pcesvn 65536", [](Platform* p) { p->levels[0].pce_svn = 65536; }, "sgx.tcb_info.component"},
      {"no levels", [](Platform* p) { p->levels.clear(); }, "sgx.tcb_info.levels"},
      {"the same level twice",
       [](Platform* p) {
         p->levels = {{}, {}};
       },
       "sgx.tcb_info.levels"},
      {"no QE levels", [](Platform* p) { p->qe_levels.clear(); }, "sgx.qe_identity.levels"},
      {"the same QE level twice",
       [](Platform* p) {
         p->qe_levels = {{}, {}};
       },
       "sgx.qe_identity.levels"},
      {"advisories that are no strings", [](Platform* p) { p->levels[0].advisories = "[1]"; }, "sgx.tcb_info.levels"},
      {"TCB info of a TD", [](Platform* p) { p->tcb_id = "TDX"; }, "sgx.tcb_info.id"},
      {"TCB info of nobody", [](Platform* p) { p->tcb_id = "X"; }, "sgx.tcb_info.id"},
      {"another FMSPC", [](Platform* p) { p->info_fmspc = "001122334456"; }, "sgx.tcb_info.fmspc"},
      {"FMSPC in capitals", [](Platform* p) { p->fmspc = p->info_fmspc = "00AABBCCDDEE"; }, "UpToDate"},
      {"another PCEID", [](Platform* p) { p->info_pce_id = "0001"; }, "sgx.tcb_info.pce_id"},
  };
  for (const Case& c : cases) {
    Platform platform;
    c.edit(&platform);
    const auto outcome = Judge(platform);
    EXPECT_EQ(outcome.evidence.ok() ? outcome.evidence->tcb_status() : outcome.evidence.error().id, c.want) << c.what;
    ExpectOrderly(outcome);
  }
}

TEST(SgxRules, AdvisoriesAreMerged) {
  Platform platform;
  platform.levels[0].status = "OutOfDate";
  platform.levels[0].advisories = R"(["INTEL-SA-2","INTEL-SA-1"])";
  platform.qe_levels[0].advisories = R"(["INTEL-SA-3","INTEL-SA-2"])";
  const auto outcome = Judge(platform);
  ASSERT_TRUE(outcome.evidence.ok());
  EXPECT_EQ(outcome.evidence->advisories(), (std::vector<std::string>{"INTEL-SA-1", "INTEL-SA-2", "INTEL-SA-3"}));
}

TEST(SgxRules, MissingCollateral) {
  const Platform platform;
  const std::pair<const char*, const char*> cases[] = {{"tcb_info", "sgx.collateral.tcb_info"},
                                                       {"qe_identity", "sgx.collateral.qe_identity"},
                                                       {"root_crl", "sgx.collateral.root_crl"},
                                                       {"pck_crl", "sgx.collateral.pck_crl"},
                                                       {"tcb_chain", "sgx.collateral.tcb_signer"}};
  for (const auto& [label, id] : cases) {
    auto package = platform.Package();
    std::erase_if(package.collateral,
                  [left_out = std::string(label)](const auto& item) { return item.label == left_out; });
    const auto outcome = Judge(platform, package);
    ASSERT_FALSE(outcome.evidence.ok());
    EXPECT_EQ(outcome.evidence.error().id, id);
    EXPECT_EQ(outcome.evidence.error().kind, ErrorKind::kUnavailable);
    // It may come from the relying party instead.
    EXPECT_EQ(IdOf(Judge(platform, package, platform.Collateral())), "accepted");
  }
}

// Both ends of every window, at the second.
TEST(SgxRules, Windows) {
  struct Case {
    void (*edit)(Platform*, Time);
    const char* id;
  };
  const Case early[] = {
      {[](Platform* p, Time t) { p->info_from = t; }, "sgx.tcb_info.not_yet_valid"},
      {[](Platform* p, Time t) { p->qe_from = t; }, "sgx.qe_identity.not_yet_valid"},
      {[](Platform* p, Time t) { p->root_crl_from = t; }, "sgx.crl.root.not_yet_valid"},
      {[](Platform* p, Time t) { p->pck_crl_from = t; }, "sgx.crl.pck.not_yet_valid"},
  };
  const Case late[] = {
      {[](Platform* p, Time t) { p->info_until = t; }, "sgx.tcb_info.expired"},
      {[](Platform* p, Time t) { p->qe_until = t; }, "sgx.qe_identity.expired"},
      {[](Platform* p, Time t) { p->root_crl_until = t; }, "sgx.crl.root.expired"},
      {[](Platform* p, Time t) { p->pck_crl_until = t; }, "sgx.crl.pck.expired"},
  };
  for (const Case& c : early) {
    Platform platform;
    c.edit(&platform, TestTime());
    EXPECT_EQ(IdOf(Judge(platform)), "accepted") << c.id;
    c.edit(&platform, Time{TestTime().unix_seconds + 1});
    EXPECT_EQ(IdOf(Judge(platform)), c.id);
  }
  for (const Case& c : late) {
    Platform platform;
    c.edit(&platform, TestTime());
    EXPECT_EQ(IdOf(Judge(platform)), "accepted") << c.id;
    c.edit(&platform, Time{TestTime().unix_seconds - 1});
    EXPECT_EQ(IdOf(Judge(platform)), c.id);
  }
}

TEST(SgxRules, Revocation) {
  const std::pair<void (*)(Platform*), const char*> cases[] = {
      {[](Platform* p) {
         p->pck_revoked = {{9}, {0x70, 4}};
       },
       "sgx.revocation.pck"},
      {[](Platform* p) { p->root_revoked = {{2}}; }, "sgx.revocation.authority"},
      {[](Platform* p) { p->root_revoked = {{1}}; }, "sgx.revocation.authority"},  // itself
      {[](Platform* p) { p->root_revoked = {{3}}; }, "sgx.revocation.tcb_signer"},
      {[](Platform* p) {
         p->pck_revoked = {{0x70}, {4}, {0x70, 4, 0}, {2}, {3}};
       },
       "accepted"},
      {[](Platform* p) {
         p->root_revoked = {{0x70, 4}};
       },
       "accepted"},
  };
  for (const auto& [edit, id] : cases) {
    Platform platform;
    edit(&platform);
    EXPECT_EQ(IdOf(Judge(platform)), id);
  }
}

// Serial numbers belong to who issued under a name: the same key may issue under another, which has its own.
TEST(SgxRules, RevokedNumbersAreOfOneIssuer) {
  Platform platform;
  platform.root_revoked = {{0x66}};
  for (const bool of_another : {false, true}) {
    Platform twin = platform;
    twin.edit = [&](const std::string&, auto* t) {
      t->serial = {0x66};
      if (of_another) t->issuer = test::NameOf("Another Root CA");
    };
    EXPECT_EQ(IdOf(Judge(platform, platform.Package(), {{"twin", twin.Certificate("ca")}})),
              of_another ? "accepted" : "sgx.revocation.authority");
  }
}

// A revocation counts whatever its CRL's date is, and wherever it came from.
TEST(SgxRules, RevocationOfAnyDate) {
  const Platform platform;
  for (const auto& [from, until] : {std::pair{Days(30), Days(60)}, std::pair{Days(-90), Days(-60)}}) {
    Platform revoking = platform;
    revoking.pck_crl_from = revoking.root_crl_from = from;
    revoking.pck_crl_until = revoking.root_crl_until = until;
    revoking.pck_revoked = {{0x70, 4}};
    EXPECT_EQ(IdOf(Judge(platform, platform.Package(), {{"newer", revoking.PckCrl()}})), "sgx.revocation.pck");
    auto package = platform.Package();
    package.collateral.push_back({"newer", revoking.PckCrl()});
    EXPECT_EQ(IdOf(Judge(platform, package)), "sgx.revocation.pck");
    revoking.root_revoked = {{2}};
    EXPECT_EQ(IdOf(Judge(platform, platform.Package(), {{"newer", revoking.RootCrl()}})), "sgx.revocation.authority");
    revoking.root_revoked = {{3}};
    EXPECT_EQ(IdOf(Judge(platform, platform.Package(), {{"newer", revoking.RootCrl()}})), "sgx.revocation.tcb_signer");
  }
  // A stranger's revocation does not: the CRL must have a good signature.
  Platform stranger;
  stranger.pck_revoked = {{0x70, 4}};
  EXPECT_EQ(IdOf(Judge(platform, platform.Package(), {{"forged", stranger.PckCrl()}})), "accepted");
}

TEST(SgxRules, Crls) {
  const Platform platform;
  const Platform stranger;
  const auto with = [&](const char* label, const Bytes& bytes) {
    auto package = platform.Package();
    for (auto& item : package.collateral) {
      if (item.label == label) item.bytes = bytes;
    }
    return IdOf(Judge(platform, package));
  };
  EXPECT_EQ(with("pck_crl", stranger.PckCrl()), "sgx.crl.pck.signature");
  EXPECT_EQ(with("root_crl", stranger.RootCrl()), "sgx.crl.root.signature");
  EXPECT_EQ(with("pck_crl", platform.RootCrl()), "sgx.collateral.pck_crl");
  EXPECT_EQ(with("pck_crl", Platform::Crl("Intel SGX PCK Processor CA", platform.ca, Days(-1), Days(1), {})),
            "sgx.crl.pck.issuer");
  const std::vector<crypto::CertificateTemplate::Extension> delta = {{"2.5.29.27", true, {0x02, 0x01, 0x01}}};
  EXPECT_EQ(with("pck_crl", Platform::Crl("Intel SGX PCK Platform CA", platform.ca, Days(-1), Days(1), {}, delta)),
            "crl.extension");
  const std::string pem = crypto::DerToPem("X509 CRL", platform.PckCrl());
  EXPECT_EQ(with("pck_crl", ToBytes(AsBytes(pem))), "accepted");
  EXPECT_EQ(with("pck_crl", ToBytes(AsBytes(HexEncode(platform.PckCrl()) + "\n"))), "accepted");
}

TEST(SgxRules, NewestValidDocumentWins) {
  Platform platform;
  Platform newer = platform;
  newer.info_from = Days(-1);
  newer.levels[0].status = "OutOfDate";
  Platform future = platform;
  future.info_from = Days(1);
  future.levels[0].status = "ConfigurationNeeded";
  auto extra = newer.Collateral();
  for (auto& item : future.Collateral()) extra.push_back(item);
  extra.push_back({"note", ToBytes(AsBytes("README: nothing to see"))});
  extra.push_back({"json", ToBytes(AsBytes("{\"a\":1}"))});
  extra.push_back({"empty", {}});
  extra.push_back({"bad pem", ToBytes(AsBytes("-----BEGIN CERTIFICATE-----\n!\n"))});
  auto outcome = Judge(platform, platform.Package(), extra);
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
  EXPECT_EQ(outcome.evidence->tcb_status(), "OutOfDate");
  outcome = Judge(platform, newer.Package(), platform.Collateral());
  EXPECT_EQ(outcome.evidence->tcb_status(), "OutOfDate");
  outcome = Judge(platform, platform.Package(), extra, Days(1));
  EXPECT_EQ(outcome.evidence->tcb_status(), "ConfigurationNeeded");
}

TEST(SgxRules, TooMuchCollateralIsRefused) {
  const Platform platform;
  auto package = platform.Package();
  for (int i = 0; i < 140; ++i)
    package.collateral.push_back({"x", ToBytes(AsBytes("{\"tcbInfo\":" + std::to_string(i)))});
  EXPECT_EQ(IdOf(Judge(platform, package)), "sgx.collateral.count");
  // A forged quote that brings its chain is refused as forged before anybody's collateral is read.
  package.evidence[48 + 320] ^= 1;
  EXPECT_EQ(IdOf(Judge(platform, package)), "sgx.quote.signature");
}

// Those of the quote count with those beside it: one that is left out could be what a CRL bars.
TEST(SgxRules, TooManyCertificatesAreRefused) {
  const Platform platform;
  auto package = platform.Package();
  Platform other = platform;
  std::uint8_t n = 0;
  other.edit = [&](const std::string&, auto* t) {
    t->serial = {1, n++};
    t->subject = test::NameOf("Somebody");
  };
  for (int i = 0; i < 124; ++i) package.collateral.push_back({"x", other.Certificate("ca")});
  EXPECT_EQ(IdOf(Judge(platform, package)), "accepted");
  package.collateral.push_back({"x", other.Certificate("ca")});
  EXPECT_EQ(IdOf(Judge(platform, package)), "chain.count");
}

// The report has SGX's list of checks until there are bytes that say what the quote is of, and one more.
TEST(SgxRules, TooShortToSayWhatItIsOf) {
  const Platform platform = Platform::WithTd();
  auto package = platform.Package();
  package.evidence.resize(9);
  EXPECT_EQ(Judge(platform, package).checks.front().id, "tdx.quote.format");
  package.evidence.resize(8);
  EXPECT_EQ(Judge(platform, package).checks.front().id, "sgx.quote.format");
}

TEST(SgxRules, Padding) {
  const Platform platform;
  auto package = platform.Package();
  package.evidence.resize(package.evidence.size() + 3065);
  EXPECT_EQ(IdOf(Judge(platform, package)), "accepted");
  package.evidence.back() = 1;
  EXPECT_EQ(IdOf(Judge(platform, package)), "sgx.quote.trailing");
  package.evidence.resize(64 * 1024 + 1);
  EXPECT_EQ(IdOf(Judge(platform, package)), "sgx.quote.size");
}

}  // namespace
}  // namespace attestml::verify
