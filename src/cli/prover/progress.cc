#include "cli/prover/progress.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace attestml::cli {

void ProgressLine::Show(const tasks::Progress& progress) {
  if (!shown_ || progress.steps == 0) return;
  const auto now = Clock::now();
  if (started_ == Clock::time_point{}) started_ = now;
  if (drawn_ && now - last_ < std::chrono::milliseconds(100) && progress.step != progress.steps) return;
  last_ = now;
  drawn_ = true;
  constexpr int kWidth = 28;
  const double done = static_cast<double>(progress.step) / static_cast<double>(progress.steps);
  const int filled = std::clamp(static_cast<int>(done * kWidth), 0, kWidth);
  std::string bar(static_cast<std::size_t>(filled), '#');
  bar.resize(kWidth, '.');
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = seconds > 0 ? static_cast<double>(progress.step) / seconds : 0;
  const double left = rate > 0 ? static_cast<double>(progress.steps - progress.step) / rate : 0;
  std::fprintf(stderr, "\r\033[Ktraining [%s] epoch %u/%u  loss %.4f  %.0f steps/s  %d:%02d left", bar.c_str(),
               progress.epoch, progress.epochs, progress.loss, rate, static_cast<int>(left) / 60,
               static_cast<int>(left) % 60);
  std::fflush(stderr);
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace attestml::cli
