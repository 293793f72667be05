#include "fetch/http.h"

#include <sys/random.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <thread>

namespace attestml::fetch {
namespace {

class System final : public Clock {
 public:
  double Seconds() override {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  void Sleep(double seconds) override {
    if (seconds <= 0) return;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }

  double Jitter() override {
    std::uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) return 0.5;
    return static_cast<double>(random) / 4294967296.0;
  }
};

}  // namespace

const std::string* HttpResponse::Header(std::string_view name) const {
  const std::string* found = nullptr;
  for (const auto& [key, value] : headers) {
    if (key != name) continue;
    if (found != nullptr) return nullptr;
    found = &value;
  }
  return found;
}

Clock& SystemClock() {
  static System clock;
  return clock;
}

}  // namespace attestml::fetch
