// A package that was read and written reads as the same package.
#include "evidence/package.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto package = evidence::DecodeCmw(fuzz::Text(data, size));
  if (!package.ok()) return 0;
  const std::string text = evidence::EncodeCmw(*package);
  const auto again = evidence::DecodeCmw(text);
  fuzz::Require(again.ok() && again->media_type == package->media_type && again->evidence == package->evidence);
  fuzz::Require(again->collateral.size() == package->collateral.size() && evidence::EncodeCmw(*again) == text);
  return 0;
}
