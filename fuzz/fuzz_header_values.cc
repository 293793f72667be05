#include "crypto/pem.h"
#include "fetch/header_values.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const std::string_view text = fuzz::Text(data, size);
  if (const auto chain = fetch::DecodeIssuerChain(text); chain.ok()) {
    // Every byte encoded says the same.
    constexpr char kDigits[] = "0123456789aBcDeF";
    std::string encoded;
    for (const char c : *chain) {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    const auto again = fetch::DecodeIssuerChain(encoded);
    fuzz::Require(encoded.size() > fetch::kMaxIssuerChain || (again.ok() && *again == *chain));
    fuzz::Require(crypto::ParsePem(*chain).ok());
  }
  if (const auto seconds = fetch::ParseRetryAfter(text, Time{1'700'000'000})) {
    fuzz::Require(*seconds >= 0 && *seconds <= 365.0 * 86400);
  }
  return 0;
}
