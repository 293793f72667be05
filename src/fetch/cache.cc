#include "fetch/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "fetch/http.h"

namespace attestml::fetch {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = std::size_t{4} << 20;
constexpr double kLockSeconds = 10;

Error DirectoryError(const std::string& directory, const std::string& reason) {
  return Unavailable("fetch.directory", "cannot make the directory " + directory + ": " + reason);
}

Status MakeDirectory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return DirectoryError(directory.string(), error.message());
  if (!fs::is_directory(directory, error)) return DirectoryError(directory.string(), "there is something else");
  return {};
}

// The lock of a cache directory, as long as this lives.
class Lock {
 public:
  static Result<Lock> Take(const std::string& directory, Clock& clock) {
    const std::string path = directory + "/" + std::string(kCacheMark);
    Lock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (lock.fd_ < 0) return Unavailable("file.write", "cannot open " + path + ": " + std::strerror(errno));
    for (const double end = clock.Seconds() + kLockSeconds; flock(lock.fd_, LOCK_EX | LOCK_NB) != 0;) {
      if ((errno != EWOULDBLOCK && errno != EINTR) || clock.Seconds() >= end) {
        return Unavailable("fetch.lock", "cannot lock " + path + ": " + std::strerror(errno));
      }
      clock.Sleep(0.02);
    }
    return lock;
  }
  Lock(Lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Lock& operator=(Lock&&) = delete;
  ~Lock() {
    if (fd_ >= 0) close(fd_);
  }

 private:
  explicit Lock(int fd) : fd_(fd) {}
  int fd_;
};

void RemoveParts(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> parts;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().find(artifact::kPartMark) != std::string::npos) parts.push_back(it->path());
  }
  for (const fs::path& part : parts) fs::remove(part, error);
}

std::string AgeText(const Age& age) {
  return "issued " + FormatTime(age.issued) +
         (age.evaluation_number == 0 ? "" : ", evaluation number " + std::to_string(age.evaluation_number));
}

}  // namespace

Result<std::string> DefaultCacheDirectory() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/attestml/collateral";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.cache/attestml/collateral";
  return Usage("fetch.directory", "neither XDG_CACHE_HOME nor HOME names a directory; say which with --out");
}

bool IsForAnotherPlatform(std::string_view name, const Platform& platform) {
  const std::size_t slash = name.rfind('/');
  const std::string_view file = slash == std::string_view::npos ? name : name.substr(slash + 1);
  for (const std::string_view tee : {"sgx", "tdx"}) {
    const std::string prefix = std::string(tee) + "-tcb-info-";
    if (!file.starts_with(prefix)) continue;
    return !platform.intel || platform.intel->is_tdx != (tee == "tdx") ||
           file != prefix + HexEncode(platform.intel->pck.fmspc) + ".json";
  }
  if (!file.starts_with("vcek-") || !file.ends_with(".der")) return false;
  if (!platform.amd) return true;
  const AmdPlatform& amd = *platform.amd;
  if (amd.chip_id.empty()) return false;
  return std::none_of(amd.lines.begin(), amd.lines.end(), [&](evidence::snp::ProductLine line) {
    return file.starts_with("vcek-" + HexEncode(HardwareId(amd, line)) + "-");
  });
}

std::string_view EntryStateName(EntryState state) {
  switch (state) {
    case EntryState::kNew:
      return "new";
    case EntryState::kReplaced:
      return "replaced";
    case EntryState::kUnchanged:
      return "unchanged";
    case EntryState::kCached:
      return "cached";
  }
  return "";
}

std::optional<Bytes> Cache::Read(const std::string& name) const {
  const std::string path = directory_ + "/" + name;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  auto bytes = artifact::ReadFile(path, kMaxFile);
  if (!bytes.ok()) return std::nullopt;
  return std::move(bytes).value();
}

std::vector<std::string> Cache::List(const std::string& folder, std::string_view prefix,
                                     std::string_view suffix) const {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(directory_ + "/" + folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(suffix)) out.push_back(folder + "/" + name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Status Cache::Commit(std::vector<CacheEntry>* entries, bool allow_older) const {
  ATTESTML_CHECK(MakeDirectory(directory_));
  ATTESTML_TRY(const Lock lock, Lock::Take(directory_, clock_));
  std::set<fs::path> folders;
  for (CacheEntry& entry : *entries) {
    const auto old = Read(entry.name);
    entry.state = !old ? EntryState::kNew : *old == entry.bytes ? EntryState::kUnchanged : EntryState::kReplaced;
    folders.insert(fs::path(directory_ + "/" + entry.name).parent_path());
    if (entry.state != EntryState::kReplaced || !entry.age_of || allow_older) continue;
    const auto age = entry.age_of(*old);
    if (!age || !entry.age.OlderThan(*age)) continue;
    return Untrusted("fetch.older", "what was served for " + entry.name + " (" + AgeText(entry.age) +
                                        ") is older than what the cache has (" + AgeText(*age) +
                                        "); --allow-older takes it");
  }
  for (const fs::path& folder : folders) {
    ATTESTML_CHECK(MakeDirectory(folder));
    RemoveParts(folder);
  }
  ATTESTML_TRY(auto out, artifact::OutputDirectory::Create(directory_));
  for (const CacheEntry& entry : *entries) {
    if (entry.state != EntryState::kUnchanged) ATTESTML_CHECK(out.Write(entry.name, entry.bytes));
  }
  return out.Commit();
}

}  // namespace attestml::fetch
