#include <algorithm>

#include "crypto/merkle.h"
#include "statement/record_proof.h"

namespace attestml::statement {

RecordTree ProveLeaf(std::vector<crypto::Digest256> leaves, const crypto::Digest256& leaf, bool count) {
  std::sort(leaves.begin(), leaves.end());
  const auto [first, last] = std::equal_range(leaves.begin(), leaves.end(), leaf);
  const auto index = static_cast<std::uint64_t>(first - leaves.begin());
  const auto end = static_cast<std::uint64_t>(last - leaves.begin());
  const auto tree = crypto::MerkleTree(leaves);
  RecordTree out;
  out.root = tree.root();
  out.size = leaves.size();
  out.index = index;
  out.present = index < end;
  if (out.present) out.proof = tree.InclusionProof(index);
  if (out.present && count) {
    out.times = end - index;
    if (*out.times > 1) out.last_proof = tree.InclusionProof(end - 1);
  }
  if (!out.present || count) {
    if (index > 0) out.before = RecordNeighbour{leaves[index - 1], tree.InclusionProof(index - 1)};
    if (end < leaves.size()) out.after = RecordNeighbour{leaves[end], tree.InclusionProof(end)};
  }
  return out;
}

}  // namespace attestml::statement
