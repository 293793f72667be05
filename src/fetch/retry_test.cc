#include "fetch/retry.h"

#include <gtest/gtest.h>

#include "fetch/services_for_test.h"

namespace attestml::fetch {
namespace {

using test::FakeClock;
using test::FakeTransport;

constexpr char kUrl[] = "https://service/item";

HttpResponse Status(unsigned status, std::string retry_after = "") {
  HttpResponse out{status, {}, {}};
  if (!retry_after.empty()) out.headers.emplace_back("retry-after", std::move(retry_after));
  return out;
}

struct Retrying : ::testing::Test {
  FakeClock clock;
  FakeTransport transport{&clock};
  RetryPolicy policy;

  Result<HttpResponse> Get(std::vector<Result<HttpResponse>> answers) {
    transport.queued[kUrl] = {answers.begin(), answers.end()};
    transport.bodies[kUrl] = {1, 2, 3};
    Session session(transport, clock, policy, Time{1'700'000'000});
    return session.Get(kUrl, 10);
  }
  std::string IdOf(std::vector<Result<HttpResponse>> answers) {
    const auto got = Get(std::move(answers));
    return got.ok() ? "" : got.error().id;
  }
};

TEST_F(Retrying, AsksOnceWhenAllIsWell) {
  EXPECT_EQ(IdOf({}), "");
  EXPECT_TRUE(clock.pauses.empty());
  ASSERT_EQ(transport.requests.size(), 1U);
  EXPECT_EQ(transport.requests[0].max_bytes, 10U);
  EXPECT_EQ(transport.requests[0].max_seconds, 30);
}

TEST_F(Retrying, DoublesThePauseUpToALimit) {
  policy.max_attempts = 9;
  policy.total_seconds = 1e6;
  clock.jitter = 0.5;  // a factor of one
  EXPECT_EQ(IdOf(std::vector<Result<HttpResponse>>(9, Status(503))), "fetch.server");
  EXPECT_EQ(clock.pauses, (std::vector<double>{1, 2, 4, 8, 16, 30, 30, 30}));
  EXPECT_EQ(transport.requests.size(), 9U);
}

TEST_F(Retrying, JitterIsHalfToOneAndAHalf) {
  policy.max_attempts = 2;
  for (const auto& [jitter, pause] : {std::pair(0.0, 0.5), std::pair(0.5, 1.0), std::pair(0.999, 1.499)}) {
    clock.pauses.clear();
    clock.jitter = jitter;
    EXPECT_EQ(IdOf({Status(500)}), "");
    ASSERT_EQ(clock.pauses.size(), 1U);
    EXPECT_DOUBLE_EQ(clock.pauses[0], pause);
  }
}

TEST_F(Retrying, WaitsAsLongAsItIsTold) {
  clock.jitter = 0;
  EXPECT_EQ(IdOf({Status(429, "10"), Status(503, "40")}), "");
  EXPECT_EQ(clock.pauses, (std::vector<double>{10, 40}));
  clock.pauses.clear();
  // A shorter wish than our own pause, and what is no wish, change nothing.
  clock.jitter = 0.5;
  EXPECT_EQ(IdOf({Status(429, "0"), Status(429, "soon")}), "");
  EXPECT_EQ(clock.pauses, (std::vector<double>{1, 2}));
}

TEST_F(Retrying, DoesNotWaitBeyondTheEnd) {
  const auto got = Get({Status(429, "119"), Status(429, "119")});
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().id, "fetch.rate_limited");
  EXPECT_NE(got.error().message.find("119 s"), std::string::npos) << got.error().message;
  EXPECT_LE(clock.now, 1000 + policy.total_seconds);
  EXPECT_EQ(transport.requests.size(), 2U);
}

TEST_F(Retrying, TheEndBoundsEveryAttempt) {
  policy.total_seconds = 40;
  policy.max_attempts = 20;
  transport.seconds_each = 30;
  EXPECT_EQ(IdOf({Unavailable("fetch.timeout", "slow"), Unavailable("fetch.timeout", "slow")}), "fetch.timeout");
  ASSERT_EQ(transport.requests.size(), 2U);
  EXPECT_EQ(transport.requests[0].max_seconds, 30);
  EXPECT_EQ(transport.requests[1].max_seconds, 9);
}

TEST_F(Retrying, OnlyWhatMayPass) {
  for (const char* id : {"fetch.connect", "fetch.timeout", "fetch.truncated", "fetch.reset", "fetch.protocol"}) {
    EXPECT_EQ(IdOf({Unavailable(id, "once")}), "") << id;
  }
  for (const char* id : {"fetch.tls", "fetch.size", "fetch.url"}) EXPECT_EQ(IdOf({Unavailable(id, "once")}), id);
  for (const auto& [status, id] :
       {std::pair(404U, "fetch.not_found"), std::pair(400U, "fetch.status"), std::pair(410U, "fetch.status"),
        std::pair(204U, "fetch.status"), std::pair(301U, "fetch.redirect"), std::pair(308U, "fetch.redirect")}) {
    transport.requests.clear();
    EXPECT_EQ(IdOf({Status(status)}), id);
    EXPECT_EQ(transport.requests.size(), 1U);
  }
}

}  // namespace
}  // namespace attestml::fetch
