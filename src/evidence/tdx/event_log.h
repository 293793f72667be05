// The event log of a trust domain (CCEL): what was measured into its runtime registers (RTMRs). Nobody vouches for a
// log on its own; one that replays to the registers of a verified quote is as good as they are. Event types and data
// are not covered by the registers, only the digests are.
//
// TCG PC Client Platform Firmware Profile 1.06, section 10 (crypto-agile log); UEFI 2.10, section 38.4.1 (measurement
// register 0 is MRTD, 1 to 4 are RTMR0 to RTMR3).
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/tdx/td_report.h"

namespace attestml::evidence::tdx {

struct ReplayedLog {
  std::array<Measurement, 4> rtmr{};  // what the registers hold after the log, from zero
  std::size_t num_events = 1;         // the one that describes the log included
};

// Whether the bytes start as a crypto-agile TCG log does. Says nothing about the rest.
bool LooksLikeEventLog(BytesView bytes);

// ReplayEventLog reads a whole log, at most 1 MiB, every length within it, and extends each digest but those of
// EV_NO_ACTION. What may follow the last event is the rest of the log area, all ones or all zeros. Error ids
// tdx.event_log.{size, header, digest, event, register, trailing}.
Result<ReplayedLog> ReplayEventLog(BytesView bytes);

}  // namespace attestml::evidence::tdx
