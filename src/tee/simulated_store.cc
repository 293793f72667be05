#include "tee/simulated_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "base/json.h"

namespace attestml::tee {
namespace {

Status WriteCollateral(const StateFolder& folder, const SimulatedCollateral& collateral) {
  ATTESTML_CHECK(folder.Write("collateral/root-crl.der", AsText(collateral.root_crl)));
  ATTESTML_CHECK(folder.Write("collateral/pck-crl.der", AsText(collateral.pck_crl)));
  ATTESTML_CHECK(folder.Write("collateral/qe-identity.json", collateral.qe_identity));
  // Last, because the window is read from it: a renewal that was cut short is done again.
  return folder.Write("collateral/tcb-info.json", collateral.tcb_info);
}

Status WriteAuthority(const StateFolder& folder, const SimulatedKeys& keys, Time now) {
  for (const char* part : {"keys", "certificates", "collateral"}) ATTESTML_CHECK(folder.MakePart(part));
  const std::vector<std::pair<const char*, const crypto::PrivateKey*>> files = {{"root", &keys.root},
                                                                                {"platform-ca", &keys.platform_ca},
                                                                                {"tcb-signer", &keys.tcb_signer},
                                                                                {"pck", &keys.pck},
                                                                                {"attestation", &keys.attestation}};
  for (const auto& [name, key] : files) ATTESTML_CHECK(folder.WriteKey(name, *key));
  const SimulatedAuthority authority = SimulatedAuthority::Create(keys, now);
  ATTESTML_TRY(const SimulatedCertificates certificates, IssueCertificates(authority));
  ATTESTML_TRY(const SimulatedCollateral collateral, IssueCollateral(authority));
  const std::string pck_chain = PckChainPem(certificates);
  ATTESTML_CHECK(folder.Write("certificates/pck-chain.pem", pck_chain));
  ATTESTML_CHECK(folder.Write("certificates/tcb-signing-chain.pem", TcbSigningChainPem(certificates)));
  ATTESTML_CHECK(folder.Write("certification.bin", AsText(IssueCertification(authority, pck_chain))));
  ATTESTML_CHECK(WriteCollateral(folder, collateral));
  return folder.WriteAbout(keys.root.public_key());
}

// An exclusive lock on a directory for as long as it lives; released by the system when the process dies.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& directory)
      : fd_(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ >= 0) static_cast<void>(flock(fd_, LOCK_EX));
  }
  ~DirectoryLock() {
    if (fd_ >= 0) close(fd_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int fd_;
};

// Past half of the window, or before its start: a clock that was set back needs documents that it does not take for
// documents of the future.
bool RenewalDue(const SimulatedStore::Window& window, Time now) {
  return now < window.issued || now.unix_seconds - window.issued.unix_seconds > kCollateralSeconds / 2;
}

}  // namespace

SimulatedStore::SimulatedStore(std::string directory) : folder_(std::move(directory)) {}

Status SimulatedStore::Renew(Time now) const {
  const DirectoryLock lock(folder_.directory());
  ATTESTML_TRY(const Window window, CollateralWindow());
  if (!RenewalDue(window, now)) return {};
  ATTESTML_TRY(const SimulatedKeys keys, LoadKeys());
  ATTESTML_TRY(const SimulatedCollateral collateral, IssueCollateral(SimulatedAuthority::Create(keys, now)));
  return WriteCollateral(folder_, collateral);
}

Status SimulatedStore::Ensure(Time now) const {
  ATTESTML_TRY(const bool exists, folder_.Exists());
  if (!exists) {
    ATTESTML_CHECK(folder_.Make(
        [now](const StateFolder& folder) { return WriteAuthority(folder, SimulatedKeys::Generate(), now); }));
  }
  ATTESTML_TRY(const Window window, CollateralWindow());
  if (!RenewalDue(window, now)) return {};
  Status renewed = Renew(now);
  // A directory that cannot be written (a read-only mount) serves as long as what it holds is valid.
  if (!renewed.ok() && window.issued <= now && now < window.until) return {};
  return renewed;
}

Result<crypto::Digest256> SimulatedStore::RootKeyId() const {
  ATTESTML_TRY(const bool exists, folder_.Exists());
  if (!exists) {
    return Unavailable("tee.simulated.absent",
                       "there is no simulated TEE in " + folder_.directory() + "; attestml tee init makes one");
  }
  ATTESTML_TRY(const crypto::PrivateKey root, folder_.ReadKey("root"));
  return root.public_key().id();
}

Result<SimulatedKeys> SimulatedStore::LoadKeys() const {
  ATTESTML_TRY(auto root, folder_.ReadKey("root"));
  ATTESTML_TRY(auto platform_ca, folder_.ReadKey("platform-ca"));
  ATTESTML_TRY(auto tcb_signer, folder_.ReadKey("tcb-signer"));
  ATTESTML_TRY(auto pck, folder_.ReadKey("pck"));
  ATTESTML_TRY(auto attestation, folder_.ReadKey("attestation"));
  return SimulatedKeys{std::move(root), std::move(platform_ca), std::move(tcb_signer), std::move(pck),
                       std::move(attestation)};
}

Result<SimulatedStore::Chains> SimulatedStore::LoadChains() const {
  ATTESTML_TRY(const Bytes pck, folder_.Read("certificates/pck-chain.pem"));
  ATTESTML_TRY(const Bytes tcb_signing, folder_.Read("certificates/tcb-signing-chain.pem"));
  return Chains{std::string(AsText(pck)), std::string(AsText(tcb_signing))};
}

Result<SimulatedStore::Window> SimulatedStore::CollateralWindow() const {
  ATTESTML_TRY(const Bytes text, folder_.Read("collateral/tcb-info.json"));
  const Error bad =
      Unavailable("tee.simulated.state", folder_.directory() + "/collateral/tcb-info.json is not TCB info");
  const auto document = ParseJson(AsText(text));
  if (!document.ok() || !document->is_object()) return bad;
  const auto info = document->find("tcbInfo");
  if (info == document->end() || !info->is_object()) return bad;
  JsonObject fields(*info, bad.id, "tcbInfo");
  ATTESTML_TRY(const std::string issued, fields.String("issueDate"));
  ATTESTML_TRY(const std::string until, fields.String("nextUpdate"));
  const auto from = ParseTime(issued);
  const auto to = ParseTime(until);
  if (!from.ok() || !to.ok()) return bad;
  return Window{*from, *to};
}

Result<SimulatedStore::Device> SimulatedStore::Load() const {
  ATTESTML_TRY(crypto::PrivateKey attestation, folder_.ReadKey("attestation"));
  ATTESTML_TRY(Bytes certification, folder_.Read("certification.bin"));
  ATTESTML_TRY(const Bytes tcb_info, folder_.Read("collateral/tcb-info.json"));
  ATTESTML_TRY(const Bytes qe_identity, folder_.Read("collateral/qe-identity.json"));
  ATTESTML_TRY(Bytes root_crl, folder_.Read("collateral/root-crl.der"));
  ATTESTML_TRY(Bytes pck_crl, folder_.Read("collateral/pck-crl.der"));
  ATTESTML_TRY(const Bytes chain, folder_.Read("certificates/tcb-signing-chain.pem"));
  return Device{
      std::move(attestation),
      std::move(certification),
      {std::string(AsText(tcb_info)), std::string(AsText(qe_identity)), std::move(root_crl), std::move(pck_crl)},
      std::string(AsText(chain))};
}

}  // namespace attestml::tee
