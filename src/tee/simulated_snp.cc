#include "tee/simulated_snp.h"

#include <algorithm>
#include <utility>

#include "crypto/certificate.h"
#include "tee/simulated_authority.h"
#include "tee/snp_authority.h"

namespace attestml::tee {
namespace {

constexpr const char* kCrl = "collateral/crl.der";

SnpAuthority Authority(const SnpKeys& keys, Time now) {
  return SnpAuthority::Create(keys, SnpProduct::kGenoa, SnpEndorsement::kVcek, now);
}

Status Fill(const StateFolder& folder, const SnpKeys& keys, Time now) {
  for (const char* part : {"keys", "certificates", "collateral"}) ATTESTML_CHECK(folder.MakePart(part));
  ATTESTML_CHECK(folder.WriteKey("ark", keys.ark));
  ATTESTML_CHECK(folder.WriteKey("ask", keys.ask));
  ATTESTML_CHECK(folder.WriteKey("vek", keys.vek));
  const SnpAuthority authority = Authority(keys, now);
  ATTESTML_TRY(const SnpCertificates certificates, IssueSnpCertificates(authority));
  ATTESTML_CHECK(folder.Write("certificates/ark.der", AsText(certificates.ark)));
  ATTESTML_CHECK(folder.Write("certificates/ask.der", AsText(certificates.ask)));
  ATTESTML_CHECK(folder.Write("certificates/vek.der", AsText(certificates.vek)));
  ATTESTML_TRY(const Bytes crl, crypto::IssueCrl(authority.crl, authority.crl_issuer));
  ATTESTML_CHECK(folder.Write(kCrl, AsText(crl)));
  return folder.WriteAbout(keys.ark.public_key());
}

Result<SnpKeys> LoadKeys(const StateFolder& folder) {
  ATTESTML_TRY(auto ark, folder.ReadKey("ark", crypto::KeyType::kRsaPss));
  ATTESTML_TRY(auto ask, folder.ReadKey("ask", crypto::KeyType::kRsaPss));
  ATTESTML_TRY(auto vek, folder.ReadKey("vek", crypto::KeyType::kEcdsaP384));
  return SnpKeys{std::move(ark), std::move(ask), std::move(vek)};
}

Result<crypto::Crl> ReadCrl(const StateFolder& folder) {
  ATTESTML_TRY(const Bytes der, folder.Read(kCrl));
  auto crl = crypto::Crl::FromDer(der);
  if (!crl.ok()) return Unavailable("tee.simulated.state", folder.directory() + "/" + kCrl + " is not a CRL");
  return crl;
}

bool RenewalDue(const crypto::Crl& crl, Time now) {
  return now < crl.this_update() || now.unix_seconds - crl.this_update().unix_seconds > kCollateralSeconds / 2;
}

Status Renew(const StateFolder& folder, Time now) {
  ATTESTML_TRY(const SnpKeys keys, LoadKeys(folder));
  const SnpAuthority authority = Authority(keys, now);
  ATTESTML_TRY(const Bytes crl, crypto::IssueCrl(authority.crl, authority.crl_issuer));
  return folder.Write(kCrl, AsText(crl));
}

class SimulatedSnp final : public Device {
 public:
  SimulatedSnp(SnpReportBody report, crypto::PrivateKey key, SnpCertificates certificates, Bytes crl)
      : report_(report), key_(std::move(key)), certificates_(std::move(certificates)), crl_(std::move(crl)) {}

  std::string name() const override { return "simulated-snp"; }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    SnpReportBody body = report_;
    body.report_data = report_data;
    return MakeSnpPackage(EncodeSnpReport(body, key_), certificates_, crl_);
  }

 private:
  const SnpReportBody report_;
  const crypto::PrivateKey key_;
  const SnpCertificates certificates_;
  const Bytes crl_;
};

}  // namespace

Status SimulatedSnpStore::Ensure(Time now) const {
  ATTESTML_TRY(const bool exists, folder_.Exists());
  if (!exists) {
    ATTESTML_CHECK(folder_.Make([now](const StateFolder& folder) { return Fill(folder, SnpKeys::Generate(), now); }));
  }
  ATTESTML_TRY(const crypto::Crl crl, ReadCrl(folder_));
  if (!RenewalDue(crl, now)) return {};
  Status renewed = Renew(folder_, now);
  // A directory that cannot be written (a read-only mount) serves as long as what it holds is valid.
  if (!renewed.ok() && crl.this_update() <= now && now < crl.next_update()) return {};
  return renewed;
}

Result<crypto::Digest256> SimulatedSnpStore::RootKeyId() const {
  ATTESTML_TRY(const Bytes der, folder_.Read("certificates/ark.der"));
  const auto certificate = crypto::Certificate::FromDer(der);
  if (certificate.ok()) return certificate->key_id();
  return Unavailable("tee.simulated.state", folder_.directory() + "/certificates/ark.der is not a certificate");
}

Result<Time> SimulatedSnpStore::CollateralUntil() const {
  ATTESTML_TRY(const crypto::Crl crl, ReadCrl(folder_));
  return crl.next_update();
}

Result<std::unique_ptr<Device>> SimulatedSnpStore::Open(const crypto::Digest256& measurement, Time now) const {
  ATTESTML_TRY(const SnpKeys keys, LoadKeys(folder_));
  SnpCertificates certificates;
  ATTESTML_TRY(certificates.ark, folder_.Read("certificates/ark.der"));
  ATTESTML_TRY(certificates.ask, folder_.Read("certificates/ask.der"));
  ATTESTML_TRY(certificates.vek, folder_.Read("certificates/vek.der"));
  ATTESTML_TRY(Bytes crl, folder_.Read(kCrl));
  SnpReportBody report = Authority(keys, now).report;
  std::copy(measurement.begin(), measurement.end(), report.measurement.begin());
  return std::unique_ptr<Device>(
      std::make_unique<SimulatedSnp>(report, keys.vek, std::move(certificates), std::move(crl)));
}

}  // namespace attestml::tee
