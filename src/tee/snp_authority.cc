#include "tee/snp_authority.h"

#include <algorithm>
#include <utility>

#include "crypto/digest.h"
#include "crypto/pem.h"

namespace attestml::tee {
namespace {

using crypto::CertificateTemplate;
using crypto::PrivateKey;
using crypto::PublicKey;
using Name = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kClockSkew = 3600;
constexpr std::int64_t kCrlSeconds = 30 * kDay;
constexpr std::string_view kBase = "1.3.6.1.4.1.3704.1.";
constexpr std::array<std::uint8_t, 3> kFirmware = {29, 55, 1};  // 1.55.29
constexpr std::uint32_t kVlekFlag = 1U << 2;

struct Product {
  std::string_view line, name;  // of the authorities; in the certificate
  std::uint8_t struct_version;
  std::uint32_t report_version;
  std::array<std::uint8_t, 3> cpuid;
  SnpTcb tcb;
  std::array<std::uint8_t, 8> spl_oids;  // in the order of the TCB's bytes
  std::size_t hardware_id_size;
};

constexpr Product kMilan = {
    "Milan", "Milan-B0", 0, 3, {0x19, 0x01, 0x01}, {4, 0, 0, 0, 0, 0, 24, 219}, {1, 2, 4, 5, 6, 7, 3, 8}, 64};
constexpr Product kGenoa = {
    "Genoa", "Genoa", 0, 3, {0x19, 0x11, 0x01}, {10, 0, 0, 0, 0, 0, 23, 84}, {1, 2, 4, 5, 6, 7, 3, 8}, 64};
constexpr Product kTurin = {
    "Turin", "Turin", 1, 5, {0x1a, 0x02, 0x01}, {1, 1, 1, 4, 0, 0, 0, 81}, {9, 1, 2, 3, 5, 6, 7, 8}, 8};

const Product& ProductOf(SnpProduct product) {
  return product == SnpProduct::kMilan ? kMilan : product == SnpProduct::kGenoa ? kGenoa : kTurin;
}

// Common names are the vendor's, because roles are read from them; the organisation says whose they really are.
Name NameOf(std::string common_name) {
  return {{"CN", std::move(common_name)}, {"O", "AttestML Simulated TEE"}, {"OU", "no hardware protection"}};
}

crypto::Digest256 Derived(std::string_view purpose, const PublicKey& key) {
  return crypto::Sha256Stream().Update(AsBytes(purpose)).Update(key.spki()).Finish();
}

CertificateTemplate Template(const std::string& subject, const std::string& issuer, const PublicKey& key, Time now,
                             int years) {
  const crypto::Digest256 digest = Derived("attestml/simulated-snp/serial", key);
  Bytes serial(digest.begin(), digest.begin() + 20);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
  return {.subject = NameOf(subject),
          .issuer = NameOf(issuer),
          .serial = std::move(serial),
          .not_before = Time{now.unix_seconds - kDay},
          .not_after = Time{now.unix_seconds + years * 365 * kDay},
          .is_ca = false,
          .path_length = {},
          .key_usage = {},
          .crl_url = {},
          .extensions = {}};
}

std::vector<CertificateTemplate::Extension> Extensions(const Product& product, SnpEndorsement endorsement,
                                                       const std::array<std::uint8_t, 64>& chip) {
  const auto make = [](const std::string& suffix, Bytes value) {
    return CertificateTemplate::Extension{std::string(kBase) + suffix, false, std::move(value)};
  };
  std::vector<CertificateTemplate::Extension> out;
  out.push_back(make("1", SnpNumber(product.struct_version)));
  out.push_back(make("2", SnpText(endorsement == SnpEndorsement::kVcek ? product.name : product.line)));
  for (std::size_t i = 0; i < product.tcb.size(); ++i) {
    out.push_back(make("3." + std::to_string(product.spl_oids[i]), SnpNumber(product.tcb[i])));
  }
  if (endorsement == SnpEndorsement::kVcek) {
    out.push_back(make("4", ToBytes(BytesView(chip).first(product.hardware_id_size))));
  } else {
    out.push_back(make("5", SnpText("CN=simulated.example")));
  }
  return out;
}

SnpReportBody ReportOf(const Product& product, SnpEndorsement endorsement, const std::array<std::uint8_t, 64>& chip,
                       const PublicKey& key) {
  SnpReportBody out;
  out.version = product.report_version;
  out.current_tcb = out.reported_tcb = out.committed_tcb = out.launch_tcb = product.tcb;
  out.current_firmware = out.committed_firmware = kFirmware;
  out.cpuid = product.cpuid;
  out.report_id_ma.fill(0xff);
  out.report_id = Derived("attestml/simulated-snp/report-id", key);
  if (endorsement == SnpEndorsement::kVlek) {
    out.flags = kVlekFlag;
  } else {
    std::copy_n(chip.begin(), product.hardware_id_size, out.chip_id.begin());
  }
  if (product.report_version >= 5) out.launch_mitigations = out.current_mitigations = 0x3f;
  return out;
}

}  // namespace

SnpKeys SnpKeys::Generate() {
  return {PrivateKey::Generate(crypto::KeyType::kRsaPss), PrivateKey::Generate(crypto::KeyType::kRsaPss),
          PrivateKey::Generate(crypto::KeyType::kEcdsaP384)};
}

SnpAuthority SnpAuthority::Create(const SnpKeys& keys, SnpProduct product_id, SnpEndorsement endorsement, Time now) {
  const Product& product = ProductOf(product_id);
  const bool vcek = endorsement == SnpEndorsement::kVcek;
  const std::string root = "ARK-" + std::string(product.line);
  const std::string issuer = (vcek ? "SEV-" : "SEV-VLEK-") + std::string(product.line);
  const std::string leaf = vcek ? "SEV-VCEK" : "SEV-VLEK";
  const PublicKey& vek = keys.vek.public_key();
  std::array<std::uint8_t, 64> chip{};
  const crypto::Digest256 halves[] = {Derived("attestml/simulated-snp/chip-id/0", vek),
                                      Derived("attestml/simulated-snp/chip-id/1", vek)};
  std::copy(halves[0].begin(), halves[0].end(), chip.begin());
  std::copy(halves[1].begin(), halves[1].end(), chip.begin() + 32);

  SnpAuthority out{
      .ark = {Template(root, root, keys.ark.public_key(), now, 20), keys.ark, keys.ark},
      .ask = {Template(issuer, root, keys.ask.public_key(), now, 20), keys.ask, keys.ark},
      .vek = {Template(leaf, issuer, vek, now, 7), keys.vek, keys.ask},
      .crl = {.issuer = NameOf(root),
              .this_update = Time{now.unix_seconds - kClockSkew},
              .next_update = Time{now.unix_seconds - kClockSkew + kCrlSeconds},
              .number = static_cast<std::uint64_t>(std::max<std::int64_t>(now.unix_seconds, 1)),
              .revoked_serials = {},
              .extensions = {}},
      .crl_issuer = keys.ark,
      .with_crl = true,
      .report = ReportOf(product, endorsement, chip, vek),
      .report_signer = keys.vek,
  };
  out.ark.certificate.is_ca = true;
  out.ark.certificate.key_usage = {"keyCertSign", "cRLSign"};
  out.ask.certificate.is_ca = true;
  out.ask.certificate.path_length = 0;
  out.ask.certificate.key_usage = {"keyCertSign"};
  out.vek.certificate.extensions = Extensions(product, endorsement, chip);
  return out;
}

CertificateTemplate::Extension* FindSnpExtension(SnpAuthority* authority, std::string_view suffix) {
  const std::string oid = std::string(kBase) + std::string(suffix);
  auto& all = authority->vek.certificate.extensions;
  const auto it = std::find_if(all.begin(), all.end(), [&](const auto& extension) { return extension.oid == oid; });
  return it == all.end() ? nullptr : &*it;
}

Bytes SnpNumber(std::uint8_t value) {
  if (value < 0x80) return {0x02, 0x01, value};
  return {0x02, 0x02, 0x00, value};
}

Bytes SnpText(std::string_view text) {
  Bytes out = {0x16, static_cast<std::uint8_t>(text.size())};  // shorter than 128
  out.insert(out.end(), text.begin(), text.end());
  return out;
}

Result<SnpCertificates> IssueSnpCertificates(const SnpAuthority& authority) {
  const auto issue = [](const SnpAuthority::Certified& of) {
    return crypto::IssueCertificate(of.certificate, of.key.public_key(), of.issuer);
  };
  SnpCertificates out;
  ATTESTML_TRY(out.ark, issue(authority.ark));
  ATTESTML_TRY(out.ask, issue(authority.ask));
  ATTESTML_TRY(out.vek, issue(authority.vek));
  return out;
}

evidence::EvidencePackage MakeSnpPackage(Bytes report, const SnpCertificates& certificates, Bytes crl) {
  const std::string chain =
      crypto::DerToPem("CERTIFICATE", certificates.ask) + crypto::DerToPem("CERTIFICATE", certificates.ark);
  evidence::EvidencePackage out{
      .media_type = std::string(evidence::kSnpReportMediaType),
      .evidence = std::move(report),
      .collateral = {{"vek", certificates.vek}, {"cert-chain", ToBytes(AsBytes(chain))}},
  };
  if (!crl.empty()) out.collateral.push_back({"crl", std::move(crl)});
  return out;
}

Result<evidence::EvidencePackage> IssueSnpEvidence(const SnpAuthority& authority,
                                                   const std::array<std::uint8_t, 64>& report_data) {
  ATTESTML_TRY(const SnpCertificates certificates, IssueSnpCertificates(authority));
  SnpReportBody body = authority.report;
  body.report_data = report_data;
  Bytes crl;
  if (authority.with_crl) {
    ATTESTML_TRY(crl, crypto::IssueCrl(authority.crl, authority.crl_issuer));
  }
  return MakeSnpPackage(EncodeSnpReport(body, authority.report_signer), certificates, std::move(crl));
}

}  // namespace attestml::tee
