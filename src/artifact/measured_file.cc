#include "artifact/measured_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/hex.h"
#include "base/json.h"

namespace attestml::artifact {
namespace {

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd > 0) close(fd);
  }
};

// A named pipe that nobody writes to would hold up an ordinary open for ever.
int OpenToRead(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return fd;
}

Result<Bytes> ReadAll(const std::string& path, std::size_t max_bytes) {
  Descriptor file;
  file.fd = path == "-" ? 0 : OpenToRead(path);
  if (file.fd < 0) return Unavailable("file.open", "cannot open " + path + ": " + std::strerror(errno));
  struct stat info {};
  if (fstat(file.fd, &info) != 0) return Unavailable("file.read", "cannot stat " + path + ": " + std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return Usage("file.type", path + " is a directory, want a file");
  Bytes bytes;
  // The size the system tells is a hint: the file may change or be a pipe.
  bytes.resize(std::min<std::size_t>(max_bytes, info.st_size > 0 ? static_cast<std::size_t>(info.st_size) : 0) + 1);
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) {
      if (filled > max_bytes) {
        return Malformed("file.size", path + " is larger than " + std::to_string(max_bytes) + " bytes");
      }
      bytes.resize(std::min(max_bytes + 1, std::max<std::size_t>(65536, bytes.size() * 2)));
    }
    const ssize_t got = read(file.fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unavailable("file.read", "cannot read " + path + ": " + std::strerror(errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > max_bytes)
    return Malformed("file.size", path + " is larger than " + std::to_string(max_bytes) + " bytes");
  bytes.resize(filled);
  return bytes;
}

}  // namespace

struct MeasuredFile::Content {
  explicit Content(Bytes b) : bytes(std::move(b)) {}
  const Bytes bytes;
  std::vector<MeasuredFile> parts;
  std::once_flag hashed;
  crypto::Digest256 sha256{};
};

MeasuredFile::MeasuredFile(Bytes bytes, std::string name)
    : content_(std::make_shared<Content>(std::move(bytes))), name_(std::move(name)) {}

MeasuredFile MeasuredFile::FromParts(std::vector<MeasuredFile> parts, std::string name) {
  Json files = Json::array();
  for (const MeasuredFile& part : parts) {
    files.push_back({{"name", part.name()}, {"sha256", HexEncode(part.sha256())}, {"size", part.bytes().size()}});
  }
  MeasuredFile out(ToBytes(AsBytes(DumpJson({{"files", std::move(files)}}))), std::move(name));
  out.content_->parts = std::move(parts);
  return out;
}

const std::vector<MeasuredFile>& MeasuredFile::parts() const { return content_->parts; }

void MeasuredFile::ForgetParts() {
  content_->parts.clear();
  content_->parts.shrink_to_fit();
}

BytesView MeasuredFile::bytes() const { return content_->bytes; }

const crypto::Digest256& MeasuredFile::sha256() const {
  std::call_once(content_->hashed, [this] { content_->sha256 = crypto::Sha256(content_->bytes); });
  return content_->sha256;
}

Result<MeasuredFile> MeasuredFile::Read(const std::string& path, std::string name, std::size_t max_bytes) {
  ATTESTML_TRY(Bytes bytes, ReadAll(path, max_bytes));
  return MeasuredFile(std::move(bytes), std::move(name));
}

MeasuredFile MeasuredFile::FromBytes(Bytes bytes, std::string name) {
  return MeasuredFile(std::move(bytes), std::move(name));
}

Result<crypto::Digest256> HashFile(const std::string& path) {
  Descriptor file;
  file.fd = OpenToRead(path);
  if (file.fd < 0) return Unavailable("file.open", "cannot open " + path + ": " + std::strerror(errno));
  Bytes piece(std::size_t{256} << 10);  // small enough to stay in the cache
  crypto::Sha256Stream hash;
  while (true) {
    const ssize_t got = read(file.fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unavailable("file.read", "cannot read " + path + ": " + std::strerror(errno));
    if (got == 0) return hash.Finish();
    hash.Update(BytesView(piece).first(static_cast<std::size_t>(got)));
  }
}

Result<Bytes> ReadFile(const std::string& path, std::size_t max_bytes) { return ReadAll(path, max_bytes); }

}  // namespace attestml::artifact
