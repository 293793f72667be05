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
constexpr std::array<std::uint8_t, 16> kIntelQe = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                   0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

Error Truncated(std::string_view part) {
  return Malformed("sgx.quote.truncated", "quote ends inside its " + std::string(part));
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
  Quote out;
  ByteReader in(bytes);

  BytesView header_bytes;
  if (!in.ReadBytes(kHeaderSize, &header_bytes)) return Truncated("header");
  ByteReader header(header_bytes);
  std::uint32_t tee_type = 0;
  if (!header.ReadU16Le(&out.version) || !header.ReadU16Le(&out.key_type) || !header.ReadU32Le(&tee_type) ||
      !header.ReadU16Le(&out.qe_svn) || !header.ReadU16Le(&out.pce_svn) || !header.ReadArray(&out.qe_vendor_id) ||
      !header.ReadArray(&out.user_data) || !header.empty()) {
    return Truncated("header");
  }
  if (out.version != 3) {
    const std::string message = "quote version is " + std::to_string(out.version) + ", want 3";
    // Versions 4 and 5 exist and keep this header: such bytes are a quote, only not one of ours. Anything else is
    // noise.
    const bool plausible = (out.version == 4 || out.version == 5) && out.qe_vendor_id == kIntelQe;
    return plausible ? Unsupported("sgx.quote.version", message) : Malformed("sgx.quote.version", message);
  }
  if (out.key_type != kEcdsaP256) {
    return Unsupported("sgx.quote.key_type",
                       "attestation key type is " + std::to_string(out.key_type) + ", want 2 (ECDSA P-256)");
  }
  if (tee_type != 0) {
    return Malformed("sgx.quote.tee_type",
                     "TEE type of a version 3 quote is " + std::to_string(tee_type) + ", want 0 (SGX)");
  }
  if (out.qe_vendor_id != kIntelQe) {
    return Malformed("sgx.quote.qe_vendor",
                     "QE vendor is " + HexEncode(out.qe_vendor_id) + ", want " + HexEncode(kIntelQe));
  }

  BytesView body_bytes;
  if (!in.ReadBytes(kReportBodySize, &body_bytes)) return Truncated("report body");
  ATTESTML_TRY(out.body, ParseReportBody(body_bytes));
  out.signed_bytes = ToBytes(bytes.first(kHeaderSize + kReportBodySize));

  ByteReader auth;
  if (in.remaining() < 4) return Truncated("signature size");
  if (!in.ReadU32LePrefixed(&auth)) {
    return Malformed("sgx.quote.signature_size", "signature data runs past the end of the quote");
  }
  BytesView qe_bytes;
  if (!auth.ReadArray(&out.signature) || !auth.ReadArray(&out.attestation_key) ||
      !auth.ReadBytes(kReportBodySize, &qe_bytes) || !auth.ReadArray(&out.qe_signature)) {
    return Malformed("sgx.quote.signature_size", "signature data is too short for its fixed part");
  }
  ATTESTML_TRY(out.qe_report, ParseReportBody(qe_bytes));
  out.qe_report_bytes = ToBytes(qe_bytes);

  ByteReader auth_data;
  if (!auth.ReadU16LePrefixed(&auth_data)) {
    return Malformed("sgx.quote.auth_size", "QE authentication data runs past the end of the signature data");
  }
  out.qe_auth_data = ToBytes(auth_data.rest());

  ByteReader certification;
  if (!auth.ReadU16Le(&out.certification_type) || !auth.ReadU32LePrefixed(&certification)) {
    return Malformed("sgx.quote.cert_size", "certification data runs past the end of the signature data");
  }
  if (!auth.empty()) {
    return Malformed("sgx.quote.slack", std::to_string(auth.remaining()) + " bytes after the certification data");
  }
  if (out.certification_type != kPckChain) {
    return Unsupported("sgx.quote.cert_type", "certification data type is " + std::to_string(out.certification_type) +
                                                  ", want 5 (PCK certificate chain)");
  }
  out.certification_data = ToBytes(certification.rest());

  const BytesView padding = in.rest();
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return Malformed("sgx.quote.trailing",
                     std::to_string(padding.size()) + " bytes after the quote are not zero padding");
  }
  out.padding = padding.size();
  return out;
}

}  // namespace attestml::evidence::sgx
