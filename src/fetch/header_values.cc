#include "fetch/header_values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hex.h"
#include "crypto/pem.h"

namespace attestml::fetch {
namespace {

constexpr std::size_t kMaxCertificates = 4;
constexpr double kYear = 365.0 * 86400;

std::optional<int> Digits(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<Time> ParseHttpDate(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
      text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day = Digits(text.substr(5, 2)), year = Digits(text.substr(12, 4)), hour = Digits(text.substr(17, 2)),
             minute = Digits(text.substr(20, 2)), second = Digits(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const auto time =
      MakeTime(*year, static_cast<int>(month - kMonths.begin()) + 1, *day, *hour, *minute, std::min(*second, 59));
  if (!time.ok()) return std::nullopt;
  return *time;
}

}  // namespace

Result<std::string> DecodeIssuerChain(std::string_view value) {
  if (value.size() > kMaxIssuerChain) {
    return Malformed("fetch.chain", "issuer chain of " + std::to_string(value.size()) + " characters, want at most " +
                                        std::to_string(kMaxIssuerChain));
  }
  std::string text;
  text.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      text.push_back(value[i]);
      continue;
    }
    std::array<std::uint8_t, 1> byte{};
    if (value.size() - i < 3 || !HexDecodeInto(value.substr(i + 1, 2), byte)) {
      return Malformed("fetch.chain", "the issuer chain is not percent-encoded");
    }
    text.push_back(static_cast<char>(byte[0]));
    i += 2;
  }
  const auto blocks = crypto::ParsePem(text, kMaxCertificates);
  if (!blocks.ok()) return Malformed("fetch.chain", "the issuer chain is not PEM: " + blocks.error().message);
  for (const crypto::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") return Malformed("fetch.chain", "the issuer chain holds more than certificates");
  }
  return text;
}

std::optional<double> ParseRetryAfter(std::string_view value, Time now) {
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    double seconds = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
    return read.ec == std::errc() ? std::min(seconds, kYear) : kYear;
  }
  const auto date = ParseHttpDate(value);
  if (!date) return std::nullopt;
  return std::clamp(static_cast<double>(date->unix_seconds - now.unix_seconds), 0.0, kYear);
}

}  // namespace attestml::fetch
