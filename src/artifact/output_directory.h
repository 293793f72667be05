// Outputs appear whole or not at all: each file is written beside its place, synced and renamed; a directory of outputs
// is committed only when every file of it has been written. A process that is killed leaves PATH.part-PID behind, which
// whoever writes PATH next removes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::artifact {

// Between a file's name and the process id, in the name of what a writer has not finished.
inline constexpr std::string_view kPartMark = ".part-";

// WriteFileAtomically replaces `path`. "-" is standard output. Errors: file.write (unavailable), with the system's
// reason.
Status WriteFileAtomically(const std::string& path, BytesView bytes, unsigned mode = 0644);

// OutputDirectory collects files under temporary names in `directory` (made when absent) and puts them in place on
// Commit. Destroyed without Commit, it removes what it wrote, so a failed or interrupted run leaves nothing behind.
class OutputDirectory {
 public:
  static Result<OutputDirectory> Create(std::string directory);
  OutputDirectory(OutputDirectory&&) noexcept;
  OutputDirectory& operator=(OutputDirectory&&) = delete;
  ~OutputDirectory();

  Status Write(const std::string& name, BytesView bytes, unsigned mode = 0644);
  Status Commit();
  const std::string& path() const { return directory_; }

 private:
  explicit OutputDirectory(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
  bool made_directory_ = false;
  std::vector<std::pair<std::string, std::string>> pending_;  // temporary path, final path
};

}  // namespace attestml::artifact
