#include "engine/address_space.h"

#include <sys/mman.h>

#include <string>

namespace attestml::engine {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// Measured with Debian 12's libraries, and a little more: libtorch 1.13 brings 286 of them and 45 MiB of tables.
constexpr std::size_t kTorchLibraries = 800 * kMiB;
constexpr std::size_t kOnednnLibraries = 64 * kMiB;
constexpr std::size_t kThreadStack = 9 * kMiB;  // and its guard page

}  // namespace

std::size_t AddressSpaceFor(std::string_view engine, unsigned threads) {
  const std::size_t stacks = threads * kThreadStack;
  if (engine == "torch") return kTorchLibraries + BlasBuffers(threads) * kBlasBuffer + stacks;
  return kOnednnLibraries + stacks;
}

Status CheckAddressSpace(std::string_view engine, unsigned threads) {
  const std::size_t wanted = AddressSpaceFor(engine, threads);
  // Only a limit of the process refuses this: the kernel promises no memory for it.
  void* space = mmap(nullptr, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space != MAP_FAILED) {
    munmap(space, wanted);
    return {};
  }
  return Unavailable("engine.memory", "engine " + std::string(engine) + " with " + std::to_string(threads) +
                                          " threads wants " + std::to_string(wanted / kMiB) +
                                          " MiB of address space to start, and they are not to be had: raise the "
                                          "limit (ulimit -v)");
}

}  // namespace attestml::engine
