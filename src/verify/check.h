// One line of a report: what was checked, and how it ended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attestml::verify {

enum class CheckVerdict : unsigned char { kPass, kFail, kNotChecked };

// Check ids are stable and dotted ("sgx.tcb.status"), listed in spec/checks.md, and shared by code and vectors.
struct Check {
  std::string id;
  CheckVerdict verdict = CheckVerdict::kNotChecked;
  std::string seen;
  std::string wanted;
};

// "pass", "fail", "not_checked".
std::string_view CheckVerdictName(CheckVerdict verdict);

using Checks = std::vector<Check>;

}  // namespace attestml::verify
