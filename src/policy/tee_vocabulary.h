// What a policy can say of each TEE: the names of its measurement, its registers, its hazards.
#pragma once

#include <span>
#include <string_view>

namespace attestml::policy {

// TeeVocabulary: `tee` is what VerifiedEvidence::tee says, without "simulated-".
struct TeeVocabulary {
  std::string_view tee;
  std::string_view measurement;  // the key that names the program: "mrenclave"
  std::size_t measurement_size;  // bytes
  // Keys of registers that may be pinned. Those in `required` must be: the measurement alone does not name the program.
  std::span<const std::string_view> registers;
  std::span<const std::string_view> required;
  std::span<const std::string_view> hazards;            // names that `allow` may have
  std::span<const std::string_view> security_versions;  // names that `min-tcb` must have; empty: there is no such key
};

// FindTee knows "sgx", "tdx", "snp", "nitro", "simulated" (SGX) and "simulated-tdx", "simulated-snp",
// "simulated-nitro"; null for others.
const TeeVocabulary* FindTee(std::string_view tee);

// Every name that FindTee knows.
std::span<const std::string_view> TeeNames();

// "SGX", "TDX", "SEV-SNP", "AWS Nitro": for people.
std::string_view TeeTitle(std::string_view tee);

}  // namespace attestml::policy
