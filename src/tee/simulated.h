// The simulated TEEs: small certification authorities that issue evidence in genuine formats (design.md section 7): SGX
// quotes v3, TDX quotes v4, SEV-SNP reports and Nitro documents.
//
// They protect nothing. Their evidence ends at roots of their own, so it never passes for hardware: one root for SGX
// and TDX, which are one vendor's, one for SEV-SNP, one for Nitro.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "tee/device.h"

namespace attestml::tee {

// Where the authority lives: $ATTESTML_TEE_DIR, else $XDG_STATE_HOME/attestml/simulated, else
// ~/.local/state/attestml/simulated.
std::string SimulatedDirectory();

enum class SimulatedTee : std::uint8_t { kSgx, kTdx, kSnp, kNitro };
inline constexpr std::array kSimulatedTees = {SimulatedTee::kSgx, SimulatedTee::kTdx, SimulatedTee::kSnp,
                                              SimulatedTee::kNitro};
// "simulated" (SGX), "simulated-tdx", "simulated-snp", "simulated-nitro": what verified evidence calls them.
std::string_view SimulatedTeeName(SimulatedTee tee);
std::optional<SimulatedTee> FindSimulatedTee(std::string_view name);

// Makes the authority of SGX and TDX in `directory` (root, platform and processor CAs, TCB signer, PCK, attestation
// key; TCB info, QE identity and CRLs valid from `now`), mode 0700, whole or not at all; and for the others theirs in
// `directory`/snp and /nitro. An existing one is left alone, and its collateral renewed when `now` is past half of its
// window.
Status InitSimulated(const std::string& directory, Time now, SimulatedTee tee = SimulatedTee::kSgx);

struct SimulatedStatus {
  std::string directory;
  crypto::Digest256 root_key_id{};
  std::optional<Time> collateral_until;  // Nitro has none
};
Result<SimulatedStatus> ReadSimulatedStatus(const std::string& directory, SimulatedTee tee = SimulatedTee::kSgx);

// Opens it (making it on first use) for a program with this measurement (SHA-256 of the running prover binary). SGX
// shows it as MRENCLAVE, the others with 16 zero bytes behind it as MRTD, MEASUREMENT and PCR0. `now` dates what is
// issued: an evidence's own date where it has one.
Result<std::unique_ptr<Device>> OpenSimulated(const std::string& directory, const crypto::Digest256& measurement,
                                              Time now, SimulatedTee tee = SimulatedTee::kSgx);

}  // namespace attestml::tee
