#include "data/dictionary.h"

namespace attestml::data {

std::int32_t Dictionary::Add(std::string_view text, std::size_t at, std::uint32_t tag) {
  const auto code = static_cast<std::int32_t>(values_.size());
  values_.emplace_back(text);
  slots_[at] = {tag, code};
  if (values_.size() * 2 > slots_.size()) {
    std::vector<Slot> wider(slots_.size() * 2);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::uint64_t hash = Hash(values_[i]);
      std::size_t to = hash & (wider.size() - 1);
      while (wider[to].code >= 0) to = (to + 1) & (wider.size() - 1);
      wider[to] = {static_cast<std::uint32_t>(hash >> 32U), static_cast<std::int32_t>(i)};
    }
    slots_ = std::move(wider);
  }
  return code;
}

}  // namespace attestml::data
