#include "evidence/sgx/quote.h"

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "base/hex.h"

namespace attestml::evidence::sgx {
namespace {

std::string Refusal(const Bytes& bytes) {
  const auto quote = ParseQuote(bytes);
  return quote.ok() ? "" : quote.error().id + ": " + quote.error().message;
}

// An SGX quote of the layout of its version, by its signature data.
Bytes QuoteOf(int version, BytesView signature_data) {
  ByteWriter out;
  out.WriteU16Le(static_cast<std::uint16_t>(version));
  out.WriteU16Le(2);
  out.WriteU32Le(0);
  out.WriteU16Le(1);
  out.WriteU16Le(1);
  out.WriteBytes(HexDecode("939a7233f79c4ca9940a0db3957f0607").value());
  out.WriteZeros(20);
  if (version == 5) {
    out.WriteU16Le(1);
    out.WriteU32Le(384);
  }
  out.WriteZeros(384);
  out.WriteU32Le(static_cast<std::uint32_t>(signature_data.size()));
  out.WriteBytes(signature_data);
  return std::move(out).Take();
}

// QE report, its signature, 32 bytes of authentication data, a certificate chain of 10 bytes.
Bytes Certification(int type = 5) {
  ByteWriter out;
  out.WriteZeros(384);
  out.WriteZeros(64);
  out.WriteU16Le(32);
  out.WriteZeros(32);
  out.WriteU16Le(static_cast<std::uint16_t>(type));
  out.WriteU32Le(10);
  out.WriteBytes(Bytes(10, 'a'));
  return std::move(out).Take();
}
Bytes SignatureDataOf3(int type = 5) {
  Bytes out(128);
  const Bytes rest = Certification(type);
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}
Bytes SignatureDataOf4(std::size_t size_of_certification) {
  const Bytes certification = Certification();
  ByteWriter out;
  out.WriteZeros(128);
  out.WriteU16Le(6);
  out.WriteU32Le(static_cast<std::uint32_t>(size_of_certification));
  out.WriteBytes(BytesView(certification).first(size_of_certification));
  return std::move(out).Take();
}

// Everything that could follow where certification data is cut short, the sizes that hold it being as short.
std::string RefusalOfCertification(std::size_t size) {
  const std::string id = "sgx.quote.";
  if (size < 448) return id + "signature_size: signature data is too short for its fixed part";
  if (size < 448 + 2 + 32) {
    return id + "auth_size: QE authentication data runs past the end of the signature data";
  }
  return id + "cert_size: certification data runs past the end of the signature data";
}

TEST(Quote, SignatureDataOfEveryLength) {
  const Bytes whole = SignatureDataOf3();
  ASSERT_EQ(Refusal(QuoteOf(3, whole)), "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Refusal(QuoteOf(3, BytesView(whole).first(size))), RefusalOfCertification(size < 128 ? 0 : size - 128))
        << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_EQ(Refusal(QuoteOf(3, longer)), "sgx.quote.slack: 1 bytes after the certification data");
}

TEST(Quote, SignatureDataOfVersions4And5) {
  const std::size_t size = Certification().size();
  const Bytes whole = SignatureDataOf4(size);
  const std::string id = "sgx.quote.";
  for (const int version : {4, 5}) {
    ASSERT_EQ(Refusal(QuoteOf(version, whole)), "");
    for (std::size_t n = 0; n < whole.size(); ++n) {
      EXPECT_EQ(Refusal(QuoteOf(version, BytesView(whole).first(n))),
                n < 130 ? id + "signature_size: signature data is too short for its fixed part"
                        : id + "qe_cert_size: QE certification data runs past the end of the signature data")
          << n;
    }
    for (std::size_t n = 0; n < size; ++n) {
      EXPECT_EQ(Refusal(QuoteOf(version, SignatureDataOf4(n))), RefusalOfCertification(n)) << n;
    }
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_EQ(Refusal(QuoteOf(version, longer)), id + "slack: 1 bytes after the QE certification data");
    Bytes other = whole;
    other[128] = 5;
    EXPECT_EQ(Refusal(QuoteOf(version, other)),
              id + "qe_cert_type: QE certification data type is 5, want 6 (QE report)");
  }
}

TEST(Quote, CertificationTypes) {
  for (const int type : {0, 1, 2, 3, 4, 6, 7, 65535}) {
    EXPECT_EQ(
        Refusal(QuoteOf(3, SignatureDataOf3(type))),
        "sgx.quote.cert_type: certification data type is " + std::to_string(type) + ", want 5 (PCK certificate chain)");
  }
}

TEST(Quote, EveryLength) {
  const Bytes whole = QuoteOf(3, SignatureDataOf3());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string want = size < 48         ? "sgx.quote.truncated: quote ends inside its header"
                             : size < 48 + 384 ? "sgx.quote.truncated: quote ends inside its report body"
                             : size < 48 + 388
                                 ? "sgx.quote.truncated: quote ends inside its signature size"
                                 : "sgx.quote.signature_size: signature data runs past the end of the quote";
    EXPECT_EQ(Refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), want) << size;
  }
}

// The layout is of the version that is stated: one that nobody has defined gets no other's.
TEST(Quote, Versions) {
  const Bytes newer = SignatureDataOf4(Certification().size());
  for (const int version : {0, 2, 6, 65535}) {
    for (const Bytes& signature_data : {SignatureDataOf3(), newer}) {
      EXPECT_EQ(Refusal(QuoteOf(version, signature_data)),
                "sgx.quote.version: quote version is " + std::to_string(version) + ", want 3, 4 or 5");
    }
  }
}

TEST(ReportBody, OneSize) {
  EXPECT_TRUE(ParseReportBody(Bytes(384)).ok());
  for (const std::size_t size : {0, 16, 20, 32, 48, 64, 96, 128, 160, 192, 256, 258, 260, 262, 304, 320, 383, 385}) {
    const auto report = ParseReportBody(Bytes(size));
    ASSERT_FALSE(report.ok()) << size;
    EXPECT_EQ(report.error().id, "sgx.report.size");
  }
}

}  // namespace
}  // namespace attestml::evidence::sgx
