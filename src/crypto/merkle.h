// RFC 9162 Merkle trees over SHA-256 (section 2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace attestml::crypto {

// LeafHash is SHA-256(0x00 || data), section 2.1.1.
Digest256 LeafHash(BytesView data);

// MerkleRoot of leaf hashes in the given order; of no leaves it is SHA-256 of the empty string.
Digest256 MerkleRoot(std::span<const Digest256> leaves);

// MerkleTree keeps the inner nodes so that many proofs cost log n each.
class MerkleTree {
 public:
  explicit MerkleTree(std::vector<Digest256> leaves);
  std::uint64_t size() const { return levels_.front().size(); }
  Digest256 root() const;
  // Inclusion proof of the leaf at `index` (< size()), section 2.1.3.1: from the leaf's sibling up.
  std::vector<Digest256> InclusionProof(std::uint64_t index) const;

 private:
  std::vector<std::vector<Digest256>> levels_;
};

// InclusionRoot is the root that a proof leads to (section 2.1.3.2, without its last comparison): nothing when no tree
// of `size` leaves has such a proof for `index`.
[[nodiscard]] std::optional<Digest256> InclusionRoot(const Digest256& leaf, std::uint64_t index, std::uint64_t size,
                                                     std::span<const Digest256> proof);

// VerifyInclusion follows section 2.1.3.2: `leaf` stands at `index` in a tree of `size` leaves with this root.
[[nodiscard]] bool VerifyInclusion(const Digest256& leaf, std::uint64_t index, std::uint64_t size,
                                   std::span<const Digest256> proof, const Digest256& root);

}  // namespace attestml::crypto
