#include "evidence/azure/hcl_report.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/byte_writer.h"

namespace attestml::evidence::azure {
namespace {

constexpr std::uint32_t kSnp = 2, kTdx = 4;

// A report by its parts; every size can be a lie.
struct Parts {
  std::string signature = "HCLA";
  std::uint32_t version = 2, request_type = 2, status = 0;
  Bytes reserved = Bytes(12, 0);
  Bytes hardware = Bytes(kHardwareReportSize, 0);
  std::uint32_t request_version = 1, type = kSnp, hash = 1;
  Bytes runtime = {'{', '}'};
  std::uint32_t header_size_off_by = 0, request_size_off_by = 0, runtime_size_off_by = 0;
  Bytes padding = Bytes(100, 0);

  Bytes Encode() const {
    const auto runtime_size = static_cast<std::uint32_t>(runtime.size());
    ByteWriter out;
    out.WriteText(signature);
    out.WriteU32Le(version);
    out.WriteU32Le(32 + 1184 + 20 + runtime_size + header_size_off_by);
    out.WriteU32Le(request_type);
    out.WriteU32Le(status);
    out.WriteBytes(reserved);
    out.WriteBytes(hardware);
    out.WriteU32Le(20 + runtime_size + request_size_off_by);
    out.WriteU32Le(request_version);
    out.WriteU32Le(type);
    out.WriteU32Le(hash);
    out.WriteU32Le(runtime_size + runtime_size_off_by);
    out.WriteBytes(runtime);
    out.WriteBytes(padding);
    return std::move(out).Take();
  }
};

Parts Tdx() {
  Parts parts;
  parts.type = kTdx;
  parts.hardware[0] = 0x81;
  return parts;
}

// "id: message", "" when it is read.
std::string Refusal(const Bytes& bytes) {
  const auto report = ParseHclReport(bytes);
  return report.ok() ? "" : report.error().id + ": " + report.error().message;
}
std::string With(const std::function<void(Parts&)>& change, Parts parts = {}) {
  change(parts);
  return Refusal(parts.Encode());
}

TEST(HclReport, EveryPartIsReadFromItsPlace) {
  for (const std::uint32_t type : {kSnp, kTdx}) {
    Parts parts = type == kTdx ? Tdx() : Parts();
    const std::size_t at = type == kTdx ? 128 : 0x50;
    parts.hardware[at] = 7;
    parts.hardware[at + 63] = 9;
    const auto report = ParseHclReport(parts.Encode());
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->type, type == kTdx ? ReportType::kTdx : ReportType::kSnp);
    EXPECT_EQ(report->hardware_report, parts.hardware);
    EXPECT_EQ(report->report_data[0], 7);
    EXPECT_EQ(report->report_data[63], 9);
    EXPECT_EQ(report->runtime_data, parts.runtime);
  }
  EXPECT_EQ(With([](Parts& p) { p.version = 1; }), "");
  EXPECT_EQ(With([](Parts& p) { p.padding = {}; }), "");
  EXPECT_EQ(With([](Parts& p) { p.runtime = {}; }), "");
}

TEST(HclReport, FixedParts) {
  const std::string header = "azure.report.header: ";
  EXPECT_EQ(With([](Parts& p) { p.signature = "HCLB"; }), header + "does not begin with HCLA");
  const std::string other = header + "request type, status or reserved bytes are not a report's";
  EXPECT_EQ(With([](Parts& p) { p.request_type = 1; }), other);
  EXPECT_EQ(With([](Parts& p) { p.status = 1; }), other);
  EXPECT_EQ(With([](Parts& p) { p.reserved[11] = 1; }), other);
  for (const std::uint32_t version : {0U, 3U}) {
    EXPECT_EQ(With([&](Parts& p) { p.version = version; }),
              "azure.report.version: version is " + std::to_string(version) + ", want 1 or 2");
    EXPECT_EQ(With([&](Parts& p) { p.type = version; }),
              "azure.report.type: hardware report of type " + std::to_string(version) + ", want 2 or 4");
  }
  EXPECT_EQ(With([](Parts& p) { p.request_version = 2; }),
            "azure.report.request: version of the runtime part is not 1");
  EXPECT_EQ(With([](Parts& p) { p.hash = 2; }), "azure.report.hash: hash type is 2, want 1 (SHA-256)");
}

// A TDREPORT has 1024 bytes; what is left of the room for an SEV-SNP report says nothing.
TEST(HclReport, ATdReportIsOne) {
  const std::string none = "azure.report.hardware: the hardware report is said to be of TDX, and is no TDREPORT";
  EXPECT_EQ(With([](Parts& p) { p.hardware[0] = 0; }, Tdx()), none);
  EXPECT_EQ(With([](Parts& p) { p.hardware[1023] = 1; }, Tdx()), "");
  EXPECT_EQ(With([](Parts& p) { p.hardware[1024] = 1; }, Tdx()), none);
  EXPECT_EQ(With([](Parts& p) { p.hardware.back() = 1; }, Tdx()), none);
}

TEST(HclReport, SizesAgree) {
  const std::string differ = "azure.report.runtime_size: the three sizes that the report states do not agree";
  for (const std::uint32_t off_by : {1U, ~std::uint32_t{0}}) {
    EXPECT_EQ(With([&](Parts& p) { p.header_size_off_by = off_by; }), differ);
    EXPECT_EQ(With([&](Parts& p) { p.request_size_off_by = off_by; }), differ);
    EXPECT_EQ(With([&](Parts& p) { p.runtime_size_off_by = off_by; }), differ);
  }
  const std::string past = "azure.report.runtime_size: runtime data runs past the end of the report";
  EXPECT_EQ(With([](Parts& p) { p.runtime_size_off_by = 101; }), past);
  EXPECT_EQ(With([](Parts& p) { p.runtime_size_off_by = 0x7fffffff; }), past);
  EXPECT_EQ(With([](Parts& p) { p.padding.back() = 1; }),
            "azure.report.trailing: bytes after the runtime data that are not zero");
}

TEST(HclReport, EveryLength) {
  const Bytes whole = Parts().Encode();
  constexpr std::size_t kFixed = 32 + 1184 + 16;
  for (std::size_t size = 0; size < whole.size() - 100; ++size) {
    const std::string refusal = Refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_EQ(refusal, size < kFixed ? "azure.report.truncated: the report ends inside its fixed part"
                                     : "azure.report.runtime_size: runtime data runs past the end of the report")
        << size;
  }
  EXPECT_EQ(With([](Parts& p) { p.padding.resize(kMaxReport); }).substr(0, 17), "azure.report.size");
}

}  // namespace
}  // namespace attestml::evidence::azure
