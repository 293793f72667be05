#include "crypto/certificate.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const BytesView der(data, size);
  const auto issuer = crypto::Crl::IssuerOf(der);
  const auto crl = crypto::Crl::FromDer(der);
  if (!crl.ok()) return 0;
  fuzz::Require(crl->der() == ToBytes(der));
  // What finds a CRL and what reads it must agree on whose it is.
  fuzz::Require(issuer && ToBytes(*issuer) == crl->issuer_der());
  static_cast<void>(crl->issuer());
  static_cast<void>(crl->size());
  return 0;
}
