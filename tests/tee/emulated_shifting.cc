// A file on a hostile host: whatever byte is read a second time is another one.
#define FUSE_USE_VERSION 35
#include <fuse.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "emulated.h"

namespace attestml::emulated {
namespace {

struct Shifting {
  std::string name;  // "/data.csv"
  Bytes first, second;
  std::vector<bool> served;
};

Shifting& State() { return *static_cast<Shifting*>(fuse_get_context()->private_data); }

int GetAttributes(const char* path, struct stat* info, fuse_file_info* /*file*/) {
  *info = {};
  info->st_nlink = 1;
  if (std::string_view(path) == "/") {
    info->st_mode = S_IFDIR | 0755;
    return 0;
  }
  if (path != State().name) return -ENOENT;
  info->st_mode = S_IFREG | 0444;
  info->st_size = static_cast<off_t>(State().first.size());
  return 0;
}

int Open(const char* path, fuse_file_info* file) {
  if (path != State().name) return -ENOENT;
  file->direct_io = 1;
  return 0;
}

int Read(const char* /*path*/, char* buffer, std::size_t size, off_t offset, fuse_file_info* /*file*/) {
  Shifting& state = State();
  const auto at = std::min(static_cast<std::size_t>(offset), state.first.size());
  const std::size_t count = std::min(size, state.first.size() - at);
  for (std::size_t i = at; i < at + count; ++i) {
    buffer[i - at] = static_cast<char>(state.served[i] ? state.second[i] : state.first[i]);
    state.served[i] = true;
  }
  return static_cast<int>(count);
}

}  // namespace

std::unique_ptr<Mount> MountShifting(const std::string& path, const std::string& name, Bytes first, Bytes second) {
  fuse_operations operations{};
  operations.getattr = GetAttributes;
  operations.open = Open;
  operations.read = Read;
  auto state = std::make_shared<Shifting>();
  state->name = "/" + name;
  state->served.resize(first.size());
  second.resize(first.size());
  state->first = std::move(first);
  state->second = std::move(second);
  return MountFiles(path, operations, state);
}

}  // namespace attestml::emulated
