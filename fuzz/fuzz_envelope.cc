#include "fuzz.h"
#include "statement/envelope.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto envelope = statement::ParseEnvelope(fuzz::Text(data, size));
  if (!envelope.ok()) return 0;
  const std::string text = statement::WriteEnvelope(*envelope);
  const auto again = statement::ParseEnvelope(text);
  fuzz::Require(again.ok() && again->payload == envelope->payload && again->key_id == envelope->key_id &&
                again->signature == envelope->signature && again->timestamps == envelope->timestamps &&
                statement::WriteEnvelope(*again) == text);
  return 0;
}
