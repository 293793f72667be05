// MeasuredFile: bytes that were read exactly once, with the digest of those very bytes. Datasets, models and inputs can
// be built from nothing else, so what is used is what was measured (design G2).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::artifact {

inline constexpr std::size_t kDefaultMaxBytes = std::size_t{8} << 30;

class MeasuredFile {
 public:
  // Reads the whole file once and hashes that memory. `name` is the name that statements will use. Errors: file.open,
  // file.read (unavailable), file.size (malformed, over `max_bytes`), file.type (usage: a directory or device).
  static Result<MeasuredFile> Read(const std::string& path, std::string name, std::size_t max_bytes = kDefaultMaxBytes);
  // The file of the program that runs, as the system has it mapped: nobody can write to it meanwhile.
  static Result<MeasuredFile> OfThisProgram();
  // Takes bytes made in this process (a model just trained, an output), and measures them.
  static MeasuredFile FromBytes(Bytes bytes, std::string name);

  // Several files as one artifact: its bytes are a manifest, the canonical JSON text
  // {"files":[{"name":…,"sha256":…,"size":…},…]} in the order given (spec/records.md section 5), so its digest covers
  // the names, the order and every byte of the parts.
  static MeasuredFile FromParts(std::vector<MeasuredFile> parts, std::string name);

  // The files it is made of; empty for a plain file.
  const std::vector<MeasuredFile>& parts() const;
  // Lets go of the parts, for every copy of this file: who still needs the bytes of one holds a copy of that part. The
  // manifest and its digest stay. Not while another thread looks at parts().
  void ForgetParts();
  BytesView bytes() const;
  // Computed on first use, of the memory that bytes() shows, which never changes. Safe from several threads.
  const crypto::Digest256& sha256() const;
  // Computes the digests of those that have none yet, which takes less than one after the other. What another thread
  // asks for meanwhile is hashed twice.
  static void HashTogether(std::span<const MeasuredFile> files);
  const std::string& name() const { return name_; }

 private:
  struct Content;  // shared: copies are cheap and see the same memory
  MeasuredFile(std::shared_ptr<Content> content, std::string name);
  std::shared_ptr<Content> content_;
  std::string name_;
};

// ReadFile reads a file whose digest nobody needs (policies, keys, collateral), once, with a cap. "-" is standard
// input. Errors as above.
Result<Bytes> ReadFile(const std::string& path, std::size_t max_bytes = std::size_t{64} << 20);

}  // namespace attestml::artifact
