#include "engine/module.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "engine/address_space.h"
#include "engine/loaded_modules.h"

namespace attestml::engine {
namespace {

constexpr std::size_t kMaxModuleBytes = std::size_t{256} << 20;
constexpr unsigned kMaxThreads = 256;

std::string Reason() { return std::strerror(errno); }

// Fills a memory file so that nobody can change it any more, this process included. Closes it on failure.
Status FillAndSeal(int fd, BytesView bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = write(fd, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      close(fd);
      return Unavailable("engine.load", "cannot fill a memory file: " + Reason());
    }
    written += static_cast<std::size_t>(n);
  }
  // The kernel refuses with EBUSY while anything else holds one of the pages for a moment, compaction for one.
  constexpr int kAttempts = 100;
  for (int attempt = 1;; ++attempt) {
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) return {};
    if ((errno != EBUSY && errno != EINTR) || attempt == kAttempts) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const std::string reason = Reason();
  close(fd);
  return Unavailable("engine.load", "cannot seal a memory file: " + reason);
}

struct Loaded {
  std::mutex mutex;
  std::map<std::string, EngineEntry> entries;    // by SHA-256: a module is mapped once
  std::map<std::string, std::string> mapped_as;  // "/proc/self/fd/7" → "attestml_engine_torch.so"
};

Loaded& State() {
  static auto* state = new Loaded;  // modules stay mapped to the end of the process, and so does this
  return *state;
}

struct Mapped {
  EngineEntry entry = nullptr;
};

// Gramine has no memory files. There what a program can map is what its manifest, and so its measurement, has the
// digests of, and each page that is mapped is compared with them: the file itself is as good as a sealed copy.
bool FilesAreMeasured() { return access("/dev/attestation/keys", F_OK) == 0; }

// Where the loader finds exactly `bytes`.
struct Place {
  std::string path;
  int fd = -1;  // of a memory file, open as long as it is mapped: the loader knows objects by path
};

Result<Place> Put(const Module& module, BytesView bytes) {
  const int fd = memfd_create("attestml-engine", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) {
    const int error = errno;
    if (error == ENOSYS && FilesAreMeasured()) return Place{module.path, -1};
    return Unavailable("engine.load", std::string("cannot make a memory file: ") + std::strerror(error));
  }
  ATTESTML_CHECK(FillAndSeal(fd, bytes));
  return Place{"/proc/self/fd/" + std::to_string(fd), fd};
}

// Takes the place of a library that nothing uses: what names it finds this one loaded, by its DT_SONAME. Where there
// are no memory files (Gramine), or the library is there already, nothing happens, and what names it loads it.
Status LeaveOut(const std::string& name, BytesView empty) {
  const std::string room(kNameRoom, '#');
  const auto at = std::search(empty.begin(), empty.end(), room.begin(), room.end());
  if (name.size() > kNameRoom || at == empty.end()) {
    return Unavailable("engine.load", "no empty library can be called " + name);
  }
  if (void* there = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD); there != nullptr) {
    dlclose(there);
    return {};
  }
  Bytes bytes = ToBytes(empty);
  const auto begin = bytes.begin() + (at - empty.begin());
  std::fill(std::copy(name.begin(), name.end(), begin), begin + kNameRoom, std::uint8_t{0});
  const int fd = memfd_create("attestml-empty", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return {};
  ATTESTML_CHECK(FillAndSeal(fd, bytes));
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    const char* reason = dlerror();
    close(fd);
    return Unavailable("engine.load", "an empty " + name + " does not load: " + (reason ? reason : "unknown"));
  }
  State().mapped_as[path] = name + " (empty)";
  return {};
}

Result<Mapped> Map(const Module& module, BytesView bytes) {
  for (const std::string_view name : module.unused_libraries) {
    ATTESTML_CHECK(LeaveOut(std::string(name), module.empty_library));
  }
  ATTESTML_TRY(const Place place, Put(module, bytes));
  void* handle = dlopen(place.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* reason = dlerror();
    if (place.fd >= 0) close(place.fd);
    return Unavailable("engine.load", "engine " + module.name + " does not load: " + (reason ? reason : "unknown"));
  }
  State().mapped_as[place.path] = "attestml_engine_" + module.name + ".so";
  void* symbol = dlsym(handle, kEngineEntryName);
  if (symbol == nullptr) return Unavailable("engine.load", "engine " + module.name + " has no " + kEngineEntryName);
  return Mapped{reinterpret_cast<EngineEntry>(symbol)};
}

}  // namespace

Result<std::unique_ptr<Engine>> LoadModule(const Module& module, unsigned threads) {
  if (threads == 0 || threads > kMaxThreads) {
    return Usage("engine.threads", std::to_string(threads) + " threads, want 1 to " + std::to_string(kMaxThreads));
  }
  EngineEntry entry = nullptr;
  {
    const std::lock_guard lock(State().mutex);
    PrepareEnvironment(threads);
    const auto known = State().entries.find(module.sha256);
    if (known != State().entries.end()) {
      entry = known->second;
    } else {
      auto file = artifact::MeasuredFile::Read(module.path, module.name, kMaxModuleBytes);
      if (!file.ok()) {
        return Unavailable("engine.module", "engine " + module.name + ": " + file.error().message);
      }
      const std::string seen = HexEncode(file->sha256());
      if (seen != module.sha256) {
        return Untrusted("engine.digest", "engine " + module.name + " has SHA-256 " + seen + ", want " + module.sha256);
      }
      ATTESTML_CHECK(CheckAddressSpace(module.name, threads));
      ATTESTML_TRY(const Mapped mapped, Map(module, file->bytes()));
      entry = mapped.entry;
      State().entries[module.sha256] = entry;
    }
  }
  std::unique_ptr<Engine> engine(entry(threads));
  if (engine == nullptr) return Unavailable("engine.load", "engine " + module.name + " does not start");
  return engine;
}

std::string ModuleAtPath(const std::string& path) {
  const std::lock_guard lock(State().mutex);
  const auto it = State().mapped_as.find(path);
  return it == State().mapped_as.end() ? "" : it->second;
}

}  // namespace attestml::engine
