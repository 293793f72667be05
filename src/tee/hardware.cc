#include "tee/hardware.h"

#include <array>
#include <cstdlib>
#include <utility>

#include "tee/configfs_tsm.h"
#include "tee/gramine.h"
#include "tee/nsm.h"
#include "tee/sev_guest.h"

namespace attestml::tee {
namespace {

struct Known {
  std::string_view title, path;
  Result<std::unique_ptr<Device>> (*open)(const std::string& path);
};
// Most telling first: an enclave's before a guest's, newer before older ones.
constexpr std::array<Known, 4> kInterfaces = {{
    {"Gramine", "/dev/attestation", OpenGramine},
    {"Nitro Secure Module", "/dev/nsm", [](const std::string& path) { return OpenNsm(path); }},
    {"configfs-tsm", "/sys/kernel/config/tsm/report", OpenConfigfsTsm},
    {"sev-guest", "/dev/sev-guest", [](const std::string& path) { return OpenSevGuest(path); }},
}};

}  // namespace

std::vector<Probe> ProbeHardware(const std::string& root) {
  std::vector<Probe> out;
  for (const Known& known : kInterfaces) {
    Probe probe{known.title, root + std::string(known.path), "", {}};
    const auto device = known.open(probe.path);
    if (device.ok()) {
      probe.tee = (*device)->name();
    } else {
      probe.absent = device.error();
    }
    out.push_back(std::move(probe));
  }
  return out;
}

Result<Hardware> OpenHardware(std::string_view tee, const std::string& root) {
  std::string reasons;
  for (const Known& known : kInterfaces) {
    const std::string path = root + std::string(known.path);
    auto device = known.open(path);
    if (device.ok() && (tee == "auto" || (*device)->name() == tee)) {
      return Hardware{known.title, path, std::move(device).value()};
    }
    reasons += std::string(reasons.empty() ? "" : "; ") + std::string(known.title) + ": ";
    reasons += device.ok() ? "it is " + (*device)->name() : device.error().message;
  }
  return Unavailable("tee.absent", "this machine offers no " +
                                       (tee == "auto" ? std::string("TEE") : "TEE of the kind " + std::string(tee)) +
                                       ": " + reasons);
}

std::string HardwareRoot() {
  const char* root = std::getenv("ATTESTML_TEE_ROOT");
  return root == nullptr ? "" : root;
}

}  // namespace attestml::tee
