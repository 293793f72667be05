// A log is read without a fault, and what it replays to does not depend on the unused rest of its area.
#include "evidence/tdx/event_log.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const Bytes log(data, data + size);
  const auto replayed = evidence::tdx::ReplayEventLog(log);
  if (!replayed.ok() || size > 4096) return 0;
  Bytes longer = log;
  if (!log.empty() && log.back() == 0xff) longer.resize(size + 8, 0xff);
  const auto again = evidence::tdx::ReplayEventLog(longer);
  fuzz::Require(again.ok() && again->rtmr == replayed->rtmr && again->num_events == replayed->num_events);
  return 0;
}
