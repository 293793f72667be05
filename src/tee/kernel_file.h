// Files that a kernel, or Gramine, answers through: what they hold is made when they are opened or read, their size is
// not known before, and what is written counts call by call.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::tee {

// errno, and the call that gave it; 0 when all went well.
struct KernelError {
  int number = 0;
  const char* call = "";

  explicit operator bool() const { return number != 0; }
  bool absent() const;   // nothing there: no such file, folder or device
  bool passing() const;  // worth another try: busy, interrupted, try again, timed out
  // "cannot open PATH: Permission denied".
  std::string Describe(const std::string& path) const;
};

// An open file or device; closes it.
class KernelFile {
 public:
  KernelFile(const std::string& path, int flags);
  KernelFile(KernelFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  KernelFile& operator=(KernelFile&&) = delete;
  ~KernelFile();
  int fd() const { return fd_; }  // negative, and errno set, where opening failed

 private:
  int fd_;
};

// Opens, reads until there is no more, and closes. More than `max_bytes` is E2BIG.
KernelError ReadKernelFile(const std::string& path, std::size_t max_bytes, Bytes* out);
// Writes all of `bytes` by one write(2). A kernel that takes less has not taken it: EIO.
KernelError WriteKernelFile(const std::string& path, BytesView bytes);
// One line of text, without its end. Text that is not printable ASCII is EILSEQ.
KernelError ReadKernelLine(const std::string& path, std::string* out);

}  // namespace attestml::tee
