// One HTTP request, as the fetcher needs it; who performs it and who waits can be put in place by tests.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::fetch {

struct HttpRequest {
  std::string url;
  std::size_t max_bytes = 0;  // of the body; one byte more is an error
  double max_seconds = 0;     // from the first packet to the last
  // With a type it is a POST of `content`, without one a GET.
  std::string content_type = {};
  Bytes content = {};
};

// Nothing in it is trusted.
struct HttpResponse {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in the order they came
  Bytes body;

  // The header's value; null when it is absent or stands there twice.
  const std::string* Header(std::string_view lower_case_name) const;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Perform makes the request, a GET or a POST, once. Any status is an answer, a redirection too: none is followed.
  // Errors: fetch.{connect,tls,timeout,truncated,reset,protocol} (unavailable), fetch.size (malformed), fetch.url
  // (usage).
  virtual Result<HttpResponse> Perform(const HttpRequest& request) = 0;
};

// Clock is what waiting needs: seconds since some moment, never going back; a pause; a number in [0, 1) that two
// fetchers do not share.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual double Seconds() = 0;
  virtual void Sleep(double seconds) = 0;
  virtual double Jitter() = 0;
};

// The system's.
Clock& SystemClock();

}  // namespace attestml::fetch
