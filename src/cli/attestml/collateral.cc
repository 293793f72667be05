#include <algorithm>
#include <ctime>
#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "crypto/certificate.h"
#include "crypto/pem.h"
#include "crypto/timestamp.h"
#include "evidence/sgx/signed_json.h"
#include "fetch/cache.h"
#include "fetch/platform.h"

namespace attestml::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxItems = 256;
constexpr std::size_t kMaxItemBytes = std::size_t{4} << 20;

// What to leave out of a folder: nothing, or in a cache what was not finished and what is for other platforms.
using Skip = std::function<bool(const std::string&)>;

Status AddPath(const fs::path& path, int depth, const Skip& skip, std::vector<evidence::CollateralItem>* out) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    ATTESTML_TRY(Bytes bytes, artifact::ReadFile(path.string(), kMaxItemBytes));
    out->push_back({path.string(), std::move(bytes)});
    if (out->size() > kMaxItems) return Usage("collateral.count", "more than 256 files of collateral");
    return {};
  }
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  if (error) return Unavailable("file.open", "cannot read folder " + path.string() + ": " + error.message());
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    if (fs::is_directory(entry, error) && depth == 0) continue;
    if (skip && skip(entry.filename().string())) continue;
    ATTESTML_CHECK(AddPath(entry, depth - 1, skip, out));
  }
  return {};
}

// The first date after this text, which Intel's documents have once before anything that could hold another.
std::optional<Time> DateAfter(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const auto time = ParseTime(text.substr(at + name.size(), std::string_view("2025-07-04T10:28:44Z").size()));
  if (!time.ok()) return std::nullopt;
  return *time;
}

bool IsCache(const fs::path& path) {
  std::error_code error;
  return fs::exists(path / fetch::kCacheMark, error);
}

// Any root will do to tell which platform it is: nothing is believed for it, only left out.
Skip SkipOf(const evidence::EvidencePackage* evidence) {
  std::optional<fetch::Platform> platform;
  if (evidence != nullptr) {
    if (auto found = fetch::PlatformOf(evidence->evidence, verify::VendorAnchors(), Time{}); found.ok()) {
      platform = std::move(found).value();
    }
  }
  return [platform](const std::string& name) {
    return name == fetch::kCacheMark || name.find(artifact::kPartMark) != std::string::npos ||
           (platform && fetch::IsForAnotherPlatform(name, *platform));
  };
}

}  // namespace

Result<std::vector<evidence::CollateralItem>> ReadCollateral(std::vector<std::string> paths, bool cached,
                                                             const evidence::EvidencePackage* evidence) {
  if (cached) {
    ATTESTML_TRY(std::string directory, fetch::DefaultCacheDirectory());
    if (!IsCache(directory)) {
      return Unavailable("fetch.directory",
                         "no collateral has been fetched into " + directory + ": try `attestml collateral fetch`");
    }
    paths.push_back(std::move(directory));
  }
  std::vector<evidence::CollateralItem> out;
  for (const std::string& path : paths) {
    ATTESTML_CHECK(AddPath(path, 2, IsCache(path) ? SkipOf(evidence) : Skip(), &out));
  }
  return out;
}

Json ListCollateral(const evidence::CollateralItem& item) {
  const std::string_view text = AsText(item.bytes);
  Json out = {{"path", item.label}, {"sha256", HexEncode(crypto::Sha256(item.bytes))}, {"type", "other"}};
  if (text.starts_with('{')) {
    const bool tcb_info = evidence::sgx::LooksLikeSignedJson(text, "tcbInfo");
    if (!tcb_info && !evidence::sgx::LooksLikeSignedJson(text, "enclaveIdentity")) return out;
    out["type"] = tcb_info ? "tcb-info" : "qe-identity";
    if (const auto time = DateAfter(text, "\"issueDate\":\"")) out["issued"] = FormatTime(*time);
    if (const auto time = DateAfter(text, "\"nextUpdate\":\"")) out["valid_until"] = FormatTime(*time);
  } else if (crypto::LooksLikePem(text)) {
    out["type"] = "pem";
  } else if (crypto::Crl::IssuerOf(item.bytes)) {
    out["type"] = "crl";
    if (const auto crl = crypto::Crl::FromDer(item.bytes); crl.ok()) {
      out["issued"] = FormatTime(crl->this_update());
      out["valid_until"] = FormatTime(crl->next_update());
    }
  } else if (text.starts_with('0')) {
    out["type"] = "certificate";
  }
  return out;
}

Result<std::vector<verify::TrustAnchor>> ReadAnchors(const std::vector<std::string>& simulated_roots) {
  const auto vendor = verify::VendorAnchors();
  std::vector<verify::TrustAnchor> anchors(vendor.begin(), vendor.end());
  for (const std::string& root : simulated_roots) {
    verify::TrustAnchor anchor{"simulated", {}, true};
    std::string_view hex = root;
    if (hex.starts_with("sha256:")) hex.remove_prefix(7);
    if (!HexDecodeInto(hex, anchor.key_id)) return Usage("cli.root", "--simulated-root: want 64 hexadecimal digits");
    anchors.push_back(anchor);
  }
  return anchors;
}

bool IsLater(Time time, Time now) {
  constexpr std::int64_t kClocksDiffer = 300;
  return now.unix_seconds + kClocksDiffer < time.unix_seconds;
}

Result<Time> TimeOf(const std::string& at) {
  if (at.empty()) return Time{static_cast<std::int64_t>(std::time(nullptr))};
  auto time = ParseTime(at);
  if (!time.ok()) return Usage("cli.at", "--at: " + time.error().message);
  return time;
}

}  // namespace attestml::cli
