#include "properties/digest_set.h"

#include <algorithm>

namespace attestml::properties {

namespace {
constexpr std::size_t kBuckets = std::size_t{1} << 16;
}

std::size_t DigestSet::BucketOf(const crypto::Digest256& digest) const {
  return static_cast<std::size_t>(digest[0]) << 8 | digest[1];
}

// Digests spread evenly over their first 16 bits, so one counting pass does nearly all of the sorting; who grinds
// records into one bucket makes that one sort, and no more.
DigestSet::DigestSet(std::span<const crypto::Digest256> digests) : starts_(kBuckets + 1), digests_(digests.size()) {
  for (const crypto::Digest256& digest : digests) starts_[BucketOf(digest) + 1] += 1;
  for (std::size_t i = 0; i < kBuckets; ++i) starts_[i + 1] += starts_[i];
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (const crypto::Digest256& digest : digests) digests_[next[BucketOf(digest)]++] = digest;
  std::vector<crypto::Digest256> distinct;
  distinct.reserve(digests.size());
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const auto begin = digests_.begin() + starts_[i];
    const auto end = digests_.begin() + starts_[i + 1];
    if (end - begin > 1) std::sort(begin, end);
    starts_[i] = static_cast<std::uint32_t>(distinct.size());
    distinct.insert(distinct.end(), begin, std::unique(begin, end));
  }
  starts_[kBuckets] = static_cast<std::uint32_t>(distinct.size());
  digests_ = std::move(distinct);
}

bool DigestSet::Contains(const crypto::Digest256& digest) const {
  const std::size_t bucket = BucketOf(digest);
  return std::binary_search(digests_.begin() + starts_[bucket], digests_.begin() + starts_[bucket + 1], digest);
}

}  // namespace attestml::properties
