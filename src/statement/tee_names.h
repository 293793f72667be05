// The TEEs that a job may name. Verified evidence calls itself by the same names (verify/evidence.h).
#pragma once

#include <array>
#include <string_view>

namespace attestml::statement {

// "simulated" is SGX.
inline constexpr std::array<std::string_view, 4> kSimulatedTees = {"simulated", "simulated-tdx", "simulated-snp",
                                                                   "simulated-nitro"};
// A longer name for the first, which is what stands in the job that is stated.
inline constexpr std::string_view kSimulatedSgx = "simulated-sgx";
inline constexpr std::array<std::string_view, 4> kHardwareTees = {"sgx", "tdx", "snp", "nitro"};
// Whichever hardware is there. The job that is stated names it.
inline constexpr std::string_view kAnyHardware = "auto";

}  // namespace attestml::statement
