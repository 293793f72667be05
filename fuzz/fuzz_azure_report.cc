// A report is exactly its parts, and zeros.
#include <algorithm>

#include "base/byte_writer.h"
#include "evidence/azure/hcl_report.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto report = evidence::azure::ParseHclReport(BytesView(data, size));
  if (!report.ok()) return 0;
  const auto runtime = static_cast<std::uint32_t>(report->runtime_data.size());
  ByteWriter out;
  out.WriteBytes(BytesView(data, 8));  // signature and version
  out.WriteU32Le(1236 + runtime);
  out.WriteU32Le(2);
  out.WriteZeros(16);
  out.WriteBytes(report->hardware_report);
  out.WriteU32Le(20 + runtime);
  out.WriteU32Le(1);
  out.WriteU32Le(report->type == evidence::azure::ReportType::kSnp ? 2 : 4);
  out.WriteU32Le(1);
  out.WriteU32Le(runtime);
  out.WriteBytes(report->runtime_data);
  const Bytes again = std::move(out).Take();
  fuzz::Require(again.size() <= size && std::equal(again.begin(), again.end(), data));
  fuzz::Require(std::all_of(data + again.size(), data + size, [](std::uint8_t byte) { return byte == 0; }));
  return 0;
}
