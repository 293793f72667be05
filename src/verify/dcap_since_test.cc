// What collateral of later dates says of a platform that was good: told, and a refusal only where it revokes.
#include <gtest/gtest.h>

#include <functional>

#include "verify/sgx_platform_for_test.h"

namespace attestml::verify {
namespace {

using test::Days;
using test::Platform;
using test::TestTime;

// The same platform's collateral as its vendor issued it `days` later, with one thing changed.
std::vector<evidence::CollateralItem> Later(
    const Platform& platform, int days, const std::function<void(Platform&)>& change = [](Platform&) {}) {
  Platform later = platform;
  later.info_from = later.qe_from = later.root_crl_from = later.pck_crl_from = Days(days);
  later.info_until = later.qe_until = later.root_crl_until = later.pck_crl_until = Days(days + 30);
  change(later);
  return later.Collateral();
}

EvidenceOutcome Judge(const Platform& platform, const std::vector<evidence::CollateralItem>& extra) {
  const TrustAnchor anchors[] = {platform.Anchor()};
  return VerifyEvidence(platform.Package(), extra, anchors, TestTime());
}

TEST(DcapSince, NothingNewerIsNothing) {
  const Platform platform;
  EXPECT_FALSE(Judge(platform, {}).evidence->since());
  EXPECT_FALSE(Judge(platform, Later(platform, -20)).evidence->since());
  EXPECT_FALSE(Judge(platform, platform.Collateral()).evidence->since());
}

TEST(DcapSince, OutOfDateByNowIsTold) {
  const Platform platform;
  const auto outcome = Judge(platform, Later(platform, 60, [](Platform& later) {
                               later.levels[0].components[3] = 6;  // what is asked for now
                               later.levels.push_back({.status = "OutOfDate", .advisories = R"(["INTEL-SA-00001"])"});
                             }));
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
  EXPECT_EQ(outcome.evidence->tcb_status(), "UpToDate");
  const auto& since = outcome.evidence->since();
  ASSERT_TRUE(since);
  EXPECT_EQ(since->issued, Days(60));
  EXPECT_EQ(since->tcb_status, "OutOfDate");
  EXPECT_EQ(since->advisories, std::vector<std::string>{"INTEL-SA-00001"});
  EXPECT_NE(since->text.find(" make the platform OutOfDate (INTEL-SA-00001)"), std::string::npos) << since->text;
  EXPECT_NE(since->text.find("CRLs issued until " + FormatTime(Days(60)) + " revoke nothing"), std::string::npos);
}

TEST(DcapSince, TheNewestCountsOfSeveral) {
  const Platform platform;
  auto extra = Later(platform, 60, [](Platform& later) { later.levels[0].status = "OutOfDate"; });
  const auto good = Later(platform, 90);
  extra.insert(extra.end(), good.begin(), good.end());
  EXPECT_EQ(Judge(platform, extra).evidence->since()->tcb_status, "UpToDate");
  EXPECT_EQ(Judge(platform, extra).evidence->since()->issued, Days(90));
}

TEST(DcapSince, RevokedByNowIsRefused) {
  const Platform platform;
  const auto level = Judge(platform, Later(platform, 60, [](Platform& later) { later.levels[0].status = "Revoked"; }));
  ASSERT_FALSE(level.evidence.ok());
  EXPECT_EQ(level.evidence.error().id, "sgx.tcb.status");
  EXPECT_EQ(level.checks.back().id, "sgx.tcb.status");
  EXPECT_EQ(level.checks.back().verdict, CheckVerdict::kFail);
  EXPECT_EQ(level.facts->tcb_status, "Revoked");
  const auto qe = Judge(platform, Later(platform, 60, [](Platform& later) { later.qe_levels[0].status = "Revoked"; }));
  EXPECT_EQ(qe.evidence.ok() ? "accepted" : qe.evidence.error().id, "sgx.tcb.status");
  // Of another platform, or by another signer, it is nobody's business.
  EXPECT_TRUE(Judge(platform, Later(platform, 60,
                                    [](Platform& later) {
                                      later.levels[0].status = "Revoked";
                                      later.info_fmspc = "ffffffffffff";
                                    }))
                  .evidence.ok());
  EXPECT_TRUE(Judge(platform, Later(platform, 60,
                                    [](Platform& later) {
                                      later.levels[0].status = "Revoked";
                                      later.tcb = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
                                      later.root = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
                                    }))
                  .evidence.ok());
}

// The vendor's next signer is not valid yet at the time, and its word on what came since counts all the same.
TEST(DcapSince, ByASignerOfLaterDays) {
  const Platform platform;
  const auto by_next = [&](const std::string& status, bool revoked) {
    return Later(platform, 60, [&](Platform& later) {
      later.tcb = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
      later.levels[0].status = status;
      later.edit = [](const std::string& role, crypto::CertificateTemplate* certificate) {
        if (role != "tcb") return;
        certificate->not_before = Days(50);
        certificate->serial = {0x55};
      };
      if (revoked) later.root_revoked = {{0x55}};
    });
  };
  const auto told = Judge(platform, by_next("OutOfDate", false));
  ASSERT_TRUE(told.evidence.ok()) << told.evidence.error().message;
  ASSERT_TRUE(told.evidence->since());
  EXPECT_EQ(told.evidence->since()->tcb_status, "OutOfDate");
  EXPECT_FALSE(Judge(platform, by_next("Revoked", false)).evidence.ok());
  // Unless its key is revoked: then it says nothing.
  const auto silent = Judge(platform, by_next("Revoked", true));
  ASSERT_TRUE(silent.evidence.ok()) << silent.evidence.error().message;
  EXPECT_EQ(silent.evidence->since()->tcb_status, "");
}

// It may be the one that revokes.
TEST(DcapSince, WhatCannotBeReadIsRefused) {
  const Platform platform;
  const auto outcome = Judge(platform, Later(platform, 60, [](Platform& later) { later.levels[0].status = "Odd"; }));
  EXPECT_EQ(outcome.evidence.ok() ? "accepted" : outcome.evidence.error().id, "sgx.tcb_info.status");
  // So it is where only a signer of later days signed it.
  const auto by_next = Judge(platform, Later(platform, 60, [](Platform& later) {
                               later.tcb = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
                               later.levels[0].status = "Odd";
                               later.edit = [](const std::string& role, auto* t) {
                                 if (role == "tcb") t->not_before = Days(50);
                               };
                             }));
  EXPECT_EQ(by_next.evidence.ok() ? "accepted" : by_next.evidence.error().id, "sgx.tcb_info.status");
  EXPECT_EQ(by_next.checks.back().verdict, CheckVerdict::kFail);
}

}  // namespace
}  // namespace attestml::verify
