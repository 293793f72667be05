// What an engine needs before it may start. OpenBLAS that gets no address space for a buffer tries again for ever, and
// OpenMP that gets no thread ends the process with a status of its own: so both are seen to beforehand.
#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace attestml::engine {

// What one buffer of OpenBLAS takes, in bytes (BUFFER_SIZE of its common_x86_64.h for builds that pick a kernel at run
// time). Each thread has one, and each product under way another; they are kept until the process ends.
inline constexpr std::size_t kBlasBuffer = std::size_t{128} << 20;

inline constexpr std::size_t BlasBuffers(unsigned threads) { return 2 * std::size_t{threads}; }

// Whether the process may have only so much address space (RLIMIT_AS, `ulimit -v`).
inline bool AddressSpaceIsLimited() {
  struct rlimit limit {};
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

// Address space, in bytes, that loading the engine of this name takes, its threads and their buffers included.
std::size_t AddressSpaceFor(std::string_view engine, unsigned threads);

// Whether that much can be had now. Error engine.memory, of kind unavailable. What is free is free for everybody: where
// AddressSpaceIsLimited, nothing else may be started until the engine is loaded.
Status CheckAddressSpace(std::string_view engine, unsigned threads);

}  // namespace attestml::engine
