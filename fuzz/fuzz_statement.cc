// Reading what was written and writing it again gives the same text.
#include "fuzz.h"
#include "statement/claims.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto claim = statement::ParseStatement(fuzz::Text(data, size));
  if (!claim.ok() || std::holds_alternative<statement::UnknownClaim>(*claim)) return 0;
  const std::string text = statement::WriteStatement(*claim);
  const auto again = statement::ParseStatement(text);
  fuzz::Require(again.ok() && statement::WriteStatement(*again) == text);
  return 0;
}
