#include "cli/prover/interruption.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>

namespace attestml::cli {
namespace {

constexpr std::chrono::seconds kTimeToStop{10};

sigset_t Both() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interruption::Interruption() {
  // A shell starts what runs in the background with SIGINT ignored, and an ignored signal is never seen.
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
  const sigset_t both = Both();
  ended_ = eventfd(0, EFD_CLOEXEC);
  signals_ = signalfd(-1, &both, SFD_CLOEXEC | SFD_NONBLOCK);
  // Without them the signals end the process, as they would without this.
  if (ended_ < 0 || signals_ < 0) return;
  pthread_sigmask(SIG_BLOCK, &both, nullptr);
  watcher_ = std::thread([this] { Watch(); });
}

Interruption::~Interruption() {
  if (watcher_.joinable()) {
    const std::uint64_t one = 1;
    while (write(ended_, &one, sizeof one) < 0 && errno == EINTR) {
    }
    watcher_.join();
    const sigset_t both = Both();
    pthread_sigmask(SIG_UNBLOCK, &both, nullptr);
  }
  if (signals_ >= 0) close(signals_);
  if (ended_ >= 0) close(ended_);
}

void Interruption::Watch() {
  using Clock = std::chrono::steady_clock;
  Clock::time_point deadline;
  int first = 0;
  while (true) {
    int wait = -1;
    if (first != 0 && !acknowledged_.load()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) _exit(128 + first);
      wait = static_cast<int>(left.count()) + 1;
    }
    std::array<pollfd, 2> files{{{signals_, POLLIN, 0}, {ended_, POLLIN, 0}}};
    if (poll(files.data(), files.size(), wait) < 0) continue;
    if (files[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signals_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
    if (first != 0) _exit(128 + static_cast<int>(info.ssi_signo));
    first = static_cast<int>(info.ssi_signo);
    deadline = Clock::now() + kTimeToStop;
    requested_.store(true);
  }
}

}  // namespace attestml::cli
