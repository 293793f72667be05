// The whole verifier on a hostile package, against the vendors' roots: it must come to an end, and never to a yes.
#include "evidence/describe.h"
#include "fuzz.h"
#include "verify/evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  static_cast<void>(evidence::DescribeEvidence(BytesView(data, size)));
  const auto package = evidence::DecodeCmw(fuzz::Text(data, size));
  if (!package.ok()) return 0;
  fuzz::Require(!verify::VerifyEvidence(*package, {}, verify::VendorAnchors(), Time{1790000000}).evidence.ok());
  return 0;
}
