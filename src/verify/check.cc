#include "verify/check.h"

#include <algorithm>

namespace attestml::verify {

std::string_view CheckVerdictName(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::kPass:
      return "pass";
    case CheckVerdict::kFail:
      return "fail";
    case CheckVerdict::kNotChecked:
      return "not_checked";
  }
  return "fail";
}

CheckList::CheckList(std::span<const std::string_view> ids) {
  checks_.reserve(ids.size());
  for (std::string_view id : ids) checks_.push_back({std::string(id), CheckVerdict::kNotChecked, "", ""});
}

void CheckList::Pass(std::string_view id, std::string seen, std::string wanted) {
  Mark(id, CheckVerdict::kPass, std::move(seen), std::move(wanted));
}

void CheckList::Fail(std::string_view id, std::string seen, std::string wanted) {
  Mark(id, CheckVerdict::kFail, std::move(seen), std::move(wanted));
}

void CheckList::NotChecked(std::string_view id, std::string seen, std::string wanted) {
  Mark(id, CheckVerdict::kNotChecked, std::move(seen), std::move(wanted));
}

void CheckList::Mark(std::string_view id, CheckVerdict verdict, std::string seen, std::string wanted) {
  auto it = std::find_if(checks_.begin(), checks_.end(), [&](const Check& check) { return check.id == id; });
  if (it == checks_.end()) it = checks_.insert(checks_.end(), Check{std::string(id), verdict, "", ""});
  it->verdict = verdict;
  it->seen = std::move(seen);
  it->wanted = std::move(wanted);
}

}  // namespace attestml::verify
