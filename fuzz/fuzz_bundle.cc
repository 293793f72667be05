// A bundle nobody vouches for never verifies, however it is made.
#include "fuzz.h"
#include "statement/envelope.h"
#include "verify/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto envelopes = statement::ParseBundle(fuzz::Text(data, size));
  if (!envelopes.ok()) return 0;
  const auto outcome = verify::VerifyBundle(*envelopes, {}, verify::VendorAnchors(), Time{1790000000});
  if (!outcome.bundle.ok()) return 0;
  for (const auto& statement : outcome.bundle->statements()) fuzz::Require(!statement.evidence);
  return 0;
}
