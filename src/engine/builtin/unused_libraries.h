// Generated at build time (cmake/UnusedLibraries.cmake): which libraries an engine module's own libraries name and take
// nothing from.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"

namespace attestml::engine {

// By DT_NEEDED, of module `name`; none where the build could not tell.
std::span<const std::string_view> UnusedLibraries(std::string_view module);
// An empty shared object whose DT_SONAME is kNameRoom times '#'.
BytesView EmptyLibrary();

}  // namespace attestml::engine
