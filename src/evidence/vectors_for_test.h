// Shared vectors for tests: files under $ATTESTML_SHARED/vectors, or ../shared beside the repository.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"

namespace attestml::test {

inline std::filesystem::path SharedVectors() {
  const char* shared = std::getenv("ATTESTML_SHARED");
  return (shared != nullptr ? std::filesystem::path(shared)
                            : std::filesystem::path(ATTESTML_SOURCE_DIR) / ".." / "shared") /
         "vectors";
}

inline bool HaveSharedVectors() { return std::filesystem::exists(SharedVectors() / "manifest.json"); }

inline Bytes ReadBytesOf(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

inline std::string ReadTextOf(const std::filesystem::path& path) {
  const Bytes bytes = ReadBytesOf(path);
  return std::string(AsText(bytes));
}

}  // namespace attestml::test
