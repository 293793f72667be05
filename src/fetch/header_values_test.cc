#include "fetch/header_values.h"

#include <gtest/gtest.h>

namespace attestml::fetch {
namespace {

constexpr char kOne[] = "-----BEGIN CERTIFICATE-----\nMAA+\n-----END CERTIFICATE-----\n";

std::string Encoded(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? "%0A" : c == ' ' ? "%20" : std::string(1, c);
  return out;
}

std::string IdOf(std::string_view value) {
  const auto chain = DecodeIssuerChain(value);
  return chain.ok() ? "" : chain.error().id;
}

TEST(IssuerChain, IsPercentEncodedPem) {
  const auto chain = DecodeIssuerChain(Encoded(kOne));
  ASSERT_TRUE(chain.ok()) << chain.error().message;
  EXPECT_EQ(*chain, kOne);  // "+" is itself
  EXPECT_EQ(IdOf(Encoded(std::string(kOne) + kOne + kOne + kOne)), "");
}

TEST(IssuerChain, NothingElse) {
  const std::string good = Encoded(kOne);
  for (const std::string& bad :
       {std::string(), std::string("%"), std::string("%4"), std::string("%4g"), std::string("%%41"), good + "%",
        good + "x", good.substr(0, good.size() - 4), Encoded(std::string(kOne) + kOne + kOne + kOne + kOne),
        Encoded("-----BEGIN PRIVATE KEY-----\nMAA+\n-----END PRIVATE KEY-----\n"),
        std::string(kMaxIssuerChain + 1, 'x')}) {
    EXPECT_EQ(IdOf(bad), "fetch.chain") << bad.substr(0, 80);
  }
}

TEST(RetryAfter, SecondsOrADate) {
  const Time now = *ParseTime("1994-11-06T08:49:00Z");
  EXPECT_EQ(ParseRetryAfter("0", now), 0.0);
  EXPECT_EQ(ParseRetryAfter("120", now), 120.0);
  EXPECT_EQ(ParseRetryAfter(std::string(400, '9'), now), 365.0 * 86400);
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now), 37.0);
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:48:37 GMT", now), 0.0);
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 9999 08:48:37 GMT", now), 365.0 * 86400);
  for (const char* bad : {"", "-1", "1.5", "soon", " 1", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Foo 1994 08:49:37 GMT",
                          "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                          "Sun, 06 Nov 199x 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(bad, now), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace attestml::fetch
