// Times and numbers that were written read as themselves.
#include "base/decimal.h"
#include "base/time.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const std::string_view text = fuzz::Text(data, size);
  if (const auto time = ParseTime(text); time.ok()) {
    const auto again = ParseTime(FormatTime(*time));
    fuzz::Require(again.ok() && *again == *time);
  }
  if (const auto number = ParseDecimal(text)) {
    const std::string shortest = FormatDecimal(*number);
    const auto again = ParseDecimal(shortest);
    fuzz::Require(again && *again == *number && IsShortestDecimal(shortest));
    fuzz::Require(IsShortestDecimal(text) == (text == shortest));
  } else {
    fuzz::Require(!IsShortestDecimal(text));
  }
  return 0;
}
