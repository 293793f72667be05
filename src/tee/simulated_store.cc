#include "tee/simulated_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "base/json.h"

namespace attestml::tee {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20;
constexpr std::uint64_t kVersion = 1;

Error SystemError(const std::string& doing, const std::string& path, int code) {
  return Unavailable("tee.simulated.write", "cannot " + doing + " " + path + ": " + std::strerror(code));
}

Status Write(const std::string& path, std::string_view text, unsigned mode) {
  return artifact::WriteFileAtomically(path, AsBytes(text), mode);
}

Status WriteCollateral(const std::string& directory, const SimulatedCollateral& collateral) {
  ATTESTML_CHECK(Write(directory + "/collateral/root-crl.der", AsText(collateral.root_crl), 0644));
  ATTESTML_CHECK(Write(directory + "/collateral/pck-crl.der", AsText(collateral.pck_crl), 0644));
  ATTESTML_CHECK(Write(directory + "/collateral/qe-identity.json", collateral.qe_identity, 0644));
  // Last, because the window is read from it: a renewal that was cut short is done again.
  return Write(directory + "/collateral/tcb-info.json", collateral.tcb_info, 0644);
}

Status WriteAuthority(const std::string& directory, const SimulatedKeys& keys, Time now) {
  for (const char* part : {"/keys", "/certificates", "/collateral"}) {
    if (mkdir((directory + part).c_str(), 0700) != 0) return SystemError("make", directory + part, errno);
  }
  const std::vector<std::pair<const char*, const crypto::PrivateKey*>> files = {{"root", &keys.root},
                                                                                {"platform-ca", &keys.platform_ca},
                                                                                {"tcb-signer", &keys.tcb_signer},
                                                                                {"pck", &keys.pck},
                                                                                {"attestation", &keys.attestation}};
  for (const auto& [name, key] : files) {
    ATTESTML_CHECK(Write(directory + "/keys/" + name + ".pem", key->ToPem(), 0600));
  }
  const SimulatedAuthority authority = SimulatedAuthority::Create(keys, now);
  ATTESTML_TRY(const SimulatedCertificates certificates, IssueCertificates(authority));
  ATTESTML_TRY(const SimulatedCollateral collateral, IssueCollateral(authority));
  const std::string pck_chain = PckChainPem(certificates);
  ATTESTML_CHECK(Write(directory + "/certificates/pck-chain.pem", pck_chain, 0644));
  ATTESTML_CHECK(Write(directory + "/certificates/tcb-signing-chain.pem", TcbSigningChainPem(certificates), 0644));
  ATTESTML_CHECK(Write(directory + "/certification.bin", AsText(IssueCertification(authority, pck_chain)), 0644));
  ATTESTML_CHECK(WriteCollateral(directory, collateral));
  const Json about = {{"version", kVersion}, {"root", HexEncode(keys.root.public_key().id())}};
  return Write(directory + "/authority.json", DumpJson(about) + "\n", 0644);
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

SimulatedStore::SimulatedStore(std::string directory) : directory_(std::move(directory)) {
  // The temporary name is made by appending, and must lie beside the directory, not in it.
  while (directory_.size() > 1 && directory_.back() == '/') directory_.pop_back();
}

Result<Bytes> SimulatedStore::Read(std::string_view name) const {
  auto bytes = artifact::ReadFile(directory_ + "/" + std::string(name), kMaxFile);
  if (bytes.ok()) return bytes;
  return Unavailable("tee.simulated.state", "simulated TEE is incomplete: " + bytes.error().message);
}

Result<crypto::PrivateKey> SimulatedStore::ReadKey(std::string_view name) const {
  ATTESTML_TRY(const Bytes pem, Read("keys/" + std::string(name) + ".pem"));
  auto key = crypto::PrivateKey::FromPem(AsText(pem));
  if (key.ok() && key.value().public_key().type() == crypto::KeyType::kEcdsaP256) return key;
  return Unavailable("tee.simulated.state",
                     directory_ + "/keys/" + std::string(name) + ".pem is not a P-256 private key");
}

Result<bool> SimulatedStore::Exists() const {
  if (access((directory_ + "/authority.json").c_str(), F_OK) == 0) {
    ATTESTML_TRY(const Bytes text, Read("authority.json"));
    const auto about = ParseJson(AsText(text));
    const Json* version = about.ok() && about->is_object() ? &*about : nullptr;
    if (version == nullptr || !version->contains("version") || (*version)["version"] != kVersion) {
      return Unsupported("tee.simulated.version", directory_ + "/authority.json is not of version 1");
    }
    return true;
  }
  if (errno == ENOENT) return false;
  return Unavailable("tee.simulated.state", "cannot look into " + directory_ + ": " + std::strerror(errno));
}

Status SimulatedStore::Create(Time now) const {
  const std::filesystem::path parent = std::filesystem::path(directory_).parent_path();
  std::error_code code;
  if (!parent.empty()) std::filesystem::create_directories(parent, code);
  if (code) return SystemError("make", parent.string(), code.value());
  std::string temporary = directory_ + ".XXXXXX";
  if (mkdtemp(temporary.data()) == nullptr) return SystemError("make", temporary, errno);
  Status status = WriteAuthority(temporary, SimulatedKeys::Generate(), now);
  if (status.ok() && rename(temporary.c_str(), directory_.c_str()) != 0) {
    const int reason = errno;
    const auto exists = Exists();
    // Somebody else was first: theirs stands, ours was never used.
    if (!exists.ok() || !*exists) status = SystemError("make", directory_, reason);
    std::filesystem::remove_all(temporary, code);
  }
  if (!status.ok()) std::filesystem::remove_all(temporary, code);
  return status;
}

Status SimulatedStore::Renew(Time now) const {
  const DirectoryLock lock(directory_);
  ATTESTML_TRY(const Window window, CollateralWindow());
  if (!RenewalDue(window, now)) return {};
  ATTESTML_TRY(auto root, ReadKey("root"));
  ATTESTML_TRY(auto platform_ca, ReadKey("platform-ca"));
  ATTESTML_TRY(auto tcb_signer, ReadKey("tcb-signer"));
  ATTESTML_TRY(auto pck, ReadKey("pck"));
  ATTESTML_TRY(auto attestation, ReadKey("attestation"));
  const SimulatedAuthority authority = SimulatedAuthority::Create(
      {std::move(root), std::move(platform_ca), std::move(tcb_signer), std::move(pck), std::move(attestation)}, now);
  ATTESTML_TRY(const SimulatedCollateral collateral, IssueCollateral(authority));
  return WriteCollateral(directory_, collateral);
}

Status SimulatedStore::Ensure(Time now) const {
  ATTESTML_TRY(const bool exists, Exists());
  if (!exists) ATTESTML_CHECK(Create(now));
  ATTESTML_TRY(const Window window, CollateralWindow());
  if (!RenewalDue(window, now)) return {};
  Status renewed = Renew(now);
  // A directory that cannot be written (a read-only mount) serves as long as what it holds is valid.
  if (!renewed.ok() && window.issued <= now && now < window.until) return {};
  return renewed;
}

Result<crypto::Digest256> SimulatedStore::RootKeyId() const {
  ATTESTML_TRY(const bool exists, Exists());
  if (!exists) {
    return Unavailable("tee.simulated.absent",
                       "there is no simulated TEE in " + directory_ + "; attestml tee init makes one");
  }
  ATTESTML_TRY(const crypto::PrivateKey root, ReadKey("root"));
  return root.public_key().id();
}

Result<SimulatedStore::Window> SimulatedStore::CollateralWindow() const {
  ATTESTML_TRY(const Bytes text, Read("collateral/tcb-info.json"));
  const Error bad = Unavailable("tee.simulated.state", directory_ + "/collateral/tcb-info.json is not TCB info");
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
  ATTESTML_TRY(crypto::PrivateKey attestation, ReadKey("attestation"));
  ATTESTML_TRY(Bytes certification, Read("certification.bin"));
  ATTESTML_TRY(const Bytes tcb_info, Read("collateral/tcb-info.json"));
  ATTESTML_TRY(const Bytes qe_identity, Read("collateral/qe-identity.json"));
  ATTESTML_TRY(Bytes root_crl, Read("collateral/root-crl.der"));
  ATTESTML_TRY(Bytes pck_crl, Read("collateral/pck-crl.der"));
  ATTESTML_TRY(const Bytes chain, Read("certificates/tcb-signing-chain.pem"));
  return Device{
      std::move(attestation),
      std::move(certification),
      {std::string(AsText(tcb_info)), std::string(AsText(qe_identity)), std::move(root_crl), std::move(pck_crl)},
      std::string(AsText(chain))};
}

}  // namespace attestml::tee
