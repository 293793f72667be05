// The TEEs that a job may name. Verified evidence calls itself by the same names (verify/evidence.h).
#pragma once

#include <array>
#include <string_view>

namespace attestml::statement {

// "simulated" is SGX.
inline constexpr std::array<std::string_view, 4> kJobTees = {"simulated", "simulated-tdx", "simulated-snp",
                                                             "simulated-nitro"};
// A longer name for the first, which is what stands in the job that is stated.
inline constexpr std::string_view kSimulatedSgx = "simulated-sgx";

}  // namespace attestml::statement
