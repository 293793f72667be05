// The shared objects mapped into this process, for the `libraries` of a run (spec/training.md section 9).
#pragma once

#include <vector>

#include "statement/run.h"

namespace attestml::engine {

// File name and GNU build id of every mapped shared object, engine modules under their own names, empty stand-ins with
// " (empty)" after them, sorted by name. The program itself and the kernel's vdso are left out. Cheap: it reads headers
// that are mapped already.
std::vector<statement::Library> MappedLibraries();

}  // namespace attestml::engine
