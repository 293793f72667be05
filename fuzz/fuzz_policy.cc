#include "fuzz.h"
#include "policy/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  static_cast<void>(policy::ParseRange(fuzz::Text(data, size)));
  static_cast<void>(policy::ParsePolicy(fuzz::Text(data, size), "fuzz.toml"));
  return 0;
}
