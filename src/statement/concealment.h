// Commitments that conceal what a statement is about from readers who could guess it (spec/concealment.md). The
// prover makes them, with its owner's secret; a reader who was given an opening checks them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "statement/claims.h"

namespace attestml::statement {

// The algorithm name of a commitment in a digest set, and the name of a concealed dataset.
inline constexpr std::string_view kCommitment = "attestml_commitment";
inline constexpr std::string_view kConcealedName = "concealed";

enum class ConcealedKind : std::uint8_t { kFile, kSelection, kReading, kRecords, kJob, kByproduct, kSeed };

// "file", "selection", "reading", "records", "job", "byproduct", "seed".
std::string_view ConcealedKindName(ConcealedKind kind);
std::optional<ConcealedKind> ConcealedKindOf(std::string_view name);

// The commitment to the value of a kind, under a salt. Section 3.
crypto::Digest256 Commit(ConcealedKind kind, const crypto::Digest256& salt, const Json& value);

// One thing opened: whoever has it can see what was committed to.
struct OpeningItem {
  ConcealedKind kind = ConcealedKind::kFile;
  crypto::Digest256 salt{};
  Json value;
};

// What must agree for equal records to have equal leaves, as text to commit to.
Json ReadingToJson(const Selection& selection);

// Conceals claims under one owner's secret, and keeps what opens them. The same thing gets the same commitment every
// time.
class Concealer {
 public:
  explicit Concealer(const crypto::Digest256& secret) : secret_(secret) {}

  // The leaves of a selection, salted: in the order given. `root` is that over the plain leaves, sorted.
  std::vector<crypto::Digest256> SaltedLeaves(const crypto::Digest256& root,
                                              const std::vector<crypto::Digest256>& leaves) const;
  // The salt of one leaf of the tree with this plain root.
  crypto::Digest256 LeafSalt(const crypto::Digest256& root, const crypto::Digest256& leaf) const;

  // Says the salted root of every selection that claims will be about. Error id conceal.records when one is missing.
  void SetSaltedRoot(const crypto::Digest256& root, const crypto::Digest256& salted_root) {
    salted_roots_[root] = salted_root;
  }

  // Replaces everything in the claim that a guess could be tested against.
  Status Conceal(Claim* claim);

  const std::vector<OpeningItem>& items() const { return items_; }

 private:
  crypto::Digest256 Replace(ConcealedKind kind, Json value);
  Status ConcealData(DatasetUse* use);
  void ConcealRun(Run* run);

  crypto::Digest256 secret_;
  std::map<crypto::Digest256, crypto::Digest256> salted_roots_;
  std::map<crypto::Digest256, bool> told_;  // commitments that have an item
  std::vector<OpeningItem> items_;
};

// SHA-256(00 || salt || leaf): a leaf of a salted tree.
crypto::Digest256 SaltedLeaf(const crypto::Digest256& salt, const crypto::Digest256& leaf);

}  // namespace attestml::statement
