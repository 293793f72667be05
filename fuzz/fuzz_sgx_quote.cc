// A quote, of SGX or TDX and of any version, is exactly its parts: put together again they give the bytes that were
// read.
#include "base/byte_writer.h"
#include "evidence/sgx/quote.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto quote = evidence::sgx::ParseQuote(BytesView(data, size));
  if (!quote.ok()) return 0;
  ByteWriter certification;
  certification.WriteBytes(quote->qe_report_bytes);
  certification.WriteBytes(quote->qe_signature);
  certification.WriteU16Le(static_cast<std::uint16_t>(quote->qe_auth_data.size()));
  certification.WriteBytes(quote->qe_auth_data);
  certification.WriteU16Le(quote->certification_type);
  certification.WriteU32Le(static_cast<std::uint32_t>(quote->certification_data.size()));
  certification.WriteBytes(quote->certification_data);
  ByteWriter signature;
  signature.WriteBytes(quote->signature);
  signature.WriteBytes(quote->attestation_key);
  if (quote->version > 3) {
    signature.WriteU16Le(6);
    signature.WriteU32Le(static_cast<std::uint32_t>(certification.size()));
  }
  signature.WriteBytes(certification.view());
  ByteWriter out;
  out.WriteBytes(quote->signed_bytes);
  out.WriteU32Le(static_cast<std::uint32_t>(signature.size()));
  out.WriteBytes(signature.view());
  out.WriteZeros(quote->padding);
  fuzz::Require(std::move(out).Take() == Bytes(data, data + size));
  return 0;
}
