// A directory of collateral, which `--collateral` reads. spec/collateral.md section 3.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "fetch/admission.h"
#include "fetch/http.h"

namespace attestml::fetch {

// A file that every cache directory has, by which it is known.
inline constexpr std::string_view kCacheMark = ".attestml-collateral";

// $XDG_CACHE_HOME/attestml/collateral, else $HOME/.cache/attestml/collateral. Error id fetch.directory (usage) when
// neither variable holds an absolute path.
Result<std::string> DefaultCacheDirectory();

// Whether a file of a cache, named as beneath its directory ("intel/sgx-tcb-info-00606a000000.json"), is for another
// platform than this one. Only what is named for one platform can be; everything else is for all.
bool IsForAnotherPlatform(std::string_view name, const Platform& platform);

enum class EntryState : std::uint8_t { kNew, kReplaced, kUnchanged, kCached };
std::string_view EntryStateName(EntryState state);  // "new", "replaced", "unchanged", "cached"

struct CacheEntry {
  std::string name;  // beneath the directory: one folder or two, and the file
  Bytes bytes;
  Age age;
  // The age of what stands there already; nothing when it is no good, and may be replaced by anything. Empty where any
  // two files of this name are as good as each other.
  std::function<std::optional<Age>(BytesView)> age_of;
  EntryState state = EntryState::kNew;  // set by Commit
};

class Cache {
 public:
  // A directory that need not exist: Commit makes it.
  explicit Cache(std::string directory, Clock& clock = SystemClock())
      : directory_(std::move(directory)), clock_(clock) {}

  const std::string& directory() const { return directory_; }
  // Nothing when there is no such file, or it cannot be read, or is larger than 4 MiB.
  std::optional<Bytes> Read(const std::string& name) const;
  // Every file of this folder whose name begins and ends so, sorted.
  std::vector<std::string> List(const std::string& folder, std::string_view prefix, std::string_view suffix) const;

  // Commit writes the entries under the cache's lock, so that fetchers beside each other never undo one another's work.
  // All are written beside their places first, and then put there one by one. When one of them is older than what
  // stands there, none is written: fetch.older (untrusted), unless `allow_older`. fetch.lock (unavailable) when another
  // holds the lock for ten seconds; fetch.directory, file.write (unavailable).
  Status Commit(std::vector<CacheEntry>* entries, bool allow_older) const;

 private:
  std::string directory_;
  Clock& clock_;
};

}  // namespace attestml::fetch
