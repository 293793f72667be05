#include "tee/nitro_authority.h"

#include <utility>

#include "crypto/digest.h"
#include "evidence/nitro/cbor.h"
#include "evidence/nitro/document.h"

namespace attestml::tee {
namespace {

using crypto::CertificateTemplate;
using crypto::PrivateKey;
using crypto::PublicKey;
using evidence::nitro::CborWriter;
using Name = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kLeafSeconds = 3 * 3600;
constexpr std::string_view kInstance = "i-00000000000000000";
constexpr std::string_view kEnclave = "i-00000000000000000-enc0000000000000000";

Name NameOf(std::string_view common_name) {
  return {{"O", "AttestML Simulated TEE"}, {"OU", "no hardware protection"}, {"CN", std::string(common_name)}};
}

Bytes SerialOf(const PublicKey& key) {
  Bytes serial(key.id().begin(), key.id().begin() + 16);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
  return serial;
}

CertificateTemplate CaTemplate(std::string_view subject, std::string_view issuer, const PublicKey& key, Time now,
                               std::optional<long> path_length) {
  return {.subject = NameOf(subject),
          .issuer = NameOf(issuer),
          .serial = SerialOf(key),
          .not_before = Time{now.unix_seconds - kDay},
          .not_after = Time{now.unix_seconds + 20 * kDay},
          .is_ca = true,
          .path_length = path_length,
          .key_usage = {"keyCertSign", "cRLSign", "digitalSignature"},
          .crl_url = {},
          .extensions = {}};
}

CertificateTemplate LeafTemplate(std::string_view subject, std::string_view issuer, const PublicKey& key, Time now) {
  CertificateTemplate out = CaTemplate(subject, issuer, key, now, {});
  out.is_ca = false;
  out.key_usage = {"digitalSignature", "nonRepudiation"};
  out.not_before = now;
  out.not_after = Time{now.unix_seconds + kLeafSeconds};
  return out;
}

void WriteOptional(CborWriter* out, std::string_view name, const std::optional<Bytes>& value) {
  out->WriteText(name);
  if (value) {
    out->WriteBytes(*value);
  } else {
    out->WriteNull();
  }
}

}  // namespace

NitroKeys NitroKeys::Generate() {
  const auto key = [] { return PrivateKey::Generate(crypto::KeyType::kEcdsaP384); };
  return {key(), key(), key(), key(), key()};
}

NitroAuthority NitroAuthority::Create(const NitroKeys& keys, Time now) {
  constexpr std::string_view kRoot = "simulated.nitro-enclaves";
  constexpr std::string_view kRegional = "regional.simulated.nitro-enclaves";
  constexpr std::string_view kZonal = "zonal.simulated.nitro-enclaves";
  NitroAuthority out{
      .root = {CaTemplate(kRoot, kRoot, keys.root.public_key(), now, {}), keys.root, keys.root},
      .regional = {CaTemplate(kRegional, kRoot, keys.regional.public_key(), now, 2), keys.regional, keys.root},
      .zonal = {CaTemplate(kZonal, kRegional, keys.zonal.public_key(), now, 1), keys.zonal, keys.regional},
      .instance = {CaTemplate(kInstance, kZonal, keys.instance.public_key(), now, 0), keys.instance, keys.zonal},
      .enclave = {LeafTemplate(kEnclave, kInstance, keys.enclave.public_key(), now), keys.enclave, keys.instance},
      .module_id = std::string(kEnclave),
      .timestamp = static_cast<std::uint64_t>(now.unix_seconds) * 1000 + 999,
      .pcrs = {},
      .public_key = {},
      .user_data = {},
      .nonce = {},
      .protected_header = Bytes(evidence::nitro::kEs384Header.begin(), evidence::nitro::kEs384Header.end()),
      .signer = keys.enclave};
  for (unsigned index = 0; index < 16; ++index) out.pcrs[index] = Bytes(sizeof(evidence::nitro::Pcr), 0);
  for (const unsigned index : {0U, 1U, 2U, 3U, 4U, 8U}) {
    out.pcrs[index] = ToBytes(crypto::Sha384(AsBytes("attestml/simulated/nitro/pcr" + std::to_string(index))));
  }
  return out;
}

Result<NitroCertificates> IssueNitroCertificates(const NitroAuthority& authority) {
  const auto issue = [](const NitroAuthority::Certified& of) {
    return crypto::IssueCertificate(of.certificate, of.key.public_key(), of.issuer);
  };
  NitroCertificates out;
  ATTESTML_TRY(out.root, issue(authority.root));
  ATTESTML_TRY(out.regional, issue(authority.regional));
  ATTESTML_TRY(out.zonal, issue(authority.zonal));
  ATTESTML_TRY(out.instance, issue(authority.instance));
  ATTESTML_TRY(out.enclave, issue(authority.enclave));
  return out;
}

Bytes EncodeNitroPayload(const NitroAuthority& authority, const Bytes& certificate,
                         const std::vector<Bytes>& cabundle) {
  CborWriter out;
  out.WriteMap(9);
  out.WriteText("module_id");
  out.WriteText(authority.module_id);
  out.WriteText("digest");
  out.WriteText(authority.digest);
  out.WriteText("timestamp");
  out.WriteUnsigned(authority.timestamp);
  out.WriteText("pcrs");
  out.WriteMap(authority.pcrs.size());
  for (const auto& [index, value] : authority.pcrs) {
    out.WriteUnsigned(index);
    out.WriteBytes(value);
  }
  out.WriteText("certificate");
  out.WriteBytes(certificate);
  out.WriteText("cabundle");
  out.WriteArray(cabundle.size());
  for (const Bytes& der : cabundle) out.WriteBytes(der);
  WriteOptional(&out, "public_key", authority.public_key);
  WriteOptional(&out, "user_data", authority.user_data);
  WriteOptional(&out, "nonce", authority.nonce);
  return std::move(out).Take();
}

Bytes EncodeNitroDocument(const NitroAuthority& authority, const Bytes& payload) {
  CborWriter out;
  if (authority.tagged) out.WriteTag(evidence::nitro::kCoseSign1Tag);
  out.WriteArray(4);
  out.WriteBytes(authority.protected_header);
  out.WriteMap(0);
  out.WriteBytes(payload);
  out.WriteBytes(authority.signer.SignRaw(evidence::nitro::SigStructure(authority.protected_header, payload)));
  return std::move(out).Take();
}

Result<evidence::EvidencePackage> IssueNitroEvidence(const NitroAuthority& authority) {
  ATTESTML_TRY(const NitroCertificates certificates, IssueNitroCertificates(authority));
  const Bytes payload = EncodeNitroPayload(authority, certificates.enclave, certificates.Cabundle());
  return evidence::EvidencePackage{
      std::string(evidence::kNitroDocumentMediaType), EncodeNitroDocument(authority, payload), {}};
}

}  // namespace attestml::tee
