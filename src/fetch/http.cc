#include "fetch/http.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <ctime>

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
    timespec rest{};
    rest.tv_sec = static_cast<time_t>(seconds);
    rest.tv_nsec = static_cast<long>((seconds - static_cast<double>(rest.tv_sec)) * 1e9);
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
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
