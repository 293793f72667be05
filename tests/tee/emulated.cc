#define FUSE_USE_VERSION 35
#include "emulated.h"

#include <fcntl.h>
#include <fuse.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/hex.h"

namespace attestml::emulated {
namespace {

class FuseMount final : public Mount {
 public:
  FuseMount(const std::string& path, const fuse_operations& operations, std::shared_ptr<void> state)
      : state_(std::move(state)) {
    const char* argv[] = {"emulated"};
    fuse_args args = FUSE_ARGS_INIT(1, const_cast<char**>(argv));
    fuse_ = fuse_new(&args, &operations, sizeof(operations), state_.get());
    fuse_opt_free_args(&args);
    if (fuse_ == nullptr || fuse_mount(fuse_, path.c_str()) != 0) {
      std::fprintf(stderr, "emulated: cannot mount at %s\n", path.c_str());
      std::abort();
    }
    thread_ = std::thread([this] { fuse_loop(fuse_); });
  }
  ~FuseMount() override {
    fuse_exit(fuse_);
    fuse_unmount(fuse_);
    thread_.join();
    fuse_destroy(fuse_);
  }
  FuseMount(const FuseMount&) = delete;
  FuseMount& operator=(const FuseMount&) = delete;

 private:
  std::shared_ptr<void> state_;
  fuse* fuse_ = nullptr;
  std::thread thread_;
};

void AppendLittle(Bytes* out, std::size_t value) {
  for (unsigned i = 0; i < 4; ++i) out->push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// As a host makes it; which certificate is which matters to nobody, so that any GUID does.
Bytes CertificateTable(const std::vector<evidence::CollateralItem>& items) {
  Bytes list;
  Bytes content;
  const std::size_t begin = 24 * (items.size() + 1);
  for (const auto& item : items) {
    const Bytes guid = *HexDecode("63da758de6644564adc5f4b93be8accd");
    list.insert(list.end(), guid.begin(), guid.end());
    AppendLittle(&list, begin + content.size());
    AppendLittle(&list, item.bytes.size());
    content.insert(content.end(), item.bytes.begin(), item.bytes.end());
  }
  list.resize(begin);
  list.insert(list.end(), content.begin(), content.end());
  return list;
}

}  // namespace

bool CanMount() {
  const int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  close(fd);
  // A container may have the device and not the right.
  std::string folder = std::filesystem::temp_directory_path() / "attestml-fuse-XXXXXX";
  if (geteuid() != 0 || mkdtemp(folder.data()) == nullptr) return false;
  const char* argv[] = {"emulated"};
  fuse_args args = FUSE_ARGS_INIT(1, const_cast<char**>(argv));
  const fuse_operations none{};
  fuse* const probe = fuse_new(&args, &none, sizeof(none), nullptr);
  fuse_opt_free_args(&args);
  const bool mounted = probe != nullptr && fuse_mount(probe, folder.c_str()) == 0;
  if (mounted) fuse_unmount(probe);
  if (probe != nullptr) fuse_destroy(probe);
  std::filesystem::remove(folder);
  return mounted;
}

int ReadPiece(BytesView content, std::int64_t offset, std::size_t size, std::size_t most, char* buffer) {
  const std::size_t at = std::min(static_cast<std::size_t>(offset), content.size());
  const std::size_t count = std::min({size, most, content.size() - at});
  std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(at), count, buffer);
  return static_cast<int>(count);
}

std::unique_ptr<Mount> MountFiles(const std::string& path, const fuse_operations& operations,
                                  std::shared_ptr<void> state) {
  return std::make_unique<FuseMount>(path, operations, std::move(state));
}

Bytes Evidence(const Emulation& emulation, const std::array<std::uint8_t, 64>& report_data, Bytes* certificates) {
  std::array<std::uint8_t, 64> used = report_data;
  if (emulation.fault == "stale") used[63] ^= 1;
  auto package = emulation.device->Attest(used);
  if (!package.ok()) {
    std::fprintf(stderr, "emulated: %s\n", package.error().message.c_str());
    std::abort();
  }
  if (certificates != nullptr) *certificates = CertificateTable(package->collateral);
  if (certificates != nullptr && emulation.fault == "bad-auxblob") certificates->resize(20);
  if (emulation.fault == "huge") package->evidence.resize(std::size_t{1} << 20);
  if (emulation.fault == "garbage") package->evidence.assign(1184, 0x5a);
  if (emulation.fault == "empty") package->evidence.clear();
  return std::move(package->evidence);
}

}  // namespace attestml::emulated
