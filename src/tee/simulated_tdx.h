// The simulated TDX device: a trust domain on the simulated SGX platform, under the same root.
//
// A TD's measurement is that of its image. Here MRTD stands for the program: its SHA-256 and 16 zero bytes. RTMR0 to 2
// are fixed, RTMR3 is zero.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "tee/device.h"
#include "tee/simulated_store.h"

namespace attestml::tee {

// `store` is there already. Its documents for TDX are issued anew each time, and nothing is written.
Result<std::unique_ptr<Device>> OpenSimulatedTdx(const SimulatedStore& store, const crypto::Digest256& measurement,
                                                 Time now);

}  // namespace attestml::tee
