// The simulated TEE: a small certification authority that issues genuine-format SGX DCAP v3 quotes (design.md section
// 7).
//
// It protects nothing. Its evidence ends at a root of its own, so it never passes for hardware.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "tee/device.h"

namespace attestml::tee {

// Where the authority lives: $ATTESTML_TEE_DIR, else $XDG_STATE_HOME/attestml/simulated, else
// ~/.local/state/attestml/simulated.
std::string SimulatedDirectory();

// Makes the authority in `directory` (root, platform and processor CAs, TCB signer, PCK, attestation key; TCB info, QE
// identity and CRLs valid from `now`), mode 0700, whole or not at all. An existing one is left alone, and its
// collateral renewed when `now` is past half of its window.
Status InitSimulated(const std::string& directory, Time now);

struct SimulatedStatus {
  std::string directory;
  crypto::Digest256 root_key_id{};
  Time collateral_until;
};
Result<SimulatedStatus> ReadSimulatedStatus(const std::string& directory);

// Opens it (making it on first use) for a program with this measurement (MRENCLAVE: SHA-256 of the running prover
// binary).
Result<std::unique_ptr<Device>> OpenSimulated(const std::string& directory, const crypto::Digest256& measurement,
                                              Time now);

}  // namespace attestml::tee
