#include "policy/check_list.h"

#include <algorithm>
#include <utility>

namespace attestml::policy {

using verify::CheckVerdict;

bool CheckList::Add(std::string_view id, bool pass, std::string seen, std::string wanted) {
  Put({std::string(id), pass ? CheckVerdict::kPass : CheckVerdict::kFail, std::move(seen), std::move(wanted)});
  return pass;
}

void CheckList::NotChecked(std::string_view id, std::string seen, std::string wanted) {
  Put({std::string(id), CheckVerdict::kNotChecked, std::move(seen), std::move(wanted)});
}

bool CheckList::AnyFailed() const {
  return std::any_of(checks_.begin(), checks_.end(),
                     [](const verify::Check& check) { return check.verdict == CheckVerdict::kFail; });
}

void CheckList::Put(verify::Check check) {
  const bool known = std::any_of(checks_.begin(), checks_.end(), [&](const verify::Check& other) {
    return other.id == check.id && other.verdict == check.verdict && other.seen == check.seen &&
           other.wanted == check.wanted;
  });
  if (!known) checks_.push_back(std::move(check));
}

}  // namespace attestml::policy
