// A session remembers, and says nothing that a verification from scratch would not say.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "provers.h"

namespace attestml::bundle_test {
namespace {

using namespace statement::sample;

TEST(Session, SaysWhatAFreshVerificationSays) {
  const Prover good, foreign{Tee(1, OtherVendor())};
  const auto evidence = good.Sign(good.KeyEvidence("01"));
  auto wrong_nonce = good.KeyEvidence("01");
  wrong_nonce.nonce = "02";
  // The same quote text in each of the first three: what differs is outside of what the session remembers.
  auto same_quote = good.KeyEvidence("01");
  const Prover other;
  const std::vector<Lines> bundles = {
      {good.Sign(SampleTraining()), evidence},
      {good.Sign(SampleProperty()), evidence},
      {good.Sign(SampleTraining()), good.Sign(WithCmwOf(wrong_nonce, same_quote))},
      {other.Sign(SampleTraining()), other.Sign(WithCmwOf(other.KeyEvidence(), same_quote))},
      {foreign.Sign(SampleTraining()), foreign.Sign(foreign.KeyEvidence())},
      {good.Sign(SampleTraining()), evidence}};
  verify::Session session({}, {Anchor()}, kNow);
  for (int round = 0; round < 2; ++round) {
    for (const Lines& lines : bundles) EXPECT_TRUE(Same(verify::VerifyBundle(lines, session), Verify(lines)));
  }
  EXPECT_EQ(Ends(verify::VerifyBundle(bundles[2], session)), "untrusted binding.report_data");
  EXPECT_EQ(Ends(verify::VerifyBundle(bundles[3], session)), "untrusted binding.report_data");
}

TEST(Session, ForgetsRatherThanGrows) {
  verify::Session session({}, {Anchor()}, kNow, 2);
  for (int i = 0; i < 5; ++i) {
    const Prover prover;
    const Lines lines = {prover.Sign(SampleTraining()), prover.Sign(prover.KeyEvidence())};
    EXPECT_EQ(Ends(verify::VerifyBundle(lines, session)), "ok");
    EXPECT_EQ(Ends(verify::VerifyBundle(lines, session)), "ok");
  }
}

TEST(Session, ServesSeveralThreads) {
  verify::Session session({}, {Anchor()}, kNow, 3);
  std::vector<Lines> bundles;
  for (int i = 0; i < 6; ++i) {
    const Prover prover;
    bundles.push_back({prover.Sign(SampleTraining()), prover.Sign(prover.KeyEvidence())});
  }
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 3; ++round) {
        for (const Lines& lines : bundles) good += verify::VerifyBundle(lines, session).bundle.ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 4 * 3 * 6);
}

}  // namespace
}  // namespace attestml::bundle_test
