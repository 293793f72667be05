#include "artifact/measured_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/hex.h"
#include "base/json.h"
#include "crypto/sha256_batch.h"

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
  Content(std::shared_ptr<const void> memory, BytesView view) : owner(std::move(memory)), bytes(view) {}
  void SetDigest(const crypto::Digest256& digest) {
    sha256 = digest;
    known = true;
  }

  const std::shared_ptr<const void> owner;  // of `bytes`
  const BytesView bytes;
  std::vector<MeasuredFile> parts;
  std::once_flag hashed;
  std::atomic<bool> known = false;
  crypto::Digest256 sha256{};
};

MeasuredFile::MeasuredFile(std::shared_ptr<Content> content, std::string name)
    : content_(std::move(content)), name_(std::move(name)) {}

MeasuredFile MeasuredFile::FromParts(std::vector<MeasuredFile> parts, std::string name) {
  Json files = Json::array();
  for (const MeasuredFile& part : parts) {
    files.push_back({{"name", part.name()}, {"sha256", HexEncode(part.sha256())}, {"size", part.bytes().size()}});
  }
  MeasuredFile out = FromBytes(ToBytes(AsBytes(DumpJson({{"files", std::move(files)}}))), std::move(name));
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
  std::call_once(content_->hashed, [this] { content_->SetDigest(crypto::Sha256(content_->bytes)); });
  return content_->sha256;
}

void MeasuredFile::HashTogether(std::span<const MeasuredFile> files) {
  std::vector<Content*> contents;
  for (const MeasuredFile& file : files) {
    const bool listed = std::find(contents.begin(), contents.end(), file.content_.get()) != contents.end();
    if (!listed && !file.content_->known) contents.push_back(file.content_.get());
  }
  std::vector<BytesView> bytes;
  for (const Content* content : contents) bytes.push_back(content->bytes);
  const auto digests = crypto::Sha256Each(bytes);
  for (std::size_t i = 0; i < contents.size(); ++i) {
    std::call_once(contents[i]->hashed, [&] { contents[i]->SetDigest(digests[i]); });
  }
}

Result<MeasuredFile> MeasuredFile::Read(const std::string& path, std::string name, std::size_t max_bytes) {
  ATTESTML_TRY(Bytes bytes, ReadAll(path, max_bytes));
  return FromBytes(std::move(bytes), std::move(name));
}

Result<MeasuredFile> MeasuredFile::OfThisProgram() {
  const std::string path = "/proc/self/exe";
  Descriptor file;
  file.fd = OpenToRead(path);
  if (file.fd < 0) return Unavailable("file.open", "cannot open " + path + ": " + std::strerror(errno));
  struct stat info {};
  if (fstat(file.fd, &info) != 0) return Unavailable("file.read", "cannot stat " + path + ": " + std::strerror(errno));
  const auto size = static_cast<std::size_t>(info.st_size);
  const void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.fd, 0);
  if (data == MAP_FAILED) {
    return Unavailable(errno == ENOMEM ? "memory" : "file.read",
                       "cannot map " + path + ", " + std::to_string(size) + " bytes: " + std::strerror(errno));
  }
  const std::shared_ptr<const void> mapped(data, [size](const void* at) { munmap(const_cast<void*>(at), size); });
  const BytesView bytes(static_cast<const std::uint8_t*>(data), size);
  return MeasuredFile(std::make_shared<Content>(mapped, bytes), "attestml-prover");
}

MeasuredFile MeasuredFile::FromBytes(Bytes bytes, std::string name) {
  const auto owned = std::make_shared<const Bytes>(std::move(bytes));
  return MeasuredFile(std::make_shared<Content>(owned, *owned), std::move(name));
}

Result<Bytes> ReadFile(const std::string& path, std::size_t max_bytes) { return ReadAll(path, max_bytes); }

}  // namespace attestml::artifact
