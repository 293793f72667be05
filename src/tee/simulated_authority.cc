#include "tee/simulated_authority.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/digest.h"
#include "crypto/pem.h"

namespace attestml::tee {
namespace {

using crypto::CertificateTemplate;
using crypto::PrivateKey;
using crypto::PublicKey;
using Name = std::vector<std::pair<std::string, std::string>>;

// These values are part of the format of the state directory: certificates are issued once, and documents that are
// renewed later, by a later build, must still be about them.
constexpr std::array<std::uint8_t, 6> kFmspc = {0x00, 'S', 'I', 'M', 0x00, 0x00};
constexpr std::array<std::uint8_t, 2> kPceid = {0x00, 0x00};
constexpr SgxTcb kCurrent = {{4, 4, 3, 3, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 13};
constexpr SgxTcb kOutdated = {{3, 3, 3, 3, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 11};
constexpr std::uint16_t kQeSvn = 8;
constexpr std::uint16_t kQeProduct = 1;
constexpr unsigned kEvaluationNumber = 1;
constexpr std::string_view kCurrentSince = "2025-01-01T00:00:00Z";
constexpr std::string_view kOutdatedSince = "2024-01-01T00:00:00Z";
constexpr std::int64_t kDay = 86400;

// Common names are the vendor's, because their roles are read from them; the organisation says whose they really are.
Name NameOf(std::string_view common_name) {
  return {{"CN", std::string(common_name)}, {"O", "AttestML Simulated TEE"}, {"OU", "no hardware protection"}};
}

template <std::size_t N>
std::array<std::uint8_t, N> Derived(std::string_view purpose, const PublicKey& key) {
  const crypto::Digest256 digest = crypto::Sha256Stream().Update(AsBytes(purpose)).Update(key.spki()).Finish();
  std::array<std::uint8_t, N> out;
  std::copy_n(digest.begin(), N, out.begin());
  return out;
}

Bytes SerialOf(const PublicKey& key) {
  auto serial = Derived<20>("attestml/simulated/serial", key);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
  return {serial.begin(), serial.end()};
}

CertificateTemplate Template(std::string_view subject, std::string_view issuer, const PublicKey& key, Time now) {
  return {.subject = NameOf(subject),
          .issuer = NameOf(issuer),
          .serial = SerialOf(key),
          .not_before = Time{now.unix_seconds - kDay},
          .not_after = Time{now.unix_seconds + 20 * 365 * kDay},
          .is_ca = false,
          .path_length = {},
          .key_usage = {"digitalSignature", "nonRepudiation"},
          .crl_url = {},
          .extensions = {}};
}

CertificateTemplate CaTemplate(std::string_view subject, std::string_view issuer, const PublicKey& key, Time now,
                               long path_length) {
  CertificateTemplate out = Template(subject, issuer, key, now);
  out.is_ca = true;
  out.path_length = path_length;
  out.key_usage = {"keyCertSign", "cRLSign"};
  return out;
}

std::array<std::uint8_t, 32> QeSigner() { return crypto::Sha256(AsBytes("attestml/simulated/qe-signer")); }

Time IssueDate(Time now) { return {now.unix_seconds - kClockSkew}; }
Time NextUpdate(Time now) { return {IssueDate(now).unix_seconds + kCollateralSeconds}; }

crypto::CrlTemplate Crl(const Name& issuer, Time now) {
  return {.issuer = issuer,
          .this_update = IssueDate(now),
          .next_update = NextUpdate(now),
          .number = static_cast<std::uint64_t>(std::max<std::int64_t>(now.unix_seconds, 1)),
          .revoked_serials = {},
          .extensions = {}};
}

constexpr std::string_view kRootName = "Intel SGX Root CA";
constexpr std::string_view kPlatformCaName = "Intel SGX PCK Platform CA";
constexpr std::string_view kTcbSignerName = "Intel SGX TCB Signing";
constexpr std::string_view kPckName = "Intel SGX PCK Certificate";

}  // namespace

SimulatedKeys SimulatedKeys::Generate() {
  const auto key = [] { return PrivateKey::Generate(crypto::KeyType::kEcdsaP256); };
  return {key(), key(), key(), key(), key()};
}

SgxTcbInfo SimulatedTcbInfo(Time now) {
  return {.issue_date = IssueDate(now),
          .next_update = NextUpdate(now),
          .fmspc = kFmspc,
          .pceid = kPceid,
          .evaluation_number = kEvaluationNumber,
          .levels = {{kCurrent, std::string(kCurrentSince), "UpToDate", {}},
                     {kOutdated, std::string(kOutdatedSince), "OutOfDate", {"SIMULATED-SA-00001"}}}};
}

SgxQeIdentity SimulatedQeIdentity(Time now) {
  return {.issue_date = IssueDate(now),
          .next_update = NextUpdate(now),
          .evaluation_number = kEvaluationNumber,
          .miscselect = {},
          .miscselect_mask = {0xff, 0xff, 0xff, 0xff},
          .attributes = {kSgxFlagInit | kSgxFlagProvisionKey},
          .attributes_mask = {0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
          .mrsigner = QeSigner(),
          .isvprodid = kQeProduct,
          .levels = {{kQeSvn, std::string(kCurrentSince), "UpToDate", {}},
                     {kQeSvn - 2, std::string(kOutdatedSince), "OutOfDate", {"SIMULATED-SA-00002"}}}};
}

SimulatedPlatform DescribeSimulatedPlatform() {
  return {.header = {.qe_svn = kQeSvn, .pce_svn = kCurrent.pcesvn},
          .program = {.cpusvn = kCurrent.components,
                      .mrsigner = crypto::Sha256(AsBytes("attestml/simulated/signer")),
                      .isvprodid = 1,
                      .isvsvn = 1}};
}

SimulatedAuthority SimulatedAuthority::Create(const SimulatedKeys& keys, Time now) {
  const auto id = [&](std::string_view purpose) { return Derived<16>(purpose, keys.pck.public_key()); };
  return {
      .root = {CaTemplate(kRootName, kRootName, keys.root.public_key(), now, 1), keys.root, keys.root},
      .platform_ca = {CaTemplate(kPlatformCaName, kRootName, keys.platform_ca.public_key(), now, 0), keys.platform_ca,
                      keys.root},
      .tcb_signer = {Template(kTcbSignerName, kRootName, keys.tcb_signer.public_key(), now), keys.tcb_signer,
                     keys.root},
      .pck = {Template(kPckName, kPlatformCaName, keys.pck.public_key(), now), keys.pck, keys.platform_ca},
      .platform = SgxPlatform{.ppid = id("attestml/simulated/ppid"),
                              .tcb = kCurrent,
                              .cpusvn = kCurrent.components,
                              .pceid = kPceid,
                              .fmspc = kFmspc,
                              .sgx_type = 1,
                              .instance_id = id("attestml/simulated/instance")},
      .root_crl = {Crl(NameOf(kRootName), now), keys.root},
      .pck_crl = {Crl(NameOf(kPlatformCaName), now), keys.platform_ca},
      .tcb_info = WriteTcbInfo(SimulatedTcbInfo(now)),
      .qe_identity = WriteQeIdentity(SimulatedQeIdentity(now)),
      .document_key = keys.tcb_signer,
      .header = DescribeSimulatedPlatform().header,
      .program = DescribeSimulatedPlatform().program,
      .quoting_enclave = {.cpusvn = kCurrent.components,
                          .flags = kSgxFlagInit | kSgxFlagMode64Bit | kSgxFlagProvisionKey,
                          .mrenclave = crypto::Sha256(AsBytes("attestml/simulated/qe")),
                          .mrsigner = QeSigner(),
                          .isvprodid = kQeProduct,
                          .isvsvn = kQeSvn},
      .auth_data = Bytes(32, 0),
      .attestation = keys.attestation,
      .quote_signer = keys.attestation,
      .qe_signer = keys.pck,
  };
}

Result<SimulatedCertificates> IssueCertificates(const SimulatedAuthority& authority) {
  const auto issue = [](const SimulatedAuthority::Certified& of) {
    return crypto::IssueCertificate(of.certificate, of.key.public_key(), of.issuer);
  };
  SimulatedAuthority::Certified pck = authority.pck;
  if (authority.platform) {
    pck.certificate.extensions.push_back(
        {std::string(kSgxExtensionOid), false, EncodeSgxExtension(*authority.platform)});
  }
  SimulatedCertificates out;
  ATTESTML_TRY(out.root, issue(authority.root));
  ATTESTML_TRY(out.platform_ca, issue(authority.platform_ca));
  ATTESTML_TRY(out.tcb_signer, issue(authority.tcb_signer));
  ATTESTML_TRY(out.pck, issue(pck));
  return out;
}

std::string PckChainPem(const SimulatedCertificates& certificates) {
  return crypto::DerToPem("CERTIFICATE", certificates.pck) + crypto::DerToPem("CERTIFICATE", certificates.platform_ca) +
         crypto::DerToPem("CERTIFICATE", certificates.root);
}

std::string TcbSigningChainPem(const SimulatedCertificates& certificates) {
  return crypto::DerToPem("CERTIFICATE", certificates.tcb_signer) + crypto::DerToPem("CERTIFICATE", certificates.root);
}

Result<SimulatedCollateral> IssueCollateral(const SimulatedAuthority& authority) {
  SimulatedCollateral out;
  out.tcb_info = SignDocument("tcbInfo", authority.tcb_info, authority.document_key);
  out.qe_identity = SignDocument("enclaveIdentity", authority.qe_identity, authority.document_key);
  ATTESTML_TRY(out.root_crl, crypto::IssueCrl(authority.root_crl.crl, authority.root_crl.issuer));
  ATTESTML_TRY(out.pck_crl, crypto::IssueCrl(authority.pck_crl.crl, authority.pck_crl.issuer));
  return out;
}

Bytes IssueCertification(const SimulatedAuthority& authority, std::string_view data) {
  SgxReportBody qe = authority.quoting_enclave;
  if (qe.report_data == std::array<std::uint8_t, 64>{}) {
    qe.report_data = QeReportData(authority.attestation.public_key(), authority.auth_data);
  }
  const Bytes report = EncodeReportBody(qe);
  return EncodeCertification({.attestation_key = authority.attestation.public_key(),
                              .qe_report = report,
                              .qe_report_signature = authority.qe_signer.SignRaw(report),
                              .auth_data = authority.auth_data,
                              .data = ToBytes(AsBytes(data))});
}

evidence::EvidencePackage MakePackage(Bytes quote, const SimulatedCollateral& collateral,
                                      std::string_view tcb_signing_chain) {
  return {.media_type = std::string(evidence::kSgxQuoteMediaType),
          .evidence = std::move(quote),
          .collateral = {{"tcb-info", ToBytes(AsBytes(collateral.tcb_info))},
                         {"qe-identity", ToBytes(AsBytes(collateral.qe_identity))},
                         {"root-crl", collateral.root_crl},
                         {"pck-crl", collateral.pck_crl},
                         {"tcb-signing-chain", ToBytes(AsBytes(tcb_signing_chain))}}};
}

Result<evidence::EvidencePackage> IssueEvidence(const SimulatedAuthority& authority,
                                                const std::array<std::uint8_t, 64>& report_data) {
  ATTESTML_TRY(const SimulatedCertificates certificates, IssueCertificates(authority));
  ATTESTML_TRY(const SimulatedCollateral collateral, IssueCollateral(authority));
  SgxReportBody body = authority.program;
  body.report_data = report_data;
  Bytes quote = EncodeQuote(authority.header, body, authority.quote_signer,
                            IssueCertification(authority, PckChainPem(certificates)));
  return MakePackage(std::move(quote), collateral, TcbSigningChainPem(certificates));
}

}  // namespace attestml::tee
