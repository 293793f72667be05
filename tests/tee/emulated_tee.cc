// emulated_tee KIND ROOT STATE MEASUREMENT [FAULT]: a machine's TEE below ROOT (as $ATTESTML_TEE_ROOT names it), for
// tests that drive programs. KIND is sgx, tdx or snp; STATE is the folder of the simulated authority; MEASUREMENT is
// hex. Says "ready", and ends when standard input does.
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/hex.h"
#include "emulated.h"
#include "tee/simulated.h"

int main(int argc, char** argv) {
  using namespace attestml;
  if (argc == 2 && std::string(argv[1]) == "--can-mount") return emulated::CanMount() ? 0 : 1;
  if (argc < 5) return 2;
  const std::string kind = argv[1];
  const std::string root = argv[2];
  crypto::Digest256 measurement;
  const auto which = tee::FindSimulatedTee(kind == "sgx" ? "simulated" : "simulated-" + kind);
  if (!which || !HexDecodeInto(argv[4], measurement)) return 2;
  auto device = tee::OpenSimulated(argv[3], measurement, Time{static_cast<std::int64_t>(std::time(nullptr))}, *which);
  if (!device.ok()) {
    std::fprintf(stderr, "emulated_tee: %s\n", device.error().message.c_str());
    return 1;
  }
  const auto package = (*device)->Attest({});
  if (!package.ok()) return 1;
  std::filesystem::create_directories(root + "/collateral");
  for (std::size_t i = 0; i < package->collateral.size(); ++i) {
    std::ofstream(root + "/collateral/" + std::to_string(i), std::ios::binary) << AsText(package->collateral[i].bytes);
  }
  const bool gramine = kind == "sgx";
  const std::string path = root + (gramine ? "/dev/attestation" : "/sys/kernel/config/tsm/report");
  std::filesystem::create_directories(path);
  emulated::Emulation emulation{std::move(device).value(), argc > 5 ? argv[5] : ""};
  const auto mount =
      gramine ? emulated::MountGramine(path, std::move(emulation)) : emulated::MountTsm(path, std::move(emulation));
  std::puts("ready");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
