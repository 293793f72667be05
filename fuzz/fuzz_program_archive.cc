// The zip file of a TorchScript program; what is accepted is written again and must read as the same.
#include <algorithm>

#include "engine/program/archive.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const BytesView file(data, size);
  const auto archive = engine::ReadArchive(file);
  if (!archive.ok()) return 0;
  std::map<std::string, BytesView> plain;
  for (const auto& [name, entry] : archive->entries) {
    if (entry.compressed) continue;
    fuzz::Require(entry.stored.size() == entry.size);
    // It borrows from the file, and from nothing beside it.
    fuzz::Require(entry.size == 0 || (entry.stored.data() >= file.data() &&
                                      entry.stored.data() + entry.stored.size() <= file.data() + file.size()));
    plain[name] = entry.stored;
  }
  const Bytes written = engine::WriteArchive(plain);
  const auto again = engine::ReadArchive(written);
  if (!again.ok()) return 0;  // what is missing without the compressed entries
  fuzz::Require(again->entries.size() == plain.size());
  for (const auto& [name, bytes] : plain) {
    const BytesView stored = again->entries.at(name).stored;
    fuzz::Require(std::equal(bytes.begin(), bytes.end(), stored.begin(), stored.end()));
  }
  return 0;
}
