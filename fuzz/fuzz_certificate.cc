// Everything a verifier asks of a certificate, on certificates that parse.
#include "crypto/certificate.h"
#include "evidence/sgx/pck.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto certificate = crypto::Certificate::FromDer(BytesView(data, size));
  static_cast<void>(evidence::sgx::ParsePckExtension(BytesView(data, size)));
  if (!certificate.ok()) return 0;
  fuzz::Require(certificate->der() == Bytes(data, data + size));
  static_cast<void>(certificate->subject() + certificate->issuer() + certificate->common_name());
  static_cast<void>(certificate->unknown_critical());
  static_cast<void>(certificate->SignedBy(*certificate));
  static_cast<void>(evidence::sgx::PckExtensionOf(*certificate));
  return 0;
}
