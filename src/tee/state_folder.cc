#include "tee/state_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "base/json.h"

namespace attestml::tee {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20;
constexpr std::uint64_t kVersion = 1;
constexpr const char* kAbout = "authority.json";

Error SystemError(const std::string& doing, const std::string& path, int code) {
  return Unavailable("tee.simulated.write", "cannot " + doing + " " + path + ": " + std::strerror(code));
}

}  // namespace

StateFolder::StateFolder(std::string directory) : directory_(std::move(directory)) {
  // The temporary name is made by appending, and must lie beside the directory, not in it.
  while (directory_.size() > 1 && directory_.back() == '/') directory_.pop_back();
}

Result<bool> StateFolder::Exists() const {
  if (access((directory_ + "/" + kAbout).c_str(), F_OK) == 0) {
    ATTESTML_TRY(const Bytes text, Read(kAbout));
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

Status StateFolder::Make(const std::function<Status(const StateFolder& temporary)>& fill) const {
  const std::filesystem::path parent = std::filesystem::path(directory_).parent_path();
  std::error_code code;
  if (!parent.empty()) std::filesystem::create_directories(parent, code);
  if (code) return SystemError("make", parent.string(), code.value());
  std::string temporary = directory_ + ".XXXXXX";
  if (mkdtemp(temporary.data()) == nullptr) return SystemError("make", temporary, errno);
  Status status = fill(StateFolder(temporary));
  if (status.ok() && rename(temporary.c_str(), directory_.c_str()) != 0) {
    const int reason = errno;
    const auto exists = Exists();
    // Somebody else was first: theirs stands, ours was never used.
    if (!exists.ok() || !*exists) status = SystemError("make", directory_, reason);
  }
  // Nothing is left of that name where it was put in place.
  std::filesystem::remove_all(temporary, code);
  return status;
}

Status StateFolder::MakePart(std::string_view name) const {
  const std::string path = directory_ + "/" + std::string(name);
  if (mkdir(path.c_str(), 0700) != 0) return SystemError("make", path, errno);
  return {};
}

Status StateFolder::WriteAbout(const crypto::PublicKey& root) const {
  const Json about = {{"version", kVersion}, {"root", HexEncode(root.id())}};
  return Write(kAbout, DumpJson(about) + "\n");
}

Status StateFolder::Write(std::string_view name, std::string_view text, unsigned mode) const {
  return artifact::WriteFileAtomically(directory_ + "/" + std::string(name), AsBytes(text), mode);
}

Result<Bytes> StateFolder::Read(std::string_view name) const {
  auto bytes = artifact::ReadFile(directory_ + "/" + std::string(name), kMaxFile);
  if (bytes.ok()) return bytes;
  return Unavailable("tee.simulated.state", "simulated TEE is incomplete: " + bytes.error().message);
}

Status StateFolder::WriteKey(std::string_view name, const crypto::PrivateKey& key) const {
  return Write("keys/" + std::string(name) + ".pem", key.ToPem(), 0600);
}

Result<crypto::PrivateKey> StateFolder::ReadKey(std::string_view name, crypto::KeyType type) const {
  const std::string file = "keys/" + std::string(name) + ".pem";
  ATTESTML_TRY(const Bytes pem, Read(file));
  auto key = crypto::PrivateKey::FromPem(AsText(pem));
  if (key.ok() && key.value().public_key().type() == type) return key;
  return Unavailable("tee.simulated.state", directory_ + "/" + file + " is not a private key of the type " +
                                                std::string(crypto::KeyTypeName(type)));
}

}  // namespace attestml::tee
