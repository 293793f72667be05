#include "engine/program/archive.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace attestml::engine {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50;
constexpr std::uint32_t kCentral = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocator64Size = 20;

Error Bad(std::string message) { return Malformed("program.zip", std::move(message)); }

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  bool operator==(const Directory&) const = default;
};

// The end records, of which the 64-bit one may be absent. Both must say the same: which of them wins is a matter of the
// reader.
Result<Directory> ReadEnd(BytesView file) {
  if (file.size() < kEndSize) return Bad("no end of a zip file");
  ByteReader in(file.last(kEndSize));
  std::uint32_t magic = 0;
  std::uint16_t disk = 0;
  std::uint16_t disk2 = 0;
  std::uint16_t here = 0;
  std::uint16_t entries = 0;
  std::uint32_t size = 0;
  std::uint32_t offset = 0;
  std::uint16_t comment = 0;
  if (!in.ReadU32Le(&magic) || !in.ReadU16Le(&disk) || !in.ReadU16Le(&disk2) || !in.ReadU16Le(&here) ||
      !in.ReadU16Le(&entries) || !in.ReadU32Le(&size) || !in.ReadU32Le(&offset) || !in.ReadU16Le(&comment)) {
    return Bad("no end of a zip file");
  }
  if (magic != kEnd || disk != 0 || disk2 != 0 || here != entries || comment != 0) {
    return Bad("the file does not end as torch.jit.save ends one");
  }
  const Directory directory{entries, size, offset};
  std::uint64_t end = directory.offset + directory.size;
  const std::size_t tail = kEndSize + kLocator64Size + kEnd64Size;
  if (end + tail == file.size()) {
    ByteReader in64(file.subspan(end, kEnd64Size + kLocator64Size));
    Directory wide;
    std::uint64_t record = 0;
    std::uint16_t version = 0;
    std::uint32_t disk32 = 0;
    std::uint64_t here64 = 0;
    std::uint64_t where = 0;
    std::uint32_t disks = 0;
    const bool whole = in64.ReadU32Le(&magic) && magic == kEnd64 && in64.ReadU64Le(&record) &&
                       record == kEnd64Size - 12 && in64.ReadU16Le(&version) && in64.ReadU16Le(&version) &&
                       in64.ReadU32Le(&disk32) && disk32 == 0 && in64.ReadU32Le(&disk32) && disk32 == 0 &&
                       in64.ReadU64Le(&here64) && in64.ReadU64Le(&wide.entries) && here64 == wide.entries &&
                       in64.ReadU64Le(&wide.size) && in64.ReadU64Le(&wide.offset) && in64.ReadU32Le(&magic) &&
                       magic == kLocator64 && in64.ReadU32Le(&disk32) && disk32 == 0 && in64.ReadU64Le(&where) &&
                       where == end && in64.ReadU32Le(&disks) && disks == 1;
    if (!whole || wide != directory) return Bad("the two ends of the directory differ");
    end += kEnd64Size + kLocator64Size;
  }
  if (end + kEndSize != file.size()) return Bad("the directory does not end where the file does");
  return directory;
}

bool PlainName(std::string_view name) {
  if (name.empty() || name.size() > 512 || name.front() == '/' || name.back() == '/') return false;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '-' || c == '.' || c == '/';
    if (!plain) return false;
  }
  // No component that is empty, "." or "..".
  const std::string framed = "/" + std::string(name) + "/";
  return framed.find("//") == std::string::npos && framed.find("/./") == std::string::npos &&
         framed.find("/../") == std::string::npos;
}

struct Central {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint32_t packed = 0;
  std::uint32_t unpacked = 0;
  std::uint32_t offset = 0;
  BytesView name;
  BytesView extra;
};

bool ReadCentral(ByteReader* in, Central* out) {
  std::uint32_t magic = 0;
  std::uint16_t skip16 = 0;
  std::uint32_t skip32 = 0;
  std::uint16_t name = 0;
  std::uint16_t extra = 0;
  std::uint16_t comment = 0;
  std::uint16_t disk = 0;
  return in->ReadU32Le(&magic) && magic == kCentral && in->ReadU16Le(&skip16) && in->ReadU16Le(&skip16) &&
         in->ReadU16Le(&out->flags) && in->ReadU16Le(&out->method) && in->ReadU32Le(&skip32) &&
         in->ReadU32Le(&out->crc) && in->ReadU32Le(&out->packed) && in->ReadU32Le(&out->unpacked) &&
         in->ReadU16Le(&name) && in->ReadU16Le(&extra) && in->ReadU16Le(&comment) && comment == 0 &&
         in->ReadU16Le(&disk) && disk == 0 && in->ReadU16Le(&skip16) && in->ReadU32Le(&skip32) &&
         in->ReadU32Le(&out->offset) && in->ReadBytes(name, &out->name) && in->ReadBytes(extra, &out->extra);
}

// Where an entry's bytes lie, by its local header, which must agree with the directory.
Result<BytesView> Stored(BytesView file, std::uint64_t limit, const Central& central) {
  if (central.offset >= limit) return Bad("an entry begins in the directory or after it");
  ByteReader in(file.subspan(central.offset, limit - central.offset));
  std::uint32_t magic = 0;
  std::uint16_t skip16 = 0;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t skip32 = 0;
  std::uint16_t name_size = 0;
  std::uint16_t extra_size = 0;
  BytesView name;
  BytesView extra;
  BytesView stored;
  const bool whole = in.ReadU32Le(&magic) && magic == kLocal && in.ReadU16Le(&skip16) && in.ReadU16Le(&flags) &&
                     in.ReadU16Le(&method) && in.ReadU32Le(&skip32) && in.ReadU32Le(&skip32) && in.ReadU32Le(&skip32) &&
                     in.ReadU32Le(&skip32) && in.ReadU16Le(&name_size) && in.ReadU16Le(&extra_size) &&
                     in.ReadBytes(name_size, &name) && in.ReadBytes(extra_size, &extra) &&
                     in.ReadBytes(central.packed, &stored);
  if (!whole || method != central.method || !std::ranges::equal(name, central.name)) {
    return Bad("an entry is not what the directory says");
  }
  return stored;
}

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

}  // namespace

Result<Archive> ReadArchive(BytesView file) {
  if (file.empty() || file.size() > kMaxProgramBytes) {
    return Malformed("program.size", "a program of " + std::to_string(file.size()) + " bytes, want at most " +
                                         std::to_string(kMaxProgramBytes));
  }
  ATTESTML_TRY(const Directory directory, ReadEnd(file));
  if (directory.entries == 0 || directory.entries > kMaxProgramEntries) {
    return Bad(std::to_string(directory.entries) + " entries, want 1 to " + std::to_string(kMaxProgramEntries));
  }
  Archive archive;
  ByteReader in(file.subspan(directory.offset, directory.size));
  std::set<std::string> names;
  std::uint64_t unpacked = 0;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    Central central;
    if (!ReadCentral(&in, &central)) return Bad("the directory is cut short");
    const std::string name(AsText(central.name));
    if (!PlainName(name)) return Bad("an entry's name is no plain relative path");
    // libtorch looks names up without regard to case.
    if (!names.insert(Lower(name)).second) return Bad("two entries have the same name");
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos || (i > 0 && name.substr(0, slash) != archive.folder)) {
      return Bad("the entries do not stand in one folder");
    }
    archive.folder = name.substr(0, slash);
    if ((central.flags & 1U) != 0 || (central.method != 0 && central.method != 8) || !central.extra.empty()) {
      return Bad("an entry is encrypted, packed in another way, or larger than 32 bits say");
    }
    ArchiveEntry entry;
    entry.size = central.unpacked;
    entry.compressed = central.method == 8;
    entry.crc = central.crc;
    ATTESTML_TRY(const BytesView stored, Stored(file, directory.offset, central));
    const std::string inner = name.substr(slash + 1);
    if (entry.compressed) {
      unpacked += entry.size;
      if (!inner.starts_with("code/")) return Bad("something else than code is compressed");
      if (unpacked > kMaxCodeBytes) return Bad("the code unpacks to more than " + std::to_string(kMaxCodeBytes));
    } else {
      if (central.packed != central.unpacked) return Bad("an entry that is not packed has two sizes");
      entry.stored = stored;
    }
    archive.entries[inner] = entry;
  }
  if (!in.empty()) return Bad("bytes after the directory's last entry");
  return archive;
}

std::uint32_t Crc32(BytesView bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? 0xedb88320U ^ (value >> 1U) : value >> 1U;
      entries[i] = value;
    }
    return entries;
  }();
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) crc = table[(crc ^ byte) & 0xffU] ^ (crc >> 8U);
  return ~crc;
}

Bytes WriteArchive(const std::map<std::string, BytesView>& entries) {
  constexpr std::string_view kFolder = "program/";
  ByteWriter out;
  ByteWriter directory;
  std::size_t offset = 0;
  for (const auto& [name, bytes] : entries) {
    const std::string path = std::string(kFolder) + name;
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const std::uint32_t crc = Crc32(bytes);
    const auto shared = [&](ByteWriter* to) {  // what both headers have, from the flags to the sizes
      to->WriteU16Le(0);
      to->WriteU16Le(0);
      to->WriteU32Le(0);
      to->WriteU32Le(crc);
      to->WriteU32Le(size);
      to->WriteU32Le(size);
      to->WriteU16Le(static_cast<std::uint16_t>(path.size()));
      to->WriteU16Le(0);
    };
    out.WriteU32Le(kLocal);
    out.WriteU16Le(20);
    shared(&out);
    out.WriteText(path);
    out.WriteBytes(bytes);
    directory.WriteU32Le(kCentral);
    directory.WriteU16Le(20);
    directory.WriteU16Le(20);
    shared(&directory);
    directory.WriteZeros(10);
    directory.WriteU32Le(static_cast<std::uint32_t>(offset));
    directory.WriteText(path);
    offset += 30 + path.size() + bytes.size();
  }
  const Bytes tail = std::move(directory).Take();
  out.WriteBytes(tail);
  out.WriteU32Le(kEnd);
  out.WriteU32Le(0);
  out.WriteU16Le(static_cast<std::uint16_t>(entries.size()));
  out.WriteU16Le(static_cast<std::uint16_t>(entries.size()));
  out.WriteU32Le(static_cast<std::uint32_t>(tail.size()));
  out.WriteU32Le(static_cast<std::uint32_t>(offset));
  out.WriteU16Le(0);
  return std::move(out).Take();
}

}  // namespace attestml::engine
