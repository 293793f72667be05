#include "crypto/merkle.h"

#include <algorithm>
#include <array>

#include "crypto/sha256_batch.h"

namespace attestml::crypto {
namespace {

std::array<std::uint8_t, 65> NodeBytes(const Digest256& left, const Digest256& right) {
  std::array<std::uint8_t, 65> bytes;
  bytes[0] = 1;
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 33);
  return bytes;
}

Digest256 NodeHash(const Digest256& left, const Digest256& right) { return Sha256(NodeBytes(left, right)); }

// One level up: neighbours are paired and an odd last node is carried. For the left-balanced trees of RFC 9162 this is
// the same tree as its recursive definition. `up` may be where `nodes` are: a batch copies what it is given, and a
// parent lies before the nodes that are still to be read.
void PutParents(std::span<const Digest256> nodes, Digest256* up) {
  Sha256Batch batch;
  for (std::size_t i = 0; i + 1 < nodes.size(); i += 2) batch.Add(NodeBytes(nodes[i], nodes[i + 1]), &up[i / 2]);
  if (nodes.size() % 2 != 0) up[nodes.size() / 2] = nodes.back();
}

std::vector<Digest256> Parents(std::span<const Digest256> nodes) {
  std::vector<Digest256> up((nodes.size() + 1) / 2);
  PutParents(nodes, up.data());
  return up;
}

}  // namespace

Digest256 LeafHash(BytesView data) {
  const std::uint8_t prefix = 0;
  return Sha256Stream().Update({&prefix, 1}).Update(data).Finish();
}

Digest256 MerkleRoot(std::span<const Digest256> leaves) {
  if (leaves.empty()) return Sha256({});
  std::vector<Digest256> nodes = Parents(leaves);
  for (std::size_t size = nodes.size(); size > 1; size = (size + 1) / 2) {
    PutParents(std::span(nodes).first(size), nodes.data());
  }
  return nodes.front();
}

MerkleTree::MerkleTree(std::vector<Digest256> leaves) {
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) levels_.push_back(Parents(levels_.back()));
}

Digest256 MerkleTree::root() const { return levels_.front().empty() ? Sha256({}) : levels_.back().front(); }

std::vector<Digest256> MerkleTree::InclusionProof(std::uint64_t index) const {
  std::vector<Digest256> proof;
  for (std::size_t level = 0; level + 1 < levels_.size(); ++level, index /= 2) {
    const std::uint64_t sibling = index ^ 1U;
    if (sibling < levels_[level].size()) proof.push_back(levels_[level][sibling]);
  }
  return proof;
}

std::optional<Digest256> InclusionRoot(const Digest256& leaf, std::uint64_t index, std::uint64_t size,
                                       std::span<const Digest256> proof) {
  if (index >= size) return std::nullopt;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Digest256 hash = leaf;
  for (const Digest256& sibling : proof) {
    if (last == 0) return std::nullopt;
    if ((node & 1U) != 0 || node == last) {
      hash = NodeHash(sibling, hash);
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    node >>= 1U;
    last >>= 1U;
  }
  if (last != 0) return std::nullopt;
  return hash;
}

bool VerifyInclusion(const Digest256& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest256> proof,
                     const Digest256& root) {
  return InclusionRoot(leaf, index, size, proof) == root;
}

}  // namespace attestml::crypto
