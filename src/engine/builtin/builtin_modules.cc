#include "engine/builtin/builtin_modules.h"

#include <filesystem>
#include <string>

#include "base/nearest_name.h"
#include "engine/builtin/builtin_digests.h"
#include "engine/builtin/unused_libraries.h"

namespace attestml::engine {
namespace {

std::string Locate(const std::filesystem::path& program_folder, std::string_view file) {
  std::error_code error;
  std::filesystem::path folder = program_folder;
  for (int up = 0; up < 4; ++up) {
    const auto candidate = folder / "lib" / "attestml" / file;
    if (std::filesystem::exists(candidate, error)) return candidate.string();
    if (!folder.has_parent_path()) break;
    folder = folder.parent_path();
  }
  return (program_folder / file).string();
}

std::vector<Module> FindAll() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  std::vector<Module> modules;
  for (const BuiltinDigest& digest : BuiltinDigests()) {
    modules.push_back({std::string(digest.name), Locate(program.parent_path(), digest.file), std::string(digest.sha256),
                       UnusedLibraries(digest.name), EmptyLibrary()});
  }
  return modules;
}

}  // namespace

std::span<const Module> BuiltinModules() {
  static const std::vector<Module> modules = FindAll();
  return modules;
}

Result<Module> FindModule(std::string_view name) {
  const auto modules = BuiltinModules();
  if (modules.empty()) return Unsupported("engine.name", "this build has no engine");
  if (name == "auto") return modules.front();
  std::string known = "auto";
  std::vector<std::string_view> names = {"auto"};
  for (const Module& module : modules) {
    if (module.name == name) return module;
    known += ", " + module.name;
    names.push_back(module.name);
  }
  const std::string nearest(NearestName(name, names));
  return Usage("engine.name", "no engine \"" + std::string(name) + "\", want one of " + known +
                                  (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

}  // namespace attestml::engine
