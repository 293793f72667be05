#include "tee/sgx_quote.h"

#include <algorithm>
#include <utility>

#include "base/byte_writer.h"
#include "crypto/digest.h"

namespace attestml::tee {
namespace {

// X || Y: the last 64 bytes of a P-256 SubjectPublicKeyInfo.
constexpr std::size_t kPoint = 64;
BytesView Point(const crypto::PublicKey& key) { return BytesView(key.spki()).last(kPoint); }

void WriteHeader(const SgxQuoteHeader& header, std::uint32_t tee_type, ByteWriter* out) {
  out->WriteU16Le(header.version);
  out->WriteU16Le(header.key_type);
  out->WriteU32Le(tee_type);
  out->WriteU16Le(header.qe_svn);
  out->WriteU16Le(header.pce_svn);
  out->WriteBytes(header.qe_vendor);
  out->WriteBytes(header.user_data);
}

}  // namespace

Bytes EncodeReportBody(const SgxReportBody& body) {
  ByteWriter out;
  out.WriteBytes(body.cpusvn);
  out.WriteU32Le(body.miscselect);
  out.WriteZeros(28);
  out.WriteU64Le(body.flags);
  out.WriteU64Le(body.xfrm);
  out.WriteBytes(body.mrenclave);
  out.WriteZeros(32);
  out.WriteBytes(body.mrsigner);
  out.WriteZeros(32);
  out.WriteBytes(body.config_id);
  out.WriteU16Le(body.isvprodid);
  out.WriteU16Le(body.isvsvn);
  out.WriteZeros(60);
  out.WriteBytes(body.report_data);
  return std::move(out).Take();
}

Bytes EncodeCertification(const SgxQuoteCertification& certification) {
  ByteWriter out;
  out.WriteBytes(Point(certification.attestation_key));
  out.WriteBytes(certification.qe_report);
  out.WriteBytes(certification.qe_report_signature);
  out.WriteU16Le(static_cast<std::uint16_t>(certification.auth_data.size()));
  out.WriteBytes(certification.auth_data);
  out.WriteU16Le(certification.type);
  out.WriteU32Le(static_cast<std::uint32_t>(certification.data.size()));
  out.WriteBytes(certification.data);
  return std::move(out).Take();
}

std::array<std::uint8_t, 64> QeReportData(const crypto::PublicKey& attestation_key, BytesView auth_data) {
  const crypto::Digest256 digest = crypto::Sha256Stream().Update(Point(attestation_key)).Update(auth_data).Finish();
  std::array<std::uint8_t, 64> out{};
  std::copy(digest.begin(), digest.end(), out.begin());
  return out;
}

Bytes EncodeQuote(const SgxQuoteHeader& header, const SgxReportBody& body, const crypto::PrivateKey& key,
                  BytesView certification) {
  ByteWriter out;
  WriteHeader(header, kTeeTypeSgx, &out);
  out.WriteBytes(EncodeReportBody(body));
  const Bytes signature = key.SignRaw(out.view());
  out.WriteU32Le(static_cast<std::uint32_t>(signature.size() + certification.size()));
  out.WriteBytes(signature);
  out.WriteBytes(certification);
  return std::move(out).Take();
}

Bytes EncodeDcapQuote(const SgxQuoteHeader& header, const DcapLayout& layout, BytesView body,
                      const crypto::PrivateKey& key, BytesView certification) {
  ByteWriter out;
  WriteHeader(header, layout.tee_type, &out);
  if (layout.body_type) {
    out.WriteU16Le(*layout.body_type);
    out.WriteU32Le(layout.body_size.value_or(static_cast<std::uint32_t>(body.size())));
  }
  out.WriteBytes(body);
  const Bytes signature = key.SignRaw(out.view());
  const BytesView point = certification.first(kPoint);
  const BytesView rest = certification.subspan(kPoint);
  out.WriteU32Le(static_cast<std::uint32_t>(signature.size() + point.size() + 2 + 4 + rest.size()));
  out.WriteBytes(signature);
  out.WriteBytes(point);
  out.WriteU16Le(layout.qe_certification_type);
  out.WriteU32Le(static_cast<std::uint32_t>(rest.size()));
  out.WriteBytes(rest);
  return std::move(out).Take();
}

}  // namespace attestml::tee
