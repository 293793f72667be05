#include "policy/tee_vocabulary.h"

#include <algorithm>
#include <array>

namespace attestml::policy {
namespace {

using std::string_view;

constexpr std::array<string_view, 8> kNames = {"sgx",       "tdx",           "snp",           "nitro",
                                               "simulated", "simulated-tdx", "simulated-snp", "simulated-nitro"};

constexpr std::array<string_view, 2> kSgxRegisters = {"mrsigner", "configid"};
constexpr std::array<string_view, 12> kTdxRegisters = {"rtmr0",        "rtmr1",       "rtmr2",         "rtmr3",
                                                       "mrconfigid",   "mrowner",     "mrownerconfig", "mrseam",
                                                       "mrsignerseam", "mrservicetd", "tdattributes",  "xfam"};
// MRTD is the virtual firmware; kernel, command line and initial file system are in these.
constexpr std::array<string_view, 2> kTdxRequired = {"rtmr1", "rtmr2"};
constexpr std::array<string_view, 4> kTdxHazards = {"reserved-attributes", "sept-ve", "migratable", "service-td"};
constexpr std::array<string_view, 9> kSnpRegisters = {"host_data", "id_key_digest", "author_key_digest",
                                                      "family_id", "image_id",      "report_id",
                                                      "policy",    "platform_info", "smt"};
constexpr std::array<string_view, 6> kSnpHazards = {"migratable",           "migration-agent", "vmpl",
                                                    "provisional-firmware", "masked-chip",     "no-revocation"};
constexpr std::array<string_view, 4> kSnpVersions = {"bootloader", "tee", "snp", "microcode"};
constexpr std::array<string_view, 9> kNitroRegisters = {"pcr1", "pcr2", "pcr3",       "pcr4",     "pcr8",
                                                        "pcr5", "pcr6", "public_key", "module_id"};

constexpr std::array<TeeVocabulary, 4> kTees = {{
    {"sgx", "mrenclave", 32, kSgxRegisters, {}, {}, {}},
    {"tdx", "mrtd", 48, kTdxRegisters, kTdxRequired, kTdxHazards, {}},
    {"snp", "measurement", 48, kSnpRegisters, {}, kSnpHazards, kSnpVersions},
    {"nitro", "pcr0", 48, kNitroRegisters, {}, {}, {}},
}};

string_view Genuine(string_view tee) {
  if (tee == "simulated") return "sgx";
  constexpr string_view prefix = "simulated-";
  return tee.starts_with(prefix) ? tee.substr(prefix.size()) : tee;
}

}  // namespace

const TeeVocabulary* FindTee(string_view tee) {
  if (std::find(kNames.begin(), kNames.end(), tee) == kNames.end()) return nullptr;
  const auto it = std::find_if(kTees.begin(), kTees.end(), [&](const auto& each) { return each.tee == Genuine(tee); });
  return it == kTees.end() ? nullptr : &*it;
}

std::span<const string_view> TeeNames() { return kNames; }

string_view TeeTitle(string_view tee) {
  const string_view name = Genuine(tee);
  if (name == "sgx") return "SGX";
  if (name == "tdx") return "TDX";
  if (name == "snp") return "SEV-SNP";
  if (name == "nitro") return "AWS Nitro";
  return name;
}

}  // namespace attestml::policy
