#include "tee/kernel_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace attestml::tee {
namespace {

constexpr std::size_t kMaxLine = 256;

}  // namespace

KernelFile::KernelFile(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC)) {}

KernelFile::~KernelFile() {
  if (fd_ >= 0) close(fd_);
}

bool KernelError::absent() const {
  return number == ENOENT || number == ENOTDIR || number == ENXIO || number == ENODEV;
}

bool KernelError::passing() const {
  return number == EBUSY || number == EAGAIN || number == EINTR || number == ETIMEDOUT;
}

std::string KernelError::Describe(const std::string& path) const {
  return std::string("cannot ") + call + " " + path + ": " + std::strerror(number);
}

KernelError ReadKernelFile(const std::string& path, std::size_t max_bytes, Bytes* out) {
  const KernelFile file(path, O_RDONLY);
  if (file.fd() < 0) return {errno, "open"};
  out->clear();
  Bytes piece(std::min<std::size_t>(max_bytes + 1, 16384));
  for (;;) {
    const ssize_t got = read(file.fd(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {errno, "read"};
    if (got == 0) return {};
    if (static_cast<std::size_t>(got) > max_bytes - out->size()) return {E2BIG, "read"};
    out->insert(out->end(), piece.begin(), piece.begin() + got);
  }
}

KernelError WriteKernelFile(const std::string& path, BytesView bytes) {
  const KernelFile file(path, O_WRONLY);
  if (file.fd() < 0) return {errno, "open"};
  ssize_t put = 0;
  do {
    put = write(file.fd(), bytes.data(), bytes.size());
  } while (put < 0 && errno == EINTR);
  if (put < 0) return {errno, "write"};
  if (static_cast<std::size_t>(put) != bytes.size()) return {EIO, "write"};
  return {};
}

KernelError ReadKernelLine(const std::string& path, std::string* out) {
  Bytes bytes;
  if (const KernelError error = ReadKernelFile(path, kMaxLine, &bytes)) return error;
  out->assign(AsText(bytes));
  if (!out->empty() && out->back() == '\n') out->pop_back();
  const bool printable = std::all_of(out->begin(), out->end(), [](char c) { return c >= ' ' && c <= '~'; });
  return printable ? KernelError{} : KernelError{EILSEQ, "read"};
}

}  // namespace attestml::tee
