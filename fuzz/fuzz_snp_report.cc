// A report is exactly its parts: the signed bytes, put together again from what was read, are those that were read.
#include <algorithm>

#include "base/byte_writer.h"
#include "evidence/snp/describe.h"
#include "evidence/snp/report.h"
#include "fuzz.h"

namespace {

using namespace attestml;
namespace snp = evidence::snp;

void WriteFirmware(const snp::FirmwareVersion& version, ByteWriter* out) {
  out->WriteU8(version.build);
  out->WriteU8(version.minor);
  out->WriteU8(version.major);
  out->WriteZeros(1);
}

void WriteComponent(BytesView number, ByteWriter* out) {
  out->WriteBytes(Bytes(number.rbegin(), number.rend()));
  out->WriteZeros(24);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report = snp::ParseReport(BytesView(data, size));
  if (!report.ok()) return 0;
  ByteWriter out;
  out.WriteU32Le(report->version);
  out.WriteU32Le(report->guest_svn);
  out.WriteU64Le(report->policy.bits);
  out.WriteBytes(report->family_id);
  out.WriteBytes(report->image_id);
  out.WriteU32Le(report->vmpl);
  out.WriteU32Le(1);
  out.WriteBytes(report->current_tcb);
  out.WriteU64Le(report->platform_info.bits);
  out.WriteU32Le((report->author_key ? 1U : 0U) | (report->mask_chip_key ? 2U : 0U) |
                 (report->signing_key == snp::SigningKey::kVlek ? 4U : 0U));
  out.WriteZeros(4);
  out.WriteBytes(report->report_data);
  out.WriteBytes(report->measurement);
  out.WriteBytes(report->host_data);
  out.WriteBytes(report->id_key_digest);
  out.WriteBytes(report->author_key_digest);
  out.WriteBytes(report->report_id);
  out.WriteBytes(report->report_id_ma);
  out.WriteBytes(report->reported_tcb);
  const snp::Cpuid cpuid = report->cpuid.value_or(snp::Cpuid{});
  out.WriteU8(cpuid.family);
  out.WriteU8(cpuid.model);
  out.WriteU8(cpuid.stepping);
  out.WriteZeros(21);
  out.WriteBytes(report->chip_id);
  out.WriteBytes(report->committed_tcb);
  WriteFirmware(report->current, &out);
  WriteFirmware(report->committed, &out);
  out.WriteBytes(report->launch_tcb);
  out.WriteU64Le(report->launch_mitigations.value_or(0));
  out.WriteU64Le(report->current_mitigations.value_or(0));
  out.WriteZeros(152);
  const BytesView signed_bytes = out.view();
  fuzz::Require(
      std::equal(signed_bytes.begin(), signed_bytes.end(), report->signed_bytes.begin(), report->signed_bytes.end()));
  WriteComponent(BytesView(report->signature).first(48), &out);
  WriteComponent(BytesView(report->signature).last(48), &out);
  out.WriteZeros(368);
  fuzz::Require(std::move(out).Take() == Bytes(data, data + size));
  fuzz::Require(!snp::DescribeReport(BytesView(data, size)).contains("error"));
  return 0;
}
