// Collateral for one piece of evidence: asked for, held against the pinned roots, put into the cache.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "fetch/cache.h"
#include "fetch/platform.h"
#include "fetch/retry.h"
#include "fetch/services.h"
#include "verify/evidence.h"

namespace attestml::fetch {

struct FetchOptions {
  bool refresh = false;      // ask again for certificates that the cache has, which never change
  bool allow_older = false;  // let an older issue replace a newer one
};

// FetchedItem is one document of the outcome.
struct FetchedItem {
  Document document = Document::kRootCrl;
  std::string name;  // beneath the cache's directory
  std::string url;   // empty when the cache had it and nobody was asked
  EntryState state = EntryState::kNew;
  crypto::Digest256 sha256{};
  Age age;
};

struct Fetched {
  std::vector<FetchedItem> items;
  std::vector<std::string> notes;  // what was not to be had, and whose it is to give
};

// FetchCollateral asks for everything that `platform` needs, admits it (fetch/admission.h) and commits it: all of it,
// or none (but for a machine that stops, or a folder that changes, while the finished files are put in place). After it
// returns, verification of genuine evidence of this platform at `time` finds in the cache every document that the
// vendor publishes. Errors: those of Session::Get, of admission and of Cache::Commit, with the document's name before
// the message.
Result<Fetched> FetchCollateral(const Platform& platform, std::span<const verify::TrustAnchor> anchors, Time time,
                                const Services& services, const FetchOptions& options, Session* session,
                                const Cache& cache);

// Of a Nitro document: no item, and a note that says why.
Fetched NothingToFetch();

}  // namespace attestml::fetch
