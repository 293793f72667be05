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
  Interface interface;
  std::string_view title, path;
};
constexpr std::array<Known, 4> kInterfaces = {{
    {Interface::kGramine, "Gramine", "/dev/attestation"},
    {Interface::kNsm, "Nitro Secure Module", "/dev/nsm"},
    {Interface::kConfigfsTsm, "configfs-tsm", "/sys/kernel/config/tsm/report"},
    {Interface::kSevGuest, "sev-guest", "/dev/sev-guest"},
}};

Result<std::unique_ptr<Device>> Open(Interface interface, const std::string& path) {
  switch (interface) {
    case Interface::kGramine:
      return OpenGramine(path);
    case Interface::kNsm:
      return OpenNsm(path);
    case Interface::kConfigfsTsm:
      return OpenConfigfsTsm(path);
    case Interface::kSevGuest:
      break;
  }
  return OpenSevGuest(path);
}

}  // namespace

std::vector<Probe> ProbeHardware(const std::string& root) {
  std::vector<Probe> out;
  for (const Known& known : kInterfaces) {
    Probe probe{known.interface, known.title, root + std::string(known.path), "", {}};
    const auto device = Open(known.interface, probe.path);
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
    auto device = Open(known.interface, path);
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
