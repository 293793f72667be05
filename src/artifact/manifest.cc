#include "artifact/manifest.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/json.h"

namespace attestml::artifact {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;  // bytes in memory for each thread

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// A file as it was listed. `parts` are the names on the way to it; none when the artifact is this one file.
struct Entry {
  std::vector<std::string> parts;
  struct stat info {};

  std::string Name() const {
    std::string name;
    for (const std::string& part : parts) name += (name.empty() ? "" : "/") + part;
    return parts.empty() ? "." : name;
  }
};

struct Shard {
  const Entry* entry = nullptr;
  std::uint64_t start = 0, end = 0;
};

std::string Reason() { return std::strerror(errno); }

// What a manifest can name: printable UTF-8 without the colon that ends a name in it.
Status CheckPart(const std::string& part) {
  for (const char c : part) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ':') {
      return Usage("manifest.name", "a file name holds a control character or a colon");
    }
  }
  std::string text = "\"";
  for (const char c : part) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  if (!ParseJson(text + '"').ok()) return Usage("manifest.name", "a file name is not UTF-8");
  return {};
}

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size && S_ISREG(b.st_mode) &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

class Tree {
 public:
  Tree(const std::string& path, const ManifestOptions& options) : path_(path), options_(options) {}

  Result<Manifest> Measure() {
    if (options_.shard_size == 0) return Usage("manifest.shard_size", "shards have 0 bytes, want at least 1");
    const Descriptor root(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (root.get() < 0) return Unavailable("manifest.path", "cannot open " + path_ + ": " + Reason());
    ATTESTML_CHECK(List(root.get()));
    ATTESTML_CHECK(Cut());
    ATTESTML_CHECK(HashAll(root.get()));
    return Write();
  }

 private:
  Status List(int root) {
    Entry entry;
    if (fstat(root, &entry.info) != 0) return Unavailable("manifest.path", "cannot stat " + path_ + ": " + Reason());
    if (S_ISREG(entry.info.st_mode)) {
      entries_.push_back(std::move(entry));
      return {};
    }
    if (!S_ISDIR(entry.info.st_mode)) return Usage("manifest.type", path_ + " is neither a file nor a folder");
    ATTESTML_CHECK(ListFolder(root, {}));
    if (entries_.empty()) return Usage("manifest.empty", path_ + " holds no file");
    // By the names on the way, as Model Signing compares paths: "a/b" stands before "a.b".
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.parts < b.parts; });
    return {};
  }

  Status ListFolder(int folder, const std::vector<std::string>& parts) {
    if (parts.size() >= kMaxTreeDepth) {
      return Usage("manifest.depth", path_ + " has folders deeper than " + std::to_string(kMaxTreeDepth));
    }
    Descriptor again(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR* stream = again.get() < 0 ? nullptr : fdopendir(again.get());
    if (stream == nullptr) return Unavailable("file.read", "cannot list a folder of " + path_ + ": " + Reason());
    again.release();
    Status status;
    while (status.ok()) {
      errno = 0;
      const dirent* each = readdir(stream);
      if (each == nullptr) {
        if (errno != 0) status = Unavailable("file.read", "cannot list a folder of " + path_ + ": " + Reason());
        break;
      }
      const std::string name = each->d_name;
      if (name != "." && name != "..") status = Take(folder, parts, name);
    }
    closedir(stream);
    return status;
  }

  Status Take(int folder, const std::vector<std::string>& parts, const std::string& name) {
    Entry entry;
    entry.parts = parts;
    entry.parts.push_back(name);
    ATTESTML_CHECK(CheckPart(name));
    if (fstatat(folder, name.c_str(), &entry.info, AT_SYMLINK_NOFOLLOW) != 0) {
      return Unavailable("file.read", "cannot stat " + entry.Name() + ": " + Reason());
    }
    if (S_ISDIR(entry.info.st_mode)) {
      const Descriptor inner(openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (inner.get() < 0) return Unavailable("file.read", "cannot open " + entry.Name() + ": " + Reason());
      return ListFolder(inner.get(), entry.parts);
    }
    if (S_ISLNK(entry.info.st_mode)) {
      return Usage("manifest.type", entry.Name() + " is a symbolic link, want files and folders");
    }
    if (!S_ISREG(entry.info.st_mode)) {
      return Usage("manifest.type", entry.Name() + " is neither a file nor a folder");
    }
    if (entries_.size() >= kMaxShards) return TooMany();
    entries_.push_back(std::move(entry));
    return {};
  }

  Error TooMany() const {
    return Malformed("manifest.size", path_ + " has more than " + std::to_string(kMaxShards) +
                                          " shards, want fewer files or larger shards");
  }

  Status Cut() {
    for (const Entry& entry : entries_) {
      const auto size = static_cast<std::uint64_t>(entry.info.st_size);
      bytes_ += size;
      if (size / options_.shard_size >= kMaxShards) return TooMany();
      // A file of no bytes is listed too: whether it is there may matter.
      std::uint64_t start = 0;
      do {
        const std::uint64_t end = size - start < options_.shard_size ? size : start + options_.shard_size;
        if (shards_.size() >= kMaxShards) return TooMany();
        shards_.push_back({&entry, start, end});
        start = end;
      } while (start < size);
    }
    digests_.resize(shards_.size());
    return {};
  }

  Error Changed(const Entry& entry) const {
    return Unavailable("manifest.changed", entry.Name() + " changed while it was read");
  }

  // From folder to folder, never through a link that came there since the listing.
  Result<Descriptor> Open(int root, const Entry& entry) const {
    // The artifact is this one file: another description of it, with a place of its own.
    if (entry.parts.empty()) return Descriptor(fcntl(root, F_DUPFD_CLOEXEC, 0));
    int at = root;
    std::optional<Descriptor> folder;
    for (std::size_t i = 0; i + 1 < entry.parts.size(); ++i) {
      Descriptor next(openat(at, entry.parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (next.get() < 0) return Changed(entry);
      at = next.get();
      folder.emplace(std::move(next));
    }
    Descriptor file(openat(at, entry.parts.back().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.get() < 0) return Unavailable("file.read", "cannot open " + entry.Name() + ": " + Reason());
    return file;
  }

  Result<crypto::Digest256> Hash(int root, const Shard& shard, Bytes* piece) const {
    const Entry& entry = *shard.entry;
    ATTESTML_TRY(const Descriptor file, Open(root, entry));
    struct stat info {};
    if (fstat(file.get(), &info) != 0 || !SameFile(entry.info, info)) return Changed(entry);
    crypto::Sha256Stream hash;
    for (std::uint64_t at = shard.start; at < shard.end;) {
      const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(piece->size(), shard.end - at));
      const ssize_t got = pread(file.get(), piece->data(), want, static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Unavailable("file.read", "cannot read " + entry.Name() + ": " + Reason());
      if (got == 0) return Changed(entry);
      hash.Update(BytesView(*piece).first(static_cast<std::size_t>(got)));
      at += static_cast<std::uint64_t>(got);
    }
    if (fstat(file.get(), &info) != 0 || !SameFile(entry.info, info)) return Changed(entry);
    return hash.Finish();
  }

  Status HashAll(int root) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::optional<Error> failed;
    const auto work = [&] {
      Bytes piece(kPiece);
      for (std::size_t i = next++; i < shards_.size(); i = next++) {
        auto digest = Hash(root, shards_[i], &piece);
        if (digest.ok()) {
          digests_[i] = *digest;
          continue;
        }
        next = shards_.size();
        const std::lock_guard lock(mutex);
        if (!failed) failed = std::move(digest).error();
        return;
      }
    };
    const unsigned cores = options_.threads > 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
    const std::size_t count = std::min<std::size_t>({cores, shards_.size(), 256});
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < count; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    if (failed) return *std::move(failed);
    return {};
  }

  Manifest Write() const {
    Manifest out;
    crypto::Sha256Stream model;
    const std::string algorithm = "sha256-sharded-" + std::to_string(options_.shard_size);
    // Written by hand in canonical member order: there may be a million.
    out.text = "{\"resources\":[";
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      const Shard& shard = shards_[i];
      out.text += (i == 0 ? "{\"algorithm\":\"" : ",{\"algorithm\":\"") + algorithm + "\",\"digest\":\"" +
                  HexEncode(digests_[i]) + "\",\"name\":";
      AppendJsonString(shard.entry->Name() + ":" + std::to_string(shard.start) + ":" + std::to_string(shard.end),
                       &out.text);
      out.text += '}';
      model.Update(digests_[i]);
    }
    out.text +=
        "],\"serialization\":{\"allow_symlinks\":false,\"hash_type\":\"sha256\",\"method\":\"shards\","
        "\"shard_size\":" +
        std::to_string(options_.shard_size) + "}}";
    out.root = crypto::Sha256(AsBytes(out.text));
    out.model = model.Finish();
    out.files = entries_.size();
    out.shards = shards_.size();
    out.bytes = bytes_;
    return out;
  }

  const std::string& path_;
  const ManifestOptions& options_;
  std::vector<Entry> entries_;
  std::vector<Shard> shards_;
  std::vector<crypto::Digest256> digests_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<Manifest> MeasureTree(const std::string& path, const ManifestOptions& options) {
  return Tree(path, options).Measure();
}

bool IsFolder(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace attestml::artifact
