#include "tee/azure_report.h"

#include "base/byte_writer.h"

namespace attestml::tee {

Bytes EncodeAzureReport(const AzureReport& report) {
  const auto runtime = static_cast<std::uint32_t>(report.runtime_data.size());
  ByteWriter out;
  out.WriteBytes(AsBytes("HCLA"));
  out.WriteU32Le(2);               // version
  out.WriteU32Le(1236 + runtime);  // all but the padding
  out.WriteU32Le(2);               // a report
  out.WriteZeros(16);
  out.WriteBytes(report.hardware_report);
  out.WriteZeros(1184 - report.hardware_report.size());
  out.WriteU32Le(20 + runtime);
  out.WriteU32Le(1);  // version
  out.WriteU32Le(report.is_tdx ? 4 : 2);
  out.WriteU32Le(1);  // SHA-256
  out.WriteU32Le(runtime);
  out.WriteBytes(AsBytes(report.runtime_data));
  out.WriteZeros(report.padding);
  return std::move(out).Take();
}

}  // namespace attestml::tee
