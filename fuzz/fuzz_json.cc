// The canonical text of a value reads as that value, and is its own canonical text. Both readers say the same.
#include "base/json.h"
#include "base/json_document.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto value = ParseJson(fuzz::Text(data, size));
  const auto document = JsonDocument::Parse(fuzz::Text(data, size));
  fuzz::Require(value.ok() == document.ok());
  if (!value.ok()) {
    fuzz::Require(value.error().id == document.error().id && value.error().message == document.error().message);
    return 0;
  }
  const std::string text = DumpJson(*value);
  const auto again = ParseJson(text);
  fuzz::Require(again.ok() && *again == *value && DumpJson(*again) == text);
  fuzz::Require(document->root().ToJson() == *value && DumpJson(document->root().ToJson()) == text);
  fuzz::Require(value->is_string() || document->root().Canonical() == text);
  return 0;
}
