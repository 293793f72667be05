// Generated at build time, when the modules are there (cmake/ModuleDigests.cmake).
#pragma once

#include <span>
#include <string_view>

namespace attestml::engine {

struct BuiltinDigest {
  std::string_view name;  // "onednn"
  std::string_view file;  // "attestml_engine_onednn.so"
  std::string_view sha256;
};

std::span<const BuiltinDigest> BuiltinDigests();

}  // namespace attestml::engine
