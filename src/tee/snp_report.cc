#include "tee/snp_report.h"

#include <algorithm>
#include <utility>

#include "base/byte_writer.h"

namespace attestml::tee {
namespace {

constexpr std::size_t kSignatureBlock = 512;
constexpr std::size_t kComponent = 72;

// A number of 48 bytes, big endian, as 72 bytes, little endian.
void WriteComponent(BytesView number, ByteWriter* out) {
  Bytes little(number.rbegin(), number.rend());
  out->WriteBytes(little);
  out->WriteZeros(kComponent - little.size());
}

}  // namespace

Bytes EncodeSnpReportBody(const SnpReportBody& body) {
  ByteWriter out;
  out.WriteU32Le(body.version);
  out.WriteU32Le(body.guest_svn);
  out.WriteU64Le(body.policy);
  out.WriteBytes(body.family_id);
  out.WriteBytes(body.image_id);
  out.WriteU32Le(body.vmpl);
  out.WriteU32Le(body.signature_algorithm);
  out.WriteBytes(body.current_tcb);
  out.WriteU64Le(body.platform_info);
  out.WriteU32Le(body.flags);
  out.WriteZeros(4);
  out.WriteBytes(body.report_data);
  out.WriteBytes(body.measurement);
  out.WriteBytes(body.host_data);
  out.WriteBytes(body.id_key_digest);
  out.WriteBytes(body.author_key_digest);
  out.WriteBytes(body.report_id);
  out.WriteBytes(body.report_id_ma);
  out.WriteBytes(body.reported_tcb);
  out.WriteBytes(body.cpuid);
  out.WriteZeros(21);
  out.WriteBytes(body.chip_id);
  out.WriteBytes(body.committed_tcb);
  out.WriteBytes(body.current_firmware);
  out.WriteZeros(1);
  out.WriteBytes(body.committed_firmware);
  out.WriteZeros(1);
  out.WriteBytes(body.launch_tcb);
  out.WriteU64Le(body.launch_mitigations);
  out.WriteU64Le(body.current_mitigations);
  out.WriteZeros(152);
  return std::move(out).Take();
}

Bytes EncodeSnpReport(const SnpReportBody& body, const crypto::PrivateKey& key) {
  const Bytes signed_bytes = EncodeSnpReportBody(body);
  const Bytes signature = key.SignRaw(signed_bytes);
  const std::size_t half = signature.size() / 2;
  ByteWriter out;
  out.WriteBytes(signed_bytes);
  WriteComponent(BytesView(signature).first(half), &out);
  WriteComponent(BytesView(signature).last(half), &out);
  out.WriteZeros(kSignatureBlock - 2 * kComponent);
  return std::move(out).Take();
}

}  // namespace attestml::tee
