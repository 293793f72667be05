// What TEE this machine is in, by the interfaces that a kernel, or Gramine, offers. Never a simulated one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tee/device.h"

namespace attestml::tee {

struct Probe {
  std::string_view title;  // "Gramine", "configfs-tsm"
  std::string path;
  std::string tee;  // "sgx", "tdx", "snp", "nitro"; "" when it offers none
  Error absent;     // why not, where it does not
};

// ProbeHardware looks at each interface below `root` ("" for the machine's own "/"). Opens and closes, asks for
// nothing.
std::vector<Probe> ProbeHardware(const std::string& root);

struct Hardware {
  std::string_view interface;
  std::string path;
  std::unique_ptr<Device> device;
};

// OpenHardware opens the first that offers `tee`, or any where `tee` is "auto". Error id tee.absent: none does; the
// message says of each why.
Result<Hardware> OpenHardware(std::string_view tee, const std::string& root);

// $ATTESTML_TEE_ROOT: where tests put what they make in place of /dev and /sys; else "". What a device says is verified
// by others, so that whoever sets it gains nothing.
std::string HardwareRoot();

}  // namespace attestml::tee
