#include "tee/configfs_tsm.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "evidence/snp/certificate_table.h"
#include "tee/kernel_file.h"
#include "tee/own_report.h"

namespace attestml::tee {
namespace {

// The kernel lets 32 KiB of either through, and 64 KiB since auxblob may hold more certificates.
constexpr std::size_t kMaxBlob = 64 * 1024;
constexpr int kAttempts = 6;
constexpr std::chrono::milliseconds kFirstPause{5};

// A folder in which one request is made.
class Entry {
 public:
  explicit Entry(const std::string& directory) {
    static std::atomic<unsigned> count{0};
    path_ = directory + "/attestml-" + std::to_string(getpid()) + "-" + std::to_string(count++);
    if (mkdir(path_.c_str(), 0700) != 0) error_ = {errno, "make"};
  }
  ~Entry() {
    if (!error_) rmdir(path_.c_str());
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  const KernelError& error() const { return error_; }
  const std::string& path() const { return path_; }
  std::string File(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  KernelError error_;
};

struct Provider {
  std::string_view kernel, tee, media_type;
};
constexpr Provider kProviders[] = {{"tdx_guest", "tdx", evidence::kTdxQuoteMediaType},
                                   {"sev_guest", "snp", evidence::kSnpReportMediaType}};

std::optional<std::uint64_t> Number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Attempt {
  bool raced = false, writing = false;
  KernelError error;
  std::string path;  // of what failed
  Bytes report, certificates;
};

class ConfigfsTsm final : public Device {
 public:
  ConfigfsTsm(std::string path, const Provider& provider) : path_(std::move(path)), provider_(provider) {}

  std::string name() const override { return std::string(provider_.tee); }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    Attempt attempt;
    for (int i = 0; i < kAttempts; ++i) {
      if (i > 0) std::this_thread::sleep_for(kFirstPause * (1 << i));
      const Entry entry(path_);
      if (entry.error()) return Unavailable("tee.tsm.entry", entry.error().Describe(entry.path()));
      attempt = Try(entry, report_data);
      if (!attempt.raced && !attempt.error.passing()) break;
    }
    if (attempt.error) {
      return Unavailable(attempt.writing ? "tee.tsm.write" : "tee.tsm.read", attempt.error.Describe(attempt.path));
    }
    if (attempt.raced) {
      return Unavailable("tee.tsm.generation", "somebody else wrote to this request in " + path_ + " each of " +
                                                   std::to_string(kAttempts) + " times");
    }
    ATTESTML_CHECK(CheckOwnReport(provider_.tee, attempt.report, report_data));
    evidence::EvidencePackage package{std::string(provider_.media_type), std::move(attempt.report), {}};
    if (provider_.tee == "snp") {
      auto certificates = evidence::snp::ParseCertificateTable(attempt.certificates);
      if (certificates.ok()) package.collateral = std::move(certificates).value();
    }
    return package;
  }

 private:
  static std::optional<std::uint64_t> Generation(const Entry& entry, Attempt* attempt) {
    std::string text;
    attempt->path = entry.File("generation");
    attempt->error = ReadKernelLine(attempt->path, &text);
    if (attempt->error) return std::nullopt;
    const auto number = Number(text);
    if (!number) attempt->error = {EILSEQ, "read"};
    return number;
  }

  static Attempt Try(const Entry& entry, const std::array<std::uint8_t, 64>& report_data) {
    Attempt attempt;
    const auto before = Generation(entry, &attempt);
    if (!before) return attempt;
    std::uint64_t writes = 0;
    const auto write = [&](const char* name, BytesView bytes) {
      attempt.path = entry.File(name);
      attempt.error = WriteKernelFile(attempt.path, bytes);
      attempt.writing = static_cast<bool>(attempt.error);
      ++writes;
      return !attempt.error;
    };
    std::string floor;
    if (!ReadKernelLine(entry.File("privlevel_floor"), &floor) && !floor.empty() && floor != "0") {
      if (!write("privlevel", AsBytes(floor))) return attempt;
    }
    if (!write("inblob", report_data)) return attempt;
    attempt.path = entry.File("outblob");
    attempt.error = ReadKernelFile(attempt.path, kMaxBlob, &attempt.report);
    if (attempt.error) return attempt;
    if (ReadKernelFile(entry.File("auxblob"), kMaxBlob, &attempt.certificates)) attempt.certificates.clear();
    const auto after = Generation(entry, &attempt);
    if (after) attempt.raced = *after != *before + writes;
    return attempt;
  }

  const std::string path_;
  const Provider provider_;
};

}  // namespace

Result<std::unique_ptr<Device>> OpenConfigfsTsm(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    const KernelError error{errno, "find"};
    return Unavailable(
        "tee.tsm.absent",
        error.Describe(path) + (error.absent() ? ": no TDX or SEV-SNP guest, or a Linux before 6.7" : ""));
  }
  const Entry entry(path);
  if (entry.error()) {
    const bool driver = entry.error().number == ENXIO;
    return Unavailable("tee.tsm.entry", entry.error().Describe(entry.path()) +
                                            (driver ? ": neither tdx_guest nor sev_guest is loaded" : ""));
  }
  std::string name;
  if (const KernelError error = ReadKernelLine(entry.File("provider"), &name)) {
    return Unavailable("tee.tsm.entry", error.Describe(entry.File("provider")));
  }
  for (const Provider& provider : kProviders) {
    if (provider.kernel == name) return std::unique_ptr<Device>(std::make_unique<ConfigfsTsm>(path, provider));
  }
  return Unsupported("tee.tsm.provider", "the kernel's provider is \"" + name + "\", want tdx_guest or sev_guest");
}

}  // namespace attestml::tee
