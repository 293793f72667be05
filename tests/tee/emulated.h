// Gramine's /dev/attestation and Linux' configfs-tsm as file systems (libfuse3), so that devices are driven by the
// calls that they make inside a TEE. Evidence comes from a simulated device; everything else behaves as gramine.md and
// Documentation/ABI/testing/configfs-tsm say, and can be made to fail.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tee/device.h"

struct fuse_operations;

namespace attestml::emulated {

// What goes wrong; "" is nothing. Those of both: "eio" (reading evidence fails), "stale" (evidence over other report
// data), "short" (one byte a read), "huge" (a megabyte of evidence), "garbage" (not evidence), "empty".
//   gramine: "none" (attestation type none), "eacces" (the quoting enclave refuses)
//   tsm: "enxio" (no provider), "provider" (an unknown one), "busy" (the first three reads), "raced" (somebody writes
//   into the first two requests), "raced-always", "no-auxblob", "bad-auxblob", "floor" (privilege level 2)
struct Emulation {
  std::unique_ptr<tee::Device> device;
  std::string fault;
};

// A file system of one kind, mounted at `path` (an empty folder) until the object goes. Serves on a thread of its own.
class Mount {
 public:
  virtual ~Mount() = default;
};

std::unique_ptr<Mount> MountGramine(const std::string& path, Emulation emulation);
std::unique_ptr<Mount> MountTsm(const std::string& path, Emulation emulation);
// One file, of `first`'s size, below `path`: what is read of it once is `first`'s, and what is read again `second`'s.
std::unique_ptr<Mount> MountShifting(const std::string& path, const std::string& name, Bytes first, Bytes second);

// Whether this machine lets us mount file systems of our own; tests say that they skip where it does not.
bool CanMount();

// For the file systems: evidence over `report_data`, as `fault` bends it.
Bytes Evidence(const Emulation& emulation, const std::array<std::uint8_t, 64>& report_data, Bytes* certificates);
// What read(2) gives of `content` at `offset`: at most `most` bytes a call.
int ReadPiece(BytesView content, std::int64_t offset, std::size_t size, std::size_t most, char* buffer);
std::unique_ptr<Mount> MountFiles(const std::string& path, const fuse_operations& operations,
                                  std::shared_ptr<void> state);

}  // namespace attestml::emulated
