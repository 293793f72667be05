// Where a run's time went, in the four parts of the research's tables: start-up, preprocessing, computation, proving.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/json.h"

namespace attestml::prove {

enum class Phase : std::uint8_t { kStartUp, kPreprocessing, kComputation, kProving };

// Timing adds up wall time per phase; exactly one phase runs at a time. Work that overlaps on another thread is counted
// once, in the phase that waits for it. CPU seconds are those of the whole process.
class Timing {
 public:
  // Starts in kStartUp, counted from the start of the process.
  Timing();
  void Enter(Phase phase);
  // {"startUp":…,"preprocessing":…,"computation":…,"proving":…,"wall":…,"cpu":…}: seconds, as decimal strings.
  Json ToJson();
  double seconds(Phase phase) const { return seconds_[static_cast<std::size_t>(phase)]; }

 private:
  using Clock = std::chrono::steady_clock;
  void Stop();
  Phase phase_ = Phase::kStartUp;
  Clock::time_point since_;
  double seconds_[4] = {0, 0, 0, 0};
};

}  // namespace attestml::prove
