// Asking again, politely: exponential back-off with jitter, Retry-After obeyed, and one end for all of it.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "fetch/http.h"

namespace attestml::fetch {

struct RetryPolicy {
  unsigned max_attempts = 5;    // of one request
  double first_pause = 1;       // seconds; doubled each time, times 0.5 to 1.5
  double longest_pause = 30;    // of our own making; a server may ask for more
  double attempt_seconds = 30;  // of one attempt
  double total_seconds = 120;   // of every request of one command, waiting included
};

// Session is all the requests of one command. Borrows what it is given. `now` is the wall clock's time, for dates in
// Retry-After.
class Session {
 public:
  Session(Transport& transport, Clock& clock, RetryPolicy policy, Time now)
      : transport_(transport),
        clock_(clock),
        policy_(policy),
        now_(now),
        deadline_(clock.Seconds() + policy.total_seconds) {}

  // Get returns the answer with status 200. No connection, a broken or silent one, 408, 429 and 5xx are tried again;
  // nothing else is. It gives up, with the last error, when the next attempt would begin after the end. Errors: those
  // of Transport; fetch.not_found (404), fetch.rate_limited (429), fetch.server (5xx), fetch.status (others), all
  // unavailable; fetch.redirect (untrusted). A message says how many attempts were made.
  Result<HttpResponse> Get(std::string url, std::size_t max_bytes);
  // The same for a question that is sent. Only for one that may be asked twice.
  Result<HttpResponse> Post(std::string url, std::string content_type, Bytes content, std::size_t max_bytes);

  // Called before each pause: the error, and for how many seconds.
  std::function<void(const Error&, double)> on_retry = [](const Error&, double) {};

 private:
  Result<HttpResponse> Ask(HttpRequest request);

  Transport& transport_;
  Clock& clock_;
  RetryPolicy policy_;
  Time now_;
  double deadline_;
};

}  // namespace attestml::fetch
