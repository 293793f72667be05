// DigestSet: the distinct record leaves of a selection, for asking whether a leaf is among them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "crypto/digest.h"

namespace attestml::properties {

class DigestSet {
 public:
  explicit DigestSet(std::span<const crypto::Digest256> digests);
  bool Contains(const crypto::Digest256& digest) const;
  std::size_t size() const { return digests_.size(); }

 private:
  std::size_t BucketOf(const crypto::Digest256& digest) const;

  std::vector<std::uint32_t> starts_;  // of each bucket in `digests_`, and the end
  std::vector<crypto::Digest256> digests_;
};

}  // namespace attestml::properties
