// What can be read is refused in the end: nobody holds the one root that is named. Reading and verifying agree on what
// the bytes are.
#include "crypto/timestamp.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const BytesView bytes(data, size);
  const auto stamp = crypto::ReadTimestamp(bytes);
  if (!stamp.ok()) return 0;
  fuzz::Require(FormatTime(stamp->time).size() == 20);
  const crypto::Digest256 nobody[] = {crypto::Sha256({})};
  const auto verified = crypto::VerifyTimestamp(bytes, stamp->imprint, nobody);
  fuzz::Require(!verified.ok());
  fuzz::Require(verified.error().id.starts_with("timestamp."));
  return 0;
}
