#include "crypto/certificate_builder.h"
#include "crypto/key.h"
#include "crypto/pem.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const std::string_view text = fuzz::Text(data, size);
  static_cast<void>(crypto::PublicKey::FromPem(text));
  const auto blocks = crypto::ParsePem(text);
  if (!blocks.ok()) return 0;
  std::string again;
  for (const auto& block : *blocks) again += crypto::DerToPem(block.label, block.der);
  const auto same = crypto::ParsePem(again);
  fuzz::Require(same.ok() && same->size() == blocks->size());
  for (std::size_t i = 0; i < same->size(); ++i) fuzz::Require((*same)[i].der == (*blocks)[i].der);
  return 0;
}
