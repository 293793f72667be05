// Gramine 1.9's /dev/attestation in an SGX enclave: libos/src/fs/dev/attestation.c.
#define FUSE_USE_VERSION 35
#include <fuse.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <set>

#include "emulated.h"

namespace attestml::emulated {
namespace {

using Value = std::array<std::uint8_t, 64>;

struct Opened {
  std::string path;
  Bytes content;
};

struct Gramine {
  Emulation emulation;
  std::set<std::unique_ptr<Opened>> open;  // until released, which the last may never be
  Value report_data{};                     // zeros are used without any error
  std::map<std::string, Bytes> keys{{"default", {}}};
};

Gramine& State() { return *static_cast<Gramine*>(fuse_get_context()->private_data); }

Opened* Of(const fuse_file_info* file) { return reinterpret_cast<Opened*>(file->fh); }

constexpr std::string_view kKeys = "/keys/";

bool IsKey(std::string_view path) {
  return path.starts_with(kKeys) && State().keys.contains(std::string(path.substr(kKeys.size())));
}

// 0 for what is not there.
unsigned ModeOf(std::string_view path) {
  if (path == "/" || path == "/keys") return S_IFDIR | 0755;
  if (path == "/user_report_data" || path == "/target_info" || IsKey(path)) return S_IFREG | 0600;
  if (path == "/quote" && State().emulation.fault == "none") return 0;
  for (const std::string_view name : {"/attestation_type", "/my_target_info", "/report", "/quote"}) {
    if (path == name) return S_IFREG | 0400;
  }
  return 0;
}

int GetAttributes(const char* path, struct stat* info, fuse_file_info* /*file*/) {
  *info = {};
  info->st_mode = ModeOf(path);
  info->st_nlink = 1;
  return info->st_mode == 0 ? -ENOENT : 0;
}

int ReadDirectory(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/, fuse_file_info* /*file*/,
                  fuse_readdir_flags /*flags*/) {
  const auto add = [&](const char* name) { fill(buffer, name, nullptr, 0, static_cast<fuse_fill_dir_flags>(0)); };
  if (std::strcmp(path, "/keys") == 0) {
    for (const auto& [name, value] : State().keys) add(name.c_str());
    return 0;
  }
  for (const char* name : {"attestation_type", "user_report_data", "target_info", "my_target_info", "report", "keys"}) {
    add(name);
  }
  if (ModeOf("/quote") != 0) add("quote");
  return 0;
}

Bytes ContentOf(std::string_view path) {
  const Gramine& state = State();
  if (path == "/attestation_type") return ToBytes(AsBytes(state.emulation.fault == "none" ? "none" : "dcap"));
  if (path == "/my_target_info") return Bytes(512, 0);
  if (IsKey(path)) return state.keys.at(std::string(path.substr(kKeys.size())));
  if (path == "/quote") return Evidence(state.emulation, state.report_data, nullptr);
  if (path == "/report") {
    // A quote's body is the report's, behind a header of 48 bytes; 48 of key id and MAC follow.
    const Bytes quote = Evidence(state.emulation, state.report_data, nullptr);
    Bytes report(quote.begin() + 48, quote.begin() + 432);
    report.resize(432);
    return report;
  }
  return {};  // what was set cannot be read back
}

int Open(const char* path, fuse_file_info* file) {
  const unsigned mode = ModeOf(path);
  if (mode == 0) return -ENOENT;
  const bool writes = (file->flags & O_ACCMODE) != O_RDONLY;
  if (writes && (mode & 0200U) == 0) return -EACCES;
  const std::string_view name = path;
  const bool proves = name == "/quote" || name == "/report";
  if (proves && State().emulation.fault == "eacces") return -EACCES;
  // Made at open; an open file holds it. Sizes are not told, so the kernel must not go by them.
  auto opened = std::make_unique<Opened>(Opened{path, writes ? Bytes() : ContentOf(name)});
  file->fh = reinterpret_cast<std::uint64_t>(opened.get());
  State().open.insert(std::move(opened));
  file->direct_io = 1;
  return 0;
}

int Read(const char* /*path*/, char* buffer, std::size_t size, off_t offset, fuse_file_info* file) {
  const Opened& opened = *Of(file);
  const std::string& fault = State().emulation.fault;
  if (fault == "eio" && opened.path == "/quote" && offset > 100) return -EIO;
  const std::size_t most = fault == "short" ? 1 : fault == "eio" ? 128 : size;
  return ReadPiece(opened.content, offset, size, most, buffer);
}

// Each call replaces the whole value: what is missing is zero, what is too much is cut, and neither is told.
int Write(const char* path, const char* buffer, std::size_t size, off_t /*offset*/, fuse_file_info* /*file*/) {
  const std::string_view name = path;
  if (IsKey(name)) {
    if (size != 16) return -EACCES;
    State().keys[std::string(name.substr(kKeys.size()))].assign(buffer, buffer + size);
  } else if (name == "/user_report_data") {
    State().report_data = {};
    std::copy_n(buffer, std::min<std::size_t>(size, 64), State().report_data.begin());
  }
  return static_cast<int>(size);
}

int Release(const char* /*path*/, fuse_file_info* file) {
  std::erase_if(State().open, [file](const auto& opened) { return opened.get() == Of(file); });
  return 0;
}

int Truncate(const char* /*path*/, off_t /*size*/, fuse_file_info* /*file*/) { return 0; }
int Unlink(const char* /*path*/) { return -EACCES; }

}  // namespace

std::unique_ptr<Mount> MountGramine(const std::string& path, Emulation emulation) {
  fuse_operations operations{};
  operations.getattr = GetAttributes;
  operations.readdir = ReadDirectory;
  operations.open = Open;
  operations.read = Read;
  operations.write = Write;
  operations.release = Release;
  operations.truncate = Truncate;
  operations.unlink = Unlink;
  auto state = std::make_shared<Gramine>();
  state->emulation = std::move(emulation);
  return MountFiles(path, operations, state);
}

}  // namespace attestml::emulated
