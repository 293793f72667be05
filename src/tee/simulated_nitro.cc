#include "tee/simulated_nitro.h"

#include <algorithm>
#include <utility>

#include "crypto/certificate.h"
#include "tee/nitro_authority.h"

namespace attestml::tee {
namespace {

constexpr std::int64_t kRootSeconds = std::int64_t{20} * 365 * 86400;
constexpr const char* kRoot = "certificates/root.der";

Status Fill(const StateFolder& folder, const NitroKeys& keys, Time now) {
  for (const char* part : {"keys", "certificates"}) ATTESTML_CHECK(folder.MakePart(part));
  ATTESTML_CHECK(folder.WriteKey("root", keys.root));
  ATTESTML_CHECK(folder.WriteKey("regional", keys.regional));
  ATTESTML_CHECK(folder.WriteKey("zonal", keys.zonal));
  ATTESTML_CHECK(folder.WriteKey("instance", keys.instance));
  ATTESTML_CHECK(folder.WriteKey("enclave", keys.enclave));
  NitroAuthority authority = NitroAuthority::Create(keys, now);
  authority.root.certificate.not_after = Time{now.unix_seconds + kRootSeconds};
  ATTESTML_TRY(const Bytes root,
               crypto::IssueCertificate(authority.root.certificate, keys.root.public_key(), authority.root.issuer));
  ATTESTML_CHECK(folder.Write(kRoot, AsText(root)));
  return folder.WriteAbout(keys.root.public_key());
}

Result<NitroKeys> LoadKeys(const StateFolder& folder) {
  const auto read = [&](const char* name) { return folder.ReadKey(name, crypto::KeyType::kEcdsaP384); };
  ATTESTML_TRY(auto root, read("root"));
  ATTESTML_TRY(auto regional, read("regional"));
  ATTESTML_TRY(auto zonal, read("zonal"));
  ATTESTML_TRY(auto instance, read("instance"));
  ATTESTML_TRY(auto enclave, read("enclave"));
  return NitroKeys{std::move(root), std::move(regional), std::move(zonal), std::move(instance), std::move(enclave)};
}

class SimulatedNitro final : public Device {
 public:
  SimulatedNitro(NitroAuthority authority, NitroCertificates certificates)
      : authority_(std::move(authority)), certificates_(std::move(certificates)) {}

  std::string name() const override { return "simulated-nitro"; }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    authority_.user_data = ToBytes(report_data);
    const Bytes payload = EncodeNitroPayload(authority_, certificates_.enclave, certificates_.Cabundle());
    return evidence::EvidencePackage{
        std::string(evidence::kNitroDocumentMediaType), EncodeNitroDocument(authority_, payload), {}};
  }

 private:
  NitroAuthority authority_;
  const NitroCertificates certificates_;
};

}  // namespace

Status SimulatedNitroStore::Ensure(Time now) const {
  ATTESTML_TRY(const bool exists, folder_.Exists());
  if (exists) return {};
  return folder_.Make([now](const StateFolder& folder) { return Fill(folder, NitroKeys::Generate(), now); });
}

Result<crypto::Digest256> SimulatedNitroStore::RootKeyId() const {
  ATTESTML_TRY(const Bytes der, folder_.Read(kRoot));
  const auto certificate = crypto::Certificate::FromDer(der);
  if (certificate.ok()) return certificate->key_id();
  return Unavailable("tee.simulated.state", folder_.directory() + "/" + kRoot + " is not a certificate");
}

Result<std::unique_ptr<Device>> SimulatedNitroStore::Open(const crypto::Digest256& measurement, Time now) const {
  ATTESTML_TRY(const NitroKeys keys, LoadKeys(folder_));
  NitroAuthority authority = NitroAuthority::Create(keys, now);
  authority.pcrs[0].assign(authority.pcrs[0].size(), 0);
  std::copy(measurement.begin(), measurement.end(), authority.pcrs[0].begin());
  ATTESTML_TRY(NitroCertificates certificates, IssueNitroCertificates(authority));
  ATTESTML_TRY(certificates.root, folder_.Read(kRoot));
  return std::unique_ptr<Device>(std::make_unique<SimulatedNitro>(std::move(authority), std::move(certificates)));
}

}  // namespace attestml::tee
