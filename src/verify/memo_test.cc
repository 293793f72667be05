#include "verify/memo.h"

#include <gtest/gtest.h>

#include <thread>

#include "verify/sgx_platform_for_test.h"

namespace attestml::verify {
namespace {

using test::Days;
using test::Platform;
using test::TestTime;

TEST(Memo, RemembersByNameAndParts) {
  Memo memo(3);
  int computed = 0;
  const auto get = [&](std::string_view what, std::string_view a, std::string_view b) {
    return *memo.Remember<int>(what, {AsBytes(a), AsBytes(b)}, [&] { return ++computed; });
  };
  EXPECT_EQ(get("f", "ab", "c"), 1);
  EXPECT_EQ(get("f", "ab", "c"), 1);
  EXPECT_EQ(get("f", "a", "bc"), 2);
  EXPECT_EQ(get("g", "ab", "c"), 3);
  EXPECT_EQ(get("f", "ab", "c"), 1);
  EXPECT_EQ(get("f", "x", ""), 4);  // full: starts over
  EXPECT_EQ(get("f", "ab", "c"), 5);
  EXPECT_EQ(*Recall<int>(nullptr, "f", {}, [] { return 7; }), 7);
}

// One outcome as text: everything that a caller can see.
std::string Text(const EvidenceOutcome& outcome) {
  std::string out;
  for (const Check& check : outcome.checks) {
    out += check.id + " " + std::string(CheckVerdictName(check.verdict)) + " " + check.seen + " " + check.wanted + "\n";
  }
  if (!outcome.evidence.ok()) return out + outcome.evidence.error().id + ": " + outcome.evidence.error().message;
  return out + outcome.evidence->tee() + outcome.evidence->tcb_status() + FormatTime(outcome.evidence->valid_from()) +
         FormatTime(outcome.evidence->valid_until());
}

// A memo that has seen everything else says what no memo says: about other times, anchors, forgeries and revocations of
// the same platform.
TEST(Memo, ChangesNoOutcome) {
  const Platform genuine;
  std::vector<evidence::EvidencePackage> packages = {genuine.Package()};
  const auto add = [&](void (*edit)(Platform*)) {
    Platform platform = genuine;
    edit(&platform);
    packages.push_back(platform.Package());
  };
  add([](Platform* p) { p->levels[0].status = "OutOfDate"; });
  add([](Platform* p) { p->levels[0].status = "Nonsense"; });
  add([](Platform* p) { p->info_until = Days(-1); });
  add([](Platform* p) { p->pck_revoked = {{0x70, 4}}; });
  add([](Platform* p) { p->root_revoked = {{2}}; });
  add([](Platform* p) { p->tcb = Platform().tcb; });
  add([](Platform* p) { p->root = Platform().root; });
  add([](Platform* p) { p->ca = Platform().ca; });
  add([](Platform* p) { p->pck = Platform().pck; });
  for (std::size_t i = 0; i < 40; ++i) {
    auto package = genuine.Package();
    if (i % 2 == 0) {
      package.evidence[i * 97 % package.evidence.size()] ^= 4;
    } else {
      Bytes& document = package.collateral[i % package.collateral.size()].bytes;
      document[i * 89 % document.size()] ^= 4;
    }
    packages.push_back(package);
  }
  Memo memo;
  for (int round = 0; round < 2; ++round) {
    for (const auto& package : packages) {
      for (Time time : {TestTime(), Days(21), Days(-400)}) {
        for (bool simulated : {true, false}) {
          const TrustAnchor anchors[] = {genuine.Anchor(simulated)};
          EXPECT_EQ(Text(VerifyEvidence(package, {}, anchors, time, &memo)),
                    Text(VerifyEvidence(package, {}, anchors, time)));
        }
        EXPECT_FALSE(VerifyEvidence(package, {}, VendorAnchors(), time, &memo).evidence.ok());
      }
    }
  }
}

TEST(Memo, SharedByThreads) {
  const Platform platform;
  const auto package = platform.Package();
  const TrustAnchor anchors[] = {platform.Anchor()};
  Memo memo(4);  // small, so that it starts over all the time
  std::vector<std::thread> threads;
  std::array<int, 4> accepted{};
  for (std::size_t t = 0; t < accepted.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i)
        accepted[t] += VerifyEvidence(package, {}, anchors, TestTime(), &memo).evidence.ok() ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, (std::array<int, 4>{20, 20, 20, 20}));
}

}  // namespace
}  // namespace attestml::verify
