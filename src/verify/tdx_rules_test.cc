// What no genuine TDX sample here covers: module levels and identities, relaunch, attributes, each bent on its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/hex.h"
#include "evidence/sgx/tcb_status.h"
#include "verify/evidence.h"
#include "verify/sgx_platform_for_test.h"

namespace attestml::verify {
namespace {

using test::Platform;

EvidenceOutcome Judge(const Platform& platform) {
  const std::vector<TrustAnchor> anchors = {platform.Anchor()};
  return VerifyEvidence(platform.Package(), {}, anchors, test::Days(0));
}

// The TCB status, or the id of the refusal.
std::string Verdict(const EvidenceOutcome& outcome) {
  return outcome.evidence.ok() ? outcome.evidence->tcb_status() : outcome.evidence.error().id;
}

struct Case {
  std::string what;
  std::function<void(Platform*)> edit;
  std::string want;
};

void Expect(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Platform platform = Platform::WithTd();
    c.edit(&platform);
    const auto outcome = Judge(platform);
    EXPECT_EQ(Verdict(outcome), c.want) << c.what << ": "
                                        << (outcome.evidence.ok() ? "" : outcome.evidence.error().message);
  }
}

// Two levels: the lower one is out of date and three lower in its third TDX component.
void TwoLevels(Platform* p) {
  p->levels.push_back({});
  p->levels[1].tdx_components = std::vector<unsigned>(16, 0);
  p->levels[1].status = "OutOfDate";
}

// A platform up to date whose module of version 3 is behind, and a report 1.5.
void BehindModule(Platform* p) {
  p->td->quote_version = 5;
  p->td->tee_tcb_svn = Bytes(16, 3);
  p->td->tee_tcb_svn[0] = 2;
  p->td->tee_tcb_svn_2 = Bytes(16, 3);
  p->modules[1].levels = {{3, "UpToDate"}, {2, "OutOfDate"}};
}

TEST(TdxRules, AnHonestTrustDomainVerifies) {
  for (unsigned version : {4U, 5U}) {
    Platform platform = Platform::WithTd();
    platform.td->quote_version = version;
    const auto outcome = Judge(platform);
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    const auto& evidence = *outcome.evidence;
    EXPECT_EQ(evidence.tee(), "simulated-tdx");
    EXPECT_EQ(evidence.format(), "tdx-quote-v" + std::to_string(version));
    EXPECT_EQ(evidence.measurement(), Bytes(48, 0xa0));
    EXPECT_EQ(HexEncode(evidence.report_data()), HexEncode(Bytes(64, 0x42)));
    EXPECT_FALSE(evidence.debug());
    for (const Hazard& hazard : evidence.facts().hazards) EXPECT_FALSE(hazard.present) << hazard.name;
    for (const Check& check : outcome.checks) {
      EXPECT_EQ(check.verdict, check.id == "tdx.event_log" ? CheckVerdict::kNotChecked : CheckVerdict::kPass)
          << check.id;
    }
  }
}

TEST(TdxRules, TcbLevels) {
  Expect({
      {"all reached", [](Platform*) {}, "UpToDate"},
      {"the third TDX component one low", [](Platform* p) { p->td->tee_tcb_svn[2] = 2; }, "tdx.tcb.level"},
      {"the last TDX component one low", [](Platform* p) { p->td->tee_tcb_svn[15] = 2; }, "tdx.tcb.level"},
      {"an SGX component one low", [](Platform* p) { p->components[15] = 4; }, "tdx.tcb.level"},
      {"PCESVN one low", [](Platform* p) { p->pce_svn = 9; }, "tdx.tcb.level"},
      {"the first two are the module's, which its own levels judge",
       [](Platform* p) { p->levels[0].tdx_components[0] = p->levels[0].tdx_components[1] = 200; }, "UpToDate"},
      {"of version 0 the first counts",
       [](Platform* p) {
         p->td->tee_tcb_svn[1] = 0;
         p->levels[0].tdx_components[1] = 0;
         p->td->tee_tcb_svn[0] = 2;
       },
       "tdx.tcb.level"},
      {"of version 0, reached",
       [](Platform* p) {
         p->td->tee_tcb_svn[1] = 0;
         p->levels[0].tdx_components[1] = 0;
       },
       "UpToDate"},
      {"the lower of two levels",
       [](Platform* p) {
         TwoLevels(p);
         p->td->tee_tcb_svn[2] = 1;
       },
       "OutOfDate"},
      {"the levels in the other order",
       [](Platform* p) {
         TwoLevels(p);
         std::swap(p->levels[0], p->levels[1]);
       },
       "UpToDate"},
      {"revoked", [](Platform* p) { p->levels[0].status = "Revoked"; }, "tdx.tcb.status"},
      {"15 TDX components", [](Platform* p) { p->levels[0].tdx_components.pop_back(); }, "sgx.tcb_info.component"},
      {"TDX component 256", [](Platform* p) { p->levels[0].tdx_components[3] = 256; }, "sgx.tcb_info.component"},
      {"no TDX components", [](Platform* p) { p->levels[0].tdx_components.clear(); }, "sgx.tcb_info.id"},
      {"two equal levels", [](Platform* p) { p->levels.push_back(p->levels[0]); }, "sgx.tcb_info.levels"},
      {"a status that only the relaunch check gives", [](Platform* p) { p->levels[0].status = "TDRelaunchAdvised"; },
       "sgx.tcb_info.status"},
      {"TCB info of SGX", [](Platform* p) { p->tcb_id = "SGX"; }, "sgx.tcb_info.id"},
      {"identity of SGX's QE", [](Platform* p) { p->qe_id = "QE"; }, "sgx.qe_identity.id"},
      {"QE out of date", [](Platform* p) { p->qe_levels[0].status = "OutOfDate"; }, "OutOfDate"},
      {"QE below every level", [](Platform* p) { p->qe_isv_svn = 7; }, "sgx.qe.level"},
  });
}

// Which component is behind, and no other: it says what to update.
TEST(TdxRules, SaysWhatTheHighestLevelAsksFor) {
  const auto seen = [](const std::function<void(Platform*)>& edit) {
    Platform platform = Platform::WithTd();
    edit(&platform);
    const auto outcome = Judge(platform);
    const auto it = std::find_if(outcome.checks.begin(), outcome.checks.end(),
                                 [](const Check& check) { return check.id == "tdx.tcb.level"; });
    return it == outcome.checks.end() ? "" : it->seen;
  };
  EXPECT_EQ(seen([](Platform*) {}), "UpToDate as of 2026-01-01");
  EXPECT_EQ(seen([](Platform* p) {
              TwoLevels(p);
              p->td->tee_tcb_svn[2] = 1;
            }),
            "OutOfDate as of 2026-01-01: TDX component 3 is 1, the highest level has 3");
}

TEST(TdxRules, Modules) {
  Expect({
      {"out of date",
       [](Platform* p) {
         p->modules[1].levels = {{4, "UpToDate"}, {3, "OutOfDate"}};
       },
       "OutOfDate"},
      {"out of date under a platform that needs configuration",
       [](Platform* p) {
         p->modules[1].levels = {{4, "UpToDate"}, {3, "OutOfDate"}};
         p->levels[0].status = "ConfigurationNeeded";
       },
       "OutOfDateConfigurationNeeded"},
      {"revoked",
       [](Platform* p) {
         p->modules[1].levels = {{3, "Revoked"}};
       },
       "tdx.tcb.status"},
      {"below every level",
       [](Platform* p) {
         p->modules[1].levels = {{4, "UpToDate"}};
       },
       "tdx.module.level"},
      {"levels in the other order",
       [](Platform* p) {
         p->modules[1].levels = {{2, "OutOfDate"}, {3, "UpToDate"}};
       },
       "UpToDate"},
      {"up to date does not hide the platform", [](Platform* p) { p->levels[0].status = "OutOfDate"; }, "OutOfDate"},
      {"a version that nobody knows", [](Platform* p) { p->td->tee_tcb_svn[1] = 4; }, "tdx.module.identity"},
      {"another signer", [](Platform* p) { p->td->signer_seam = 1; }, "tdx.module.identity"},
      {"another signer of that version only", [](Platform* p) { p->modules[1].signer = 1; }, "tdx.module.identity"},
      {"SEAMATTRIBUTES not zero", [](Platform* p) { p->td->seam_attributes = 1; }, "tdx.module.identity"},
      {"SEAMATTRIBUTES not zero, and the module's",
       [](Platform* p) { p->td->seam_attributes = p->modules[1].attributes = 1; }, "tdx.module.identity"},
      {"SEAMATTRIBUTES zero, and the module's not", [](Platform* p) { p->modules[1].attributes = 1; },
       "tdx.module.identity"},
      {"identity twice", [](Platform* p) { p->modules.push_back(p->modules[1]); }, "sgx.tcb_info.tdx_module"},
      {"identity of version 0", [](Platform* p) { p->modules[1].id = "TDX_00"; }, "sgx.tcb_info.tdx_module"},
      {"a name that is none", [](Platform* p) { p->modules[1].id = "TDX_3"; }, "sgx.tcb_info.tdx_module"},
      {"no levels", [](Platform* p) { p->modules[1].levels.clear(); }, "sgx.tcb_info.tdx_module"},
      {"two levels with one ISVSVN",
       [](Platform* p) {
         p->modules[1].levels = {{3, "UpToDate"}, {3, "OutOfDate"}};
       },
       "sgx.tcb_info.tdx_module"},
      {"an unknown status",
       [](Platform* p) {
         p->modules[1].levels = {{3, "Fine"}};
       },
       "sgx.tcb_info.status"},
  });
}

TEST(TdxRules, Relaunch) {
  Expect({
      {"advised", BehindModule, "TDRelaunchAdvised"},
      {"not told by a report 1.0",
       [](Platform* p) {
         BehindModule(p);
         p->td->tee_tcb_svn_2.reset();
       },
       "OutOfDate"},
      {"not where the module that runs now is behind too",
       [](Platform* p) {
         BehindModule(p);
         (*p->td->tee_tcb_svn_2)[0] = 2;
       },
       "OutOfDate"},
      {"nor where its microcode is",
       [](Platform* p) {
         BehindModule(p);
         (*p->td->tee_tcb_svn_2)[2] = 2;
       },
       "OutOfDate"},
      {"nor where the platform is behind",
       [](Platform* p) {
         BehindModule(p);
         p->levels[0].status = "OutOfDate";
       },
       "OutOfDate"},
      {"nor where the QE is",
       [](Platform* p) {
         BehindModule(p);
         p->qe_levels[0].status = "OutOfDate";
       },
       "OutOfDate"},
      {"with configuration",
       [](Platform* p) {
         BehindModule(p);
         p->levels[0].status = "ConfigurationNeeded";
       },
       "TDRelaunchAdvisedConfigurationNeeded"},
      {"a module of version 0 runs now",
       [](Platform* p) {
         BehindModule(p);
         (*p->td->tee_tcb_svn_2)[1] = 0;
       },
       "TDRelaunchAdvised"},
      {"one that nobody knows runs now",
       [](Platform* p) {
         BehindModule(p);
         (*p->td->tee_tcb_svn_2)[1] = 9;
       },
       "tdx.module.identity"},
  });
}

TEST(TdxRules, Hazards) {
  struct Bent {
    std::string name;
    std::function<void(Platform*)> edit;
  };
  const std::vector<Bent> cases = {
      {"reserved-attributes", [](Platform* p) { p->td->attributes |= 0x100; }},
      {"reserved-attributes", [](Platform* p) { p->td->attributes |= std::uint64_t{1} << 32; }},
      {"sept-ve", [](Platform* p) { p->td->attributes = 0; }},
      {"migratable", [](Platform* p) { p->td->attributes |= 0x20000000; }},
      {"service-td",
       [](Platform* p) {
         p->td->quote_version = 5;
         p->td->tee_tcb_svn_2 = p->td->tee_tcb_svn;
         p->td->service_td = 1;
       }},
  };
  for (const Bent& c : cases) {
    Platform platform = Platform::WithTd();
    c.edit(&platform);
    const auto outcome = Judge(platform);
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    for (const Hazard& hazard : outcome.evidence->facts().hazards) {
      EXPECT_EQ(hazard.present, hazard.name == c.name) << hazard.name;
    }
  }
  Platform platform = Platform::WithTd();
  platform.td->attributes |= 1;
  const auto outcome = Judge(platform);
  ASSERT_TRUE(outcome.evidence.ok());
  EXPECT_TRUE(outcome.evidence->debug());
}

// Every flipped byte of what is signed, every truncation, every lie in a length: none accepted, and each refused for a
// reason that has an id.
TEST(TdxRules, Mutations) {
  Platform platform = Platform::WithTd();
  platform.td->quote_version = 5;
  auto package = platform.Package();
  const std::vector<TrustAnchor> anchors = {platform.Anchor()};
  const auto refused = [&](const std::string& what) {
    const auto outcome = VerifyEvidence(package, {}, anchors, test::Days(0));
    ASSERT_FALSE(outcome.evidence.ok()) << what;
    EXPECT_FALSE(outcome.evidence.error().id.empty()) << what;
  };
  const Bytes whole = package.evidence;
  for (std::size_t at = 0; at < 48 + 6 + 584; ++at) {
    package.evidence[at] ^= 0x40;
    refused("flipped byte " + std::to_string(at));
    package.evidence[at] = whole[at];
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    package.evidence.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    refused("cut to " + std::to_string(size));
  }
  package.evidence = whole;
  // Body size, signature data size, QE certification size, certification data size.
  const std::size_t auth = 48 + 6 + 584 + 4;
  const std::size_t qe = auth + 64 + 64 + 2 + 4;
  for (std::size_t at : {std::size_t{50}, auth - 4, qe - 4, qe + 384 + 64 + 2 + 32 + 2}) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < 4; ++i) n |= std::uint32_t{whole[at + i]} << (8 * i);
    for (std::uint32_t lie : {0U, 1U, n - 1, n + 1, 0x80000000U, 0xffffffffU}) {
      for (std::size_t i = 0; i < 4; ++i) package.evidence[at + i] = static_cast<std::uint8_t>(lie >> (8 * i));
      refused("length at " + std::to_string(at) + " is " + std::to_string(lie));
    }
    package.evidence = whole;
  }
}

}  // namespace
}  // namespace attestml::verify
