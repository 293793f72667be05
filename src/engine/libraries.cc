#include "engine/libraries.h"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/byte_reader.h"
#include "base/hex.h"
#include "engine/loaded_modules.h"

namespace attestml::engine {
namespace {

struct Object {
  std::string path;
  std::string build_id;
};

// A note segment: name size, description size, type, then both padded to the segment's alignment.
std::string BuildId(BytesView notes, std::size_t alignment) {
  ByteReader in(notes);
  const auto padding = [alignment](std::size_t size) { return (alignment - size % alignment) % alignment; };
  std::uint32_t name_size = 0;
  std::uint32_t size = 0;
  std::uint32_t type = 0;
  BytesView name;
  BytesView description;
  BytesView skipped;
  while (in.ReadU32Le(&name_size) && in.ReadU32Le(&size) && in.ReadU32Le(&type) && in.ReadBytes(name_size, &name) &&
         in.ReadBytes(padding(name_size + 12), &skipped) && in.ReadBytes(size, &description)) {
    if (type == NT_GNU_BUILD_ID && AsText(name) == std::string_view("GNU\0", 4)) return HexEncode(description);
    if (!in.ReadBytes(padding(size), &skipped)) break;
  }
  return "";
}

int Visit(dl_phdr_info* info, std::size_t, void* out) {
  Object object;
  object.path = info->dlpi_name;
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type != PT_NOTE || !object.build_id.empty()) continue;
    const auto* start = reinterpret_cast<const std::uint8_t*>(info->dlpi_addr + header.p_vaddr);  // NOLINT
    object.build_id = BuildId({start, header.p_memsz}, header.p_align == 8 ? 8 : 4);
  }
  static_cast<std::vector<Object>*>(out)->push_back(std::move(object));
  return 0;
}

}  // namespace

std::vector<statement::Library> MappedLibraries() {
  std::vector<Object> objects;
  dl_iterate_phdr(Visit, &objects);
  std::vector<statement::Library> libraries;
  for (const Object& object : objects) {
    // The program has no name here; its measurement stands in the evidence.
    if (object.path.empty() || object.path.starts_with("linux-vdso")) continue;
    std::string name = ModuleAtPath(object.path);
    if (name.empty()) name = object.path.substr(object.path.rfind('/') + 1);
    libraries.push_back({std::move(name), object.build_id});
  }
  std::sort(libraries.begin(), libraries.end(),
            [](const auto& a, const auto& b) { return std::tie(a.name, a.build_id) < std::tie(b.name, b.build_id); });
  return libraries;
}

}  // namespace attestml::engine
