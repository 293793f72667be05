// Proofs that a record is, or is not, among the records of a selection, without the others (spec/record-proof.md). A
// statement holds count and root of the RFC 9162 tree over the sorted leaves of its records: a leaf's place in it shows
// presence, two neighbours with the leaf between them show absence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::statement {

// Bytes of a proof file.
inline constexpr std::size_t kMaxRecordProof = std::size_t{16} << 20;
// Trees of one proof: the selections that shaped a model, and those of its ancestors.
inline constexpr std::size_t kMaxRecordTrees = 1024;

// A leaf that stands beside the record's, with its inclusion proof.
struct RecordNeighbour {
  crypto::Digest256 leaf{};
  std::vector<crypto::Digest256> proof;
};

// One tree, and where the record's leaf stands in it or would stand.
struct RecordTree {
  // In the tree of a concealed selection: the salt of the record's leaf (spec/concealment.md section 6). Present only.
  std::optional<crypto::Digest256> salt;
  crypto::Digest256 root{};
  std::uint64_t size = 0;
  bool present = false;
  // Present: the place of the leaf, the first of its equals where `times` is given. Absent: the place at which it would
  // be put in, so that the neighbours stand at index - 1 and at index.
  std::uint64_t index = 0;
  std::vector<crypto::Digest256> proof;  // present: of the leaf at `index`
  // Present, and how often was asked: so many equal leaves, neither more nor fewer.
  std::optional<std::uint64_t> times;
  std::vector<crypto::Digest256> last_proof;  // times > 1: of the leaf at index + times - 1
  // Absent, or `times` is given: what stands before and after; nothing at the ends of the tree.
  std::optional<RecordNeighbour> before, after;
};

struct RecordProof {
  Bytes record;                   // canonical, label included (spec/records.md); empty when it is hidden
  std::vector<RecordTree> trees;  // at least one, no two of the same root
};

// One JSON object, canonical; ParseRecordProof is strict about its members. Error ids record-proof.*.
std::string WriteRecordProof(const RecordProof& proof);
Result<RecordProof> ParseRecordProof(std::string_view json);

// Whether the tree's own proofs show what it says about a record with this (plain) leaf. That root and size are those
// of a verified statement, whose program sorts its leaves, is for the caller to see to.
[[nodiscard]] bool RecordTreeHolds(const RecordTree& tree, const crypto::Digest256& plain);

// ProveLeaf says where `leaf` stands among the leaves of a selection, which it sorts, or that it does not, and how
// often when `count` is set. There is at least one leaf.
RecordTree ProveLeaf(std::vector<crypto::Digest256> leaves, const crypto::Digest256& leaf, bool count);

}  // namespace attestml::statement
