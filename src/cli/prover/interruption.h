// SIGINT and SIGTERM, taken by a thread of their own.
//
// No handler may ever run on a thread that computes: oneDNN 2.6's generated matrix kernels keep data below the stack
// pointer, farther than the 128 bytes that the x86-64 ABI (section 3.2.2, "red zone") promises them. A handler's frame
// would be written over it, and what the kernel then writes through it lands anywhere in the heap.
#pragma once

#include <atomic>
#include <thread>

namespace attestml::cli {

// While an Interruption lives, both signals are blocked in the thread that made it and in those that come after it:
// make it before any other thread. The first signal is remembered. Who is told twice is ended, and so is who has not
// acknowledged within ten seconds, a program of a user's that never ends say: with status 128 + the signal's number,
// and at once. Outputs appear whole or not at all, so nothing partial is left.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  bool requested() const { return requested_.load(); }
  // It stops by itself now, and may take its time.
  void Acknowledge() { acknowledged_.store(true); }

 private:
  void Watch();

  std::atomic<bool> requested_{false}, acknowledged_{false};
  int signals_ = -1;  // signalfd
  int ended_ = -1;    // eventfd
  std::thread watcher_;
};

}  // namespace attestml::cli
