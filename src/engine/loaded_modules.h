// Which engine module a mapped path is: modules lie behind /proc/self/fd, where their names do not show.
#pragma once

#include <string>

namespace attestml::engine {

// "attestml_engine_torch.so" for the path LoadModule mapped it under, "libavcodec.so.59 (empty)" for what stands in for
// a library that nothing uses; "" for any other path.
std::string ModuleAtPath(const std::string& path);

}  // namespace attestml::engine
