#include "verify/memo.h"

#include <mutex>

namespace attestml::verify {

crypto::Digest256 Memo::Key(std::string_view what, std::initializer_list<BytesView> parts) {
  crypto::Sha256Stream hash;
  // Lengths first, so that no two lists of parts run together into one.
  const auto add = [&](BytesView part) {
    std::array<std::uint8_t, 8> size{};
    for (std::size_t i = 0; i < size.size(); ++i)
      size[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (8 * i));
    hash.Update(size).Update(part);
  };
  add(AsBytes(what));
  for (BytesView part : parts) add(part);
  return hash.Finish();
}

std::shared_ptr<const void> Memo::Find(const crypto::Digest256& key) const {
  const std::shared_lock lock(mutex_);
  const auto it = known_.find(key);
  return it == known_.end() ? nullptr : it->second;
}

void Memo::Keep(const crypto::Digest256& key, std::shared_ptr<const void> value) {
  const std::unique_lock lock(mutex_);
  if (known_.size() >= max_entries_) known_.clear();
  known_.emplace(key, std::move(value));
}

}  // namespace attestml::verify
