#include "base/json.h"
#include "fuzz.h"
#include "statement/encoding.h"
#include "statement/selection.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto value = ParseJson(fuzz::Text(data, size));
  if (!value.ok()) return 0;
  if (const auto selection = statement::ParseSelection(*value); selection.ok()) {
    const auto again = statement::ParseSelection(statement::SelectionToJson(*selection));
    fuzz::Require(statement::SelectionText(*selection) == DumpJson(statement::SelectionToJson(*selection)));
    fuzz::Require(again.ok() && *again == *selection);
  }
  if (const auto encoding = statement::ParseEncoding(*value); encoding.ok()) {
    const auto again = statement::ParseEncoding(statement::EncodingToJson(*encoding));
    fuzz::Require(again.ok() && *again == *encoding);
  }
  return 0;
}
