// Memo remembers what follows from bytes alone, for verifiers that see the same collateral again and again.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "crypto/digest.h"

namespace attestml::verify {

// What is kept under a key is a pure function of the bytes that the key is the SHA-256 of: a parsed certificate,
// whether this key made this signature. No time, no anchor and no verdict over evidence is ever in it, so verification
// with a memo gives what it gives without. May be shared by threads. Holds at most `max_entries` answers, then starts
// over.
class Memo {
 public:
  explicit Memo(std::size_t max_entries = 2048) : max_entries_(max_entries) {}

  // Remember returns `compute()`, or what it returned for the same `what` and parts before. A name `what` always stands
  // for one type T and one function.
  template <typename T, typename Compute>
  std::shared_ptr<const T> Remember(std::string_view what, std::initializer_list<BytesView> parts, Compute compute) {
    const crypto::Digest256 key = Key(what, parts);
    if (auto known = Find(key)) return std::static_pointer_cast<const T>(known);
    auto fresh = std::make_shared<const T>(compute());
    Keep(key, fresh);
    return fresh;
  }

 private:
  static crypto::Digest256 Key(std::string_view what, std::initializer_list<BytesView> parts);
  std::shared_ptr<const void> Find(const crypto::Digest256& key) const;
  void Keep(const crypto::Digest256& key, std::shared_ptr<const void> value);

  const std::size_t max_entries_;
  mutable std::shared_mutex mutex_;
  std::map<crypto::Digest256, std::shared_ptr<const void>> known_;
};

// The same without a memo: `compute()`, when `memo` is null.
template <typename T, typename Compute>
std::shared_ptr<const T> Recall(Memo* memo, std::string_view what, std::initializer_list<BytesView> parts,
                                Compute compute) {
  if (memo != nullptr) return memo->Remember<T>(what, parts, std::move(compute));
  return std::make_shared<const T>(compute());
}

}  // namespace attestml::verify
