// A service and a clock that do what a test says.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fetch/http.h"

namespace attestml::fetch::test {

class FakeClock final : public Clock {
 public:
  double Seconds() override { return now; }
  void Sleep(double seconds) override {
    pauses.push_back(seconds);
    now += seconds;
  }
  double Jitter() override { return jitter; }

  double now = 1000, jitter = 0.5;
  std::vector<double> pauses;
};

// Answers by the address without its query; 404 where it knows none. What is queued for an address comes first.
class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(FakeClock* clock) : clock_(clock) {}
  Result<HttpResponse> Perform(const HttpRequest& request) override {
    requests.push_back(request);
    clock_->now += seconds_each;
    const std::string path = request.url.substr(0, request.url.find('?'));
    if (auto queue = queued.find(path); queue != queued.end() && !queue->second.empty()) {
      auto first = std::move(queue->second.front());
      queue->second.pop_front();
      return first;
    }
    const auto known = bodies.find(path);
    if (known == bodies.end()) return HttpResponse{404, {}, {}};
    return HttpResponse{200, {}, known->second};
  }

  std::map<std::string, std::deque<Result<HttpResponse>>> queued;
  std::map<std::string, Bytes> bodies;
  std::vector<HttpRequest> requests;
  double seconds_each = 0;

 private:
  FakeClock* clock_;
};

}  // namespace attestml::fetch::test
