// A progress line on stderr for long work, drawn only when stderr is a terminal.
#pragma once

#include <chrono>

#include "tasks/training.h"

namespace attestml::cli {

class ProgressLine {
 public:
  explicit ProgressLine(bool shown) : shown_(shown) {}
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Redraws at most ten times a second: bar, epoch, loss, steps per second, time left.
  void Show(const tasks::Progress& progress);
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool drawn_ = false;
  Clock::time_point started_{};
  Clock::time_point last_{};
};

}  // namespace attestml::cli
