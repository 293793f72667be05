#include "evidence/azure/hcl_report.h"

#include <algorithm>
#include <string>

#include "base/byte_reader.h"

namespace attestml::evidence::azure {
namespace {

constexpr std::string_view kSignature = "HCLA";
constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kRequestSize = 20;
constexpr std::uint32_t kReportRequest = 2;
constexpr std::uint32_t kSnpType = 2, kTdxType = 4;
constexpr std::uint32_t kSha256 = 1;
constexpr std::size_t kSnpReportData = 0x50;
constexpr std::size_t kTdReportData = 128;  // REPORTMACSTRUCT
constexpr std::size_t kTdReportSize = 1024;
constexpr std::uint8_t kTdReportType = 0x81;

Error Truncated() { return Malformed("azure.report.truncated", "the report ends inside its fixed part"); }

// What the header says of all that follows it; the size counts what is before the padding.
struct Header {
  std::uint32_t version = 0, size = 0, request_type = 0, status = 0;
  std::array<std::uint8_t, 12> reserved{};
};

Status ReadHeader(ByteReader* in, Header* out) {
  BytesView signature;
  if (!in->ReadBytes(kSignature.size(), &signature)) return Truncated();
  if (AsText(signature) != kSignature) return Malformed("azure.report.header", "does not begin with HCLA");
  if (!in->ReadU32Le(&out->version) || !in->ReadU32Le(&out->size) || !in->ReadU32Le(&out->request_type) ||
      !in->ReadU32Le(&out->status) || !in->ReadArray(&out->reserved)) {
    return Truncated();
  }
  if (out->version != 1 && out->version != 2) {
    return Unsupported("azure.report.version", "version is " + std::to_string(out->version) + ", want 1 or 2");
  }
  if (out->request_type != kReportRequest || out->status != 0 || !AllZero(out->reserved)) {
    return Malformed("azure.report.header", "request type, status or reserved bytes are not a report's");
  }
  return {};
}

Status ReadHardwareReport(ByteReader* in, BytesView* out) {
  if (!in->ReadBytes(kHardwareReportSize, out)) return Truncated();
  return {};
}

Status TakeHardwareReport(BytesView bytes, std::uint32_t type, HclReport* out) {
  std::size_t at = kSnpReportData;
  if (type == kSnpType) {
    out->type = ReportType::kSnp;
  } else if (type == kTdxType) {
    out->type = ReportType::kTdx;
    at = kTdReportData;
    if (bytes[0] != kTdReportType || !AllZero(bytes.subspan(kTdReportSize))) {
      return Malformed("azure.report.hardware", "the hardware report is said to be of TDX, and is no TDREPORT");
    }
  } else {
    return Unsupported("azure.report.type", "hardware report of type " + std::to_string(type) + ", want 2 or 4");
  }
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), out->report_data.size(), out->report_data.begin());
  out->hardware_report = ToBytes(bytes);
  return {};
}

}  // namespace

bool LooksLikeHclReport(BytesView bytes) { return AsText(bytes).starts_with(kSignature); }

Result<HclReport> ParseHclReport(BytesView bytes) {
  if (bytes.size() > kMaxReport) {
    return Malformed("azure.report.size", "report of " + std::to_string(bytes.size()) + " bytes, want at most " +
                                              std::to_string(kMaxReport));
  }
  ByteReader in(bytes);
  Header header;
  ATTESTML_CHECK(ReadHeader(&in, &header));
  BytesView hardware;
  ATTESTML_CHECK(ReadHardwareReport(&in, &hardware));
  std::uint32_t size = 0, version = 0, type = 0, hash = 0;
  if (!in.ReadU32Le(&size) || !in.ReadU32Le(&version) || !in.ReadU32Le(&type) || !in.ReadU32Le(&hash)) {
    return Truncated();
  }
  HclReport out;
  ATTESTML_CHECK(TakeHardwareReport(hardware, type, &out));
  if (version != 1) return Malformed("azure.report.request", "version of the runtime part is not 1");
  if (hash != kSha256) {
    return Unsupported("azure.report.hash", "hash type is " + std::to_string(hash) + ", want 1 (SHA-256)");
  }
  ByteReader runtime;
  if (!in.ReadU32LePrefixed(&runtime)) {
    return Malformed("azure.report.runtime_size", "runtime data runs past the end of the report");
  }
  const std::size_t runtime_size = runtime.remaining();
  if (size != kRequestSize + runtime_size ||
      header.size != kHeaderSize + kHardwareReportSize + kRequestSize + runtime_size) {
    return Malformed("azure.report.runtime_size", "the three sizes that the report states do not agree");
  }
  if (!AllZero(in.rest())) return Malformed("azure.report.trailing", "bytes after the runtime data that are not zero");
  out.runtime_data = ToBytes(runtime.rest());
  return out;
}

}  // namespace attestml::evidence::azure
