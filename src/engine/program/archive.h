// The zip file of a TorchScript program, looked at before libtorch is. spec/torchscript.md section 2.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::engine {

inline constexpr std::size_t kMaxProgramBytes = std::size_t{2} << 30;
inline constexpr std::size_t kMaxProgramEntries = 16384;
inline constexpr std::size_t kMaxCodeBytes = std::size_t{64} << 20;  // of all that is compressed, unpacked

struct ArchiveEntry {
  std::uint64_t size = 0;  // unpacked
  bool compressed = false;
  std::uint32_t crc = 0;  // of the unpacked bytes
  BytesView stored;       // its bytes, when they are not compressed
};

struct Archive {
  std::string folder;                           // all entries stand in it
  std::map<std::string, ArchiveEntry> entries;  // by name without the folder: "data.pkl", "code/__torch__.py"
};

// Reads the directory of a zip file that torch.jit.save wrote and refuses whatever libtorch could understand in another
// way, names that are no plain relative paths, and sizes that unpack to too much. Borrows from `file`.
// Ids program.size, program.zip.
Result<Archive> ReadArchive(BytesView file);

std::uint32_t Crc32(BytesView bytes);

// A zip file of these entries, none compressed.
Bytes WriteArchive(const std::map<std::string, BytesView>& entries);

}  // namespace attestml::engine
