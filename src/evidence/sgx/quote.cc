#include "evidence/sgx/quote.h"

#include <algorithm>
#include <string>

#include "base/byte_reader.h"
#include "base/hex.h"

namespace attestml::evidence::sgx {
namespace {

constexpr std::size_t kHeaderSize = 48;
constexpr std::uint16_t kEcdsaP256 = 2;
constexpr std::uint16_t kPckChain = 5;
constexpr std::uint16_t kQeReport = 6;
constexpr std::uint32_t kSgxTee = 0;
constexpr std::uint32_t kTdxTee = 0x81;
// Body types of version 5.
constexpr std::uint16_t kEnclaveBody = 1;
constexpr std::uint16_t kTd10Body = 2;
constexpr std::uint16_t kTd15Body = 3;
constexpr std::array<std::uint8_t, 16> kIntelQe = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                   0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

// Reads a quote part by part. `id_` is the prefix of error ids: "sgx.quote", or "tdx.quote" once the header says so.
class QuoteReader {
 public:
  explicit QuoteReader(BytesView bytes) : bytes_(bytes), in_(bytes) {}
  Result<Quote> Read();

 private:
  Status ReadHeader();
  Status ReadBody();
  Status ReadSignatureData();
  Status ReadQeCertification(ByteReader in);

  Error Bad(std::string_view what, std::string message) const {
    return Malformed(id_ + "." + std::string(what), std::move(message));
  }
  Error NotHandled(std::string_view what, std::string message) const {
    return Unsupported(id_ + "." + std::string(what), std::move(message));
  }
  Error Truncated(std::string_view part) const {
    return Bad("truncated", "quote ends inside its " + std::string(part));
  }

  BytesView bytes_;
  ByteReader in_;
  std::string id_ = "sgx.quote";
  std::uint32_t tee_type_ = kSgxTee;
  Quote out_;
};

Status QuoteReader::ReadHeader() {
  BytesView header_bytes;
  if (!in_.ReadBytes(kHeaderSize, &header_bytes)) return Truncated("header");
  ByteReader header(header_bytes);
  if (!header.ReadU16Le(&out_.version) || !header.ReadU16Le(&out_.key_type) || !header.ReadU32Le(&tee_type_) ||
      !header.ReadU16Le(&out_.qe_svn) || !header.ReadU16Le(&out_.pce_svn) || !header.ReadArray(&out_.qe_vendor_id) ||
      !header.ReadArray(&out_.user_data) || !header.empty()) {
    return Truncated("header");
  }
  if (out_.version < 3 || out_.version > 5) {
    return Bad("version", "quote version is " + std::to_string(out_.version) + ", want 3, 4 or 5");
  }
  if (out_.key_type != kEcdsaP256) {
    return NotHandled("key_type",
                      "attestation key type is " + std::to_string(out_.key_type) + ", want 2 (ECDSA P-256)");
  }
  if (tee_type_ != kSgxTee && (out_.version == 3 || tee_type_ != kTdxTee)) {
    return Bad("tee_type", "TEE type of a version " + std::to_string(out_.version) + " quote is " +
                               std::to_string(tee_type_) + ", want 0 (SGX)" +
                               (out_.version == 3 ? "" : " or 129 (TDX)"));
  }
  if (out_.qe_vendor_id != kIntelQe) {
    return Bad("qe_vendor", "QE vendor is " + HexEncode(out_.qe_vendor_id) + ", want " + HexEncode(kIntelQe));
  }
  if (tee_type_ == kTdxTee) id_ = "tdx.quote";
  return {};
}

Status QuoteReader::ReadBody() {
  const bool tdx = tee_type_ == kTdxTee;
  std::size_t size = tdx ? tdx::kTdReport10Size : kReportBodySize;
  if (out_.version == 5) {
    std::uint16_t type = 0;
    std::uint32_t stated = 0;
    if (!in_.ReadU16Le(&type) || !in_.ReadU32Le(&stated)) return Truncated("body type");
    const bool known = tdx ? type == kTd10Body || type == kTd15Body : type == kEnclaveBody;
    if (!known) {
      return NotHandled("body_type", "body type is " + std::to_string(type) + ", want " +
                                         (tdx ? "2 (TD report 1.0) or 3 (1.5)" : "1 (enclave report)"));
    }
    if (type == kTd15Body) size = tdx::kTdReport15Size;
    if (stated != size) {
      return Bad("body_size", "body of type " + std::to_string(type) + " has " + std::to_string(stated) +
                                  " bytes, want " + std::to_string(size));
    }
  }
  BytesView body;
  if (!in_.ReadBytes(size, &body)) return Truncated("report body");
  if (tdx) {
    ATTESTML_TRY(out_.td, tdx::ParseTdReport(body));
  } else {
    ATTESTML_TRY(out_.body, ParseReportBody(body));
  }
  out_.signed_bytes = ToBytes(bytes_.first(bytes_.size() - in_.remaining()));
  return {};
}

Status QuoteReader::ReadSignatureData() {
  ByteReader auth;
  if (in_.remaining() < 4) return Truncated("signature size");
  if (!in_.ReadU32LePrefixed(&auth)) return Bad("signature_size", "signature data runs past the end of the quote");
  if (!auth.ReadArray(&out_.signature) || !auth.ReadArray(&out_.attestation_key)) {
    return Bad("signature_size", "signature data is too short for its fixed part");
  }
  if (out_.version == 3) return ReadQeCertification(auth);
  std::uint16_t type = 0;
  ByteReader certification;
  if (!auth.ReadU16Le(&type)) return Bad("signature_size", "signature data is too short for its fixed part");
  if (type != kQeReport) {
    return NotHandled("qe_cert_type", "QE certification data type is " + std::to_string(type) + ", want 6 (QE report)");
  }
  if (!auth.ReadU32LePrefixed(&certification)) {
    return Bad("qe_cert_size", "QE certification data runs past the end of the signature data");
  }
  if (!auth.empty()) {
    return Bad("slack", std::to_string(auth.remaining()) + " bytes after the QE certification data");
  }
  return ReadQeCertification(certification);
}

Status QuoteReader::ReadQeCertification(ByteReader in) {
  BytesView qe_bytes;
  if (!in.ReadBytes(kReportBodySize, &qe_bytes) || !in.ReadArray(&out_.qe_signature)) {
    return Bad("signature_size", "signature data is too short for its fixed part");
  }
  ATTESTML_TRY(out_.qe_report, ParseReportBody(qe_bytes));
  out_.qe_report_bytes = ToBytes(qe_bytes);

  ByteReader auth_data;
  if (!in.ReadU16LePrefixed(&auth_data)) {
    return Bad("auth_size", "QE authentication data runs past the end of the signature data");
  }
  out_.qe_auth_data = ToBytes(auth_data.rest());

  ByteReader certification;
  if (!in.ReadU16Le(&out_.certification_type) || !in.ReadU32LePrefixed(&certification)) {
    return Bad("cert_size", "certification data runs past the end of the signature data");
  }
  if (!in.empty()) return Bad("slack", std::to_string(in.remaining()) + " bytes after the certification data");
  if (out_.certification_type != kPckChain) {
    return NotHandled("cert_type", "certification data type is " + std::to_string(out_.certification_type) +
                                       ", want 5 (PCK certificate chain)");
  }
  out_.certification_data = ToBytes(certification.rest());
  return {};
}

Result<Quote> QuoteReader::Read() {
  ATTESTML_CHECK(ReadHeader());
  ATTESTML_CHECK(ReadBody());
  ATTESTML_CHECK(ReadSignatureData());
  const BytesView padding = in_.rest();
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return Bad("trailing", std::to_string(padding.size()) + " bytes after the quote are not zero padding");
  }
  out_.padding = padding.size();
  return std::move(out_);
}

}  // namespace

Result<ReportBody> ParseReportBody(BytesView bytes) {
  ByteReader in(bytes);
  ReportBody out;
  BytesView reserved;
  if (!in.ReadArray(&out.cpu_svn) || !in.ReadArray(&out.misc_select) || !in.ReadBytes(12, &reserved) ||
      !in.ReadArray(&out.isv_ext_prod_id) || !in.ReadArray(&out.attributes) || !in.ReadArray(&out.mr_enclave) ||
      !in.ReadBytes(32, &reserved) || !in.ReadArray(&out.mr_signer) || !in.ReadBytes(32, &reserved) ||
      !in.ReadArray(&out.config_id) || !in.ReadU16Le(&out.isv_prod_id) || !in.ReadU16Le(&out.isv_svn) ||
      !in.ReadU16Le(&out.config_svn) || !in.ReadBytes(42, &reserved) || !in.ReadArray(&out.isv_family_id) ||
      !in.ReadArray(&out.report_data) || !in.empty()) {
    return Malformed("sgx.report.size", "report body of " + std::to_string(bytes.size()) + " bytes, want " +
                                            std::to_string(kReportBodySize));
  }
  return out;
}

Result<Quote> ParseQuote(BytesView bytes) {
  if (bytes.size() > kMaxQuote) {
    return Malformed("sgx.quote.size", "quote of " + std::to_string(bytes.size()) + " bytes, want at most 65536");
  }
  return QuoteReader(bytes).Read();
}

}  // namespace attestml::evidence::sgx
