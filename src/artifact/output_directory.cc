#include "artifact/output_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>

namespace attestml::artifact {
namespace {

Error WriteFailed(const std::string& path) {
  return Unavailable("file.write", "cannot write " + path + ": " + std::strerror(errno));
}

Status WriteAll(int fd, BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return WriteFailed(path);
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return {};
}

// What a killed process left beside `path`: files of exactly the name that WriteBeside gives, of a process that is no
// more. Nothing else is touched, and nothing is said where that fails.
void RemoveStaleParts(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string prefix = path.substr(slash == std::string::npos ? 0 : slash + 1) + std::string(kPartMark);
  DIR* const entries = opendir(folder.c_str());
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries)) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(prefix)) continue;
    const std::string_view digits = name.substr(prefix.size());
    pid_t process = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), process);
    const bool exact = error == std::errc() && end == digits.data() + digits.size() && process > 0 && digits[0] != '0';
    if (!exact || kill(process, 0) == 0 || errno != ESRCH) continue;
    struct stat info {};
    if (fstatat(dirfd(entries), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) continue;
    unlinkat(dirfd(entries), entry->d_name, 0);
  }
  closedir(entries);
}

// Writes `bytes` to a new file beside `path` and returns its name; nothing is left there on failure.
Result<std::string> WriteBeside(const std::string& path, BytesView bytes, unsigned mode) {
  RemoveStaleParts(path);
  const std::string temporary = path + std::string(kPartMark) + std::to_string(getpid());
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) return WriteFailed(path);
  Status status = WriteAll(fd, bytes, path);
  if (status.ok() && fsync(fd) != 0 && errno != EINVAL && errno != EROFS) status = WriteFailed(path);
  if (close(fd) != 0 && status.ok()) status = WriteFailed(path);
  if (!status.ok()) {
    unlink(temporary.c_str());
    return std::move(status).error();
  }
  return temporary;
}

}  // namespace

Status WriteFileAtomically(const std::string& path, BytesView bytes, unsigned mode) {
  if (path == "-") return WriteAll(1, bytes, "standard output");
  struct stat info {};
  // A device or a pipe cannot be replaced by a rename, and must not be.
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return WriteFailed(path);
    Status status = WriteAll(fd, bytes, path);
    if (close(fd) != 0 && status.ok()) status = WriteFailed(path);
    return status;
  }
  ATTESTML_TRY(const std::string temporary, WriteBeside(path, bytes, mode));
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const Error error = WriteFailed(path);
    unlink(temporary.c_str());
    return error;
  }
  return {};
}

Result<OutputDirectory> OutputDirectory::Create(std::string directory) {
  OutputDirectory out(std::move(directory));
  if (mkdir(out.directory_.c_str(), 0755) == 0) {
    out.made_directory_ = true;
  } else if (errno != EEXIST) {
    return Unavailable("file.write", "cannot make directory " + out.directory_ + ": " + std::strerror(errno));
  }
  struct stat info {};
  if (stat(out.directory_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return Unavailable("file.write", out.directory_ + " is not a directory");
  }
  return out;
}

OutputDirectory::OutputDirectory(OutputDirectory&& other) noexcept
    : directory_(std::move(other.directory_)),
      made_directory_(std::exchange(other.made_directory_, false)),
      pending_(std::exchange(other.pending_, {})) {}

OutputDirectory::~OutputDirectory() {
  for (const auto& [temporary, path] : pending_) unlink(temporary.c_str());
  if (made_directory_) rmdir(directory_.c_str());
}

Status OutputDirectory::Write(const std::string& name, BytesView bytes, unsigned mode) {
  const std::string path = directory_ + "/" + name;
  ATTESTML_TRY(std::string temporary, WriteBeside(path, bytes, mode));
  pending_.emplace_back(std::move(temporary), path);
  return {};
}

Status OutputDirectory::Commit() {
  while (!pending_.empty()) {
    const auto& [temporary, path] = pending_.front();
    if (rename(temporary.c_str(), path.c_str()) != 0) return WriteFailed(path);
    pending_.erase(pending_.begin());
    made_directory_ = false;
  }
  made_directory_ = false;
  return {};
}

}  // namespace attestml::artifact
