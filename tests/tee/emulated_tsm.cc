// Linux' configfs-tsm: Documentation/ABI/testing/configfs-tsm and drivers/virt/coco/tsm.c.
#define FUSE_USE_VERSION 35
#include <fuse.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "emulated.h"

namespace attestml::emulated {
namespace {

struct Entry {
  std::optional<Bytes> inblob;
  unsigned privilege = 0;
  std::uint64_t written = 0, read = 0;
  Bytes outblob, auxblob;  // of generation `read`
  bool made = false;
};

struct Tsm {
  Emulation emulation;
  std::map<std::string, Entry, std::less<>> entries;
  int asked = 0, requests = 0;
  std::set<std::unique_ptr<std::optional<Bytes>>> open;  // until released, which the last may never be
};

Tsm& State() { return *static_cast<Tsm*>(fuse_get_context()->private_data); }
bool Faulty(std::string_view fault) { return State().emulation.fault == fault; }
bool IsTdx() { return State().emulation.device->name().ends_with("tdx"); }

struct Place {
  Entry* entry = nullptr;
  std::string_view file;  // "" for the entry itself
};

Place Find(std::string_view path) {
  path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  const auto entry = State().entries.find(path.substr(0, slash));
  if (entry == State().entries.end()) return {};
  return {&entry->second, slash == std::string_view::npos ? "" : path.substr(slash + 1)};
}

unsigned ModeOf(std::string_view file) {
  if (file == "inblob") return 0200;
  if (file == "privlevel") return IsTdx() ? 0 : 0200;
  if (file == "privlevel_floor") return IsTdx() ? 0 : 0400;
  if (file == "auxblob") return Faulty("no-auxblob") ? 0 : 0400;
  return file == "outblob" || file == "provider" || file == "generation" ? 0400 : 0;
}
constexpr std::array kFiles = {"inblob",  "privlevel", "privlevel_floor", "auxblob",
                               "outblob", "provider",  "generation"};

int GetAttributes(const char* path, struct stat* info, fuse_file_info* /*file*/) {
  *info = {};
  info->st_nlink = 1;
  const Place place = Find(path);
  if (std::string_view(path) == "/" || (place.entry != nullptr && place.file.empty())) {
    info->st_mode = S_IFDIR | 0755;
    return 0;
  }
  if (place.entry == nullptr || ModeOf(place.file) == 0) return -ENOENT;
  info->st_mode = S_IFREG | ModeOf(place.file);
  return 0;
}

int ReadDirectory(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/, fuse_file_info* /*file*/,
                  fuse_readdir_flags /*flags*/) {
  const auto add = [&](const char* name) { fill(buffer, name, nullptr, 0, static_cast<fuse_fill_dir_flags>(0)); };
  if (std::string_view(path) == "/") {
    for (const auto& [name, entry] : State().entries) add(name.c_str());
    return 0;
  }
  for (const char* name : kFiles) {
    if (ModeOf(name) != 0) add(name);
  }
  return 0;
}

int MakeDirectory(const char* path, mode_t /*mode*/) {
  if (Faulty("enxio")) return -ENXIO;
  const std::string_view name = std::string_view(path).substr(1);
  if (name.find('/') != std::string_view::npos) return -EPERM;
  return State().entries.try_emplace(std::string(name)).second ? 0 : -EEXIST;
}

int RemoveDirectory(const char* path) {
  return State().entries.erase(std::string(std::string_view(path).substr(1))) == 1 ? 0 : -ENOENT;
}

int Open(const char* path, fuse_file_info* file) {
  const Place place = Find(path);
  if (place.entry == nullptr || ModeOf(place.file) == 0) return -ENOENT;
  const bool writes = (file->flags & O_ACCMODE) != O_RDONLY;
  if ((ModeOf(place.file) & (writes ? 0200U : 0400U)) == 0) return -EACCES;
  auto opened = std::make_unique<std::optional<Bytes>>();
  file->fh = reinterpret_cast<std::uint64_t>(opened.get());
  State().open.insert(std::move(opened));
  file->direct_io = 1;
  return 0;
}

// One more write; too many since the last reading are refused.
int Advance(Entry* entry) {
  if (entry->written + 1 == entry->read) return -EBUSY;
  ++entry->written;
  return 0;
}

int MakeReport(Entry* entry) {
  Tsm& state = State();
  if (!entry->inblob) return -EINVAL;
  if (entry->made && entry->read == entry->written) return 0;
  if (Faulty("busy") && ++state.asked <= 3) return -EBUSY;
  if (Faulty("floor") && entry->privilege < 2) return -EINVAL;
  if (Faulty("eio")) return -EIO;
  if (Faulty("raced-always") || (Faulty("raced") && ++state.requests <= 2)) {
    entry->inblob = Bytes(64, 0xee);  // somebody else, between our writing and our reading
    ++entry->written;
  }
  std::array<std::uint8_t, 64> report_data{};
  std::copy(entry->inblob->begin(), entry->inblob->end(), report_data.begin());
  entry->outblob = Evidence(state.emulation, report_data, &entry->auxblob);
  if (IsTdx()) entry->auxblob.clear();
  entry->made = true;
  entry->read = entry->written;
  return 0;
}

int Content(Entry* entry, std::string_view file, Bytes* out) {
  const auto line = [&](const std::string& text) {
    *out = ToBytes(AsBytes(text + "\n"));
    return 0;
  };
  if (file == "provider") return line(Faulty("provider") ? "arm_cca_guest" : IsTdx() ? "tdx_guest" : "sev_guest");
  if (file == "generation") return line(std::to_string(entry->written));
  if (file == "privlevel_floor") return line(Faulty("floor") ? "2" : "0");
  if (const int error = MakeReport(entry)) return error;
  *out = file == "auxblob" ? entry->auxblob : entry->outblob;
  return 0;
}

int Read(const char* path, char* buffer, std::size_t size, off_t offset, fuse_file_info* file) {
  auto& content = *reinterpret_cast<std::optional<Bytes>*>(file->fh);
  if (!content) {
    const Place place = Find(path);
    if (place.entry == nullptr) return -ENOENT;
    Bytes bytes;
    if (const int error = Content(place.entry, place.file, &bytes)) return error;
    content = std::move(bytes);
  }
  return ReadPiece(*content, offset, size, Faulty("short") ? 1 : size, buffer);
}

int Write(const char* path, const char* buffer, std::size_t size, off_t offset, fuse_file_info* /*file*/) {
  const Place place = Find(path);
  if (place.entry == nullptr) return -ENOENT;
  if (place.file == "inblob") {
    if (offset != 0 || size == 0 || size > 64) return -EINVAL;
    if (const int error = Advance(place.entry)) return error;
    place.entry->inblob.emplace(buffer, buffer + size);
    return static_cast<int>(size);
  }
  const unsigned floor = Faulty("floor") ? 2 : 0;
  if (size == 0 || *buffer < static_cast<char>('0' + floor) || *buffer > '3') return -EINVAL;
  if (const int error = Advance(place.entry)) return error;
  place.entry->privilege = static_cast<unsigned>(*buffer - '0');
  return static_cast<int>(size);
}

int Release(const char* /*path*/, fuse_file_info* file) {
  std::erase_if(State().open, [file](const auto& opened) {
    return opened.get() == reinterpret_cast<std::optional<Bytes>*>(file->fh);
  });
  return 0;
}

int Truncate(const char* /*path*/, off_t /*size*/, fuse_file_info* /*file*/) { return 0; }

}  // namespace

std::unique_ptr<Mount> MountTsm(const std::string& path, Emulation emulation) {
  fuse_operations operations{};
  operations.getattr = GetAttributes;
  operations.readdir = ReadDirectory;
  operations.mkdir = MakeDirectory;
  operations.rmdir = RemoveDirectory;
  operations.open = Open;
  operations.read = Read;
  operations.write = Write;
  operations.release = Release;
  operations.truncate = Truncate;
  auto state = std::make_shared<Tsm>();
  state->emulation = std::move(emulation);
  return MountFiles(path, operations, state);
}

}  // namespace attestml::emulated
