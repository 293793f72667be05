#include "fetch/retry.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "fetch/header_values.h"

namespace attestml::fetch {
namespace {

bool IsWorthAsking(const Error& error) {
  for (const std::string_view id : {"fetch.connect", "fetch.timeout", "fetch.truncated", "fetch.reset",
                                    "fetch.rate_limited", "fetch.server", "fetch.protocol"}) {
    if (error.id == id) return true;
  }
  return false;
}

Error StatusError(const HttpResponse& response, const std::string& url) {
  const std::string what = url + " answers " + std::to_string(response.status);
  if (response.status == 404) return Unavailable("fetch.not_found", what + ": it has none");
  if (response.status == 429) return Unavailable("fetch.rate_limited", what + ": too many requests");
  if (response.status == 408) return Unavailable("fetch.timeout", what);
  if (response.status >= 500) return Unavailable("fetch.server", what);
  if (response.status >= 300 && response.status < 400) {
    return Untrusted("fetch.redirect", what + ": it sends elsewhere, and redirections are not followed");
  }
  return Unavailable("fetch.status", what + ", want 200");
}

std::string SecondsText(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 10 ? "%.1f" : "%.0f", seconds);
  return text;
}

}  // namespace

Result<HttpResponse> Session::Get(std::string url, std::size_t max_bytes) {
  return Ask({.url = std::move(url), .max_bytes = max_bytes});
}

Result<HttpResponse> Session::Post(std::string url, std::string content_type, Bytes content, std::size_t max_bytes) {
  return Ask({.url = std::move(url),
              .max_bytes = max_bytes,
              .content_type = std::move(content_type),
              .content = std::move(content)});
}

Result<HttpResponse> Session::Ask(HttpRequest request) {
  const std::string& url = request.url;
  Error last;
  for (unsigned attempt = 1;; ++attempt) {
    const double left = deadline_ - clock_.Seconds();
    if (left <= 0) {
      if (attempt == 1) return Unavailable("fetch.timeout", "no time was left to ask for " + url);
      return last;
    }
    request.max_seconds = std::min(left, policy_.attempt_seconds);
    auto response = transport_.Perform(request);
    if (response.ok() && response->status == 200) return response;
    last = response.ok() ? StatusError(*response, url) : response.error();
    if (!IsWorthAsking(last)) return last;
    std::optional<double> asked;
    if (response.ok()) {
      if (const std::string* value = response->Header("retry-after")) asked = ParseRetryAfter(*value, now_);
    }
    double pause = std::min(policy_.longest_pause, policy_.first_pause * std::exp2(attempt - 1.0));
    pause *= 0.5 + clock_.Jitter();
    // Not all who were told the same number come back in the same moment.
    if (asked) pause = std::max(pause, *asked + clock_.Jitter() * std::min(1.0, *asked));
    const std::string attempts = std::to_string(attempt) + (attempt == 1 ? " attempt" : " attempts");
    if (attempt >= policy_.max_attempts) {
      last.message += ", after " + attempts;
      return last;
    }
    if (clock_.Seconds() + pause >= deadline_) {
      last.message += ", after " + attempts;
      last.message += asked ? "; it asks to come back in " + SecondsText(*asked) + " s, beyond the time that was given"
                            : "; no time is left";
      return last;
    }
    on_retry(last, pause);
    clock_.Sleep(pause);
  }
}

}  // namespace attestml::fetch
