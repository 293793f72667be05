#include "prove/timing.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/decimal.h"

namespace attestml::prove {
namespace {

// Seconds since this process started, by the kernel's account (field 22 of /proc/self/stat, in clock ticks); 0 when it
// cannot be read.
double SecondsSinceStart() {
  char text[1024];
  std::FILE* file = std::fopen("/proc/self/stat", "re");
  if (file == nullptr) return 0;
  const std::size_t size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[size] = 0;
  // The program name may hold spaces; fields are counted from behind its closing parenthesis.
  const char* at = std::strrchr(text, ')');
  for (int field = 2; at != nullptr && field < 22; ++field) at = std::strchr(at + 1, ' ');
  unsigned long long ticks = 0;
  timespec now{};
  if (at == nullptr || std::sscanf(at, "%llu", &ticks) != 1 || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
  const double started = static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  const double passed = static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - started;
  return passed > 0 && passed < 60 ? passed : 0;
}

Json Seconds(double value) { return FormatDecimal(std::round(value * 1e6) / 1e6); }

}  // namespace

Timing::Timing() : since_(Clock::now()) { seconds_[0] = SecondsSinceStart(); }

void Timing::Stop() {
  const auto now = Clock::now();
  seconds_[static_cast<std::size_t>(phase_)] += std::chrono::duration<double>(now - since_).count();
  since_ = now;
}

void Timing::Enter(Phase phase) {
  Stop();
  phase_ = phase;
}

Json Timing::ToJson() {
  Stop();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto cpu = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  Json out;
  out["startUp"] = Seconds(seconds_[0]);
  out["preprocessing"] = Seconds(seconds_[1]);
  out["computation"] = Seconds(seconds_[2]);
  out["proving"] = Seconds(seconds_[3]);
  out["wall"] = Seconds(seconds_[0] + seconds_[1] + seconds_[2] + seconds_[3]);
  out["cpu"] = Seconds(cpu(usage.ru_utime) + cpu(usage.ru_stime));
  return out;
}

}  // namespace attestml::prove
