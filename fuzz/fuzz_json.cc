// The canonical text of a value reads as that value, and is its own canonical text.
#include "base/json.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto value = ParseJson(fuzz::Text(data, size));
  if (!value.ok()) return 0;
  const std::string text = DumpJson(*value);
  const auto again = ParseJson(text);
  fuzz::Require(again.ok() && *again == *value && DumpJson(*again) == text);
  return 0;
}
