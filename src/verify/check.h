// One line of a report: what was checked, and how it ended.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attestml::verify {

enum class CheckVerdict : unsigned char { kPass, kFail, kNotChecked };

// Check ids are stable and dotted ("sgx.tcb.status"), listed in spec/evidence.md, and shared by code and vectors.
struct Check {
  std::string id;
  CheckVerdict verdict = CheckVerdict::kNotChecked;
  std::string seen;
  std::string wanted;
};

// "pass", "fail", "not_checked".
std::string_view CheckVerdictName(CheckVerdict verdict);

using Checks = std::vector<Check>;

// CheckList is a format's checks in their fixed order: all of them stand in it from the start, not checked, and are
// marked as verification gets to them. Marking an id that is not in the list adds it, so that nothing can be lost.
class CheckList {
 public:
  explicit CheckList(std::span<const std::string_view> ids);
  void Pass(std::string_view id, std::string seen, std::string wanted);
  void Fail(std::string_view id, std::string seen, std::string wanted);
  void NotChecked(std::string_view id, std::string seen, std::string wanted);  // and why
  Checks Take() && { return std::move(checks_); }

 private:
  void Mark(std::string_view id, CheckVerdict verdict, std::string seen, std::string wanted);
  Checks checks_;
};

}  // namespace attestml::verify
