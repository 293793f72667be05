// The engine modules that were built with this program. A library of its own, attestml_engine_modules: it exists once
// the modules do, because it holds their digests.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "engine/module.h"

namespace attestml::engine {

// Every module of this build, by name, with its digest and the place where it lies: lib/attestml/ beside the program's
// folder or one of the three above it, else the program's own folder. The environment has no say; and since the digest
// decides, a file in the wrong place is only refused.
std::span<const Module> BuiltinModules();

// The module a job asks for: "auto" is the first (oneDNN, where it was built). Error id engine.name (usage) names those
// there are.
Result<Module> FindModule(std::string_view name);

}  // namespace attestml::engine
