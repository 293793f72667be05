// The checks of one appraisal, as they are made. Each is said once; accepted means that none failed.
#pragma once

#include <string>
#include <string_view>

#include "verify/check.h"

namespace attestml::policy {

class CheckList {
 public:
  // Records a check and returns whether it passed. The same line twice is one line.
  bool Add(std::string_view id, bool pass, std::string seen, std::string wanted);
  // For what is optional: it was not looked at, and the report says so.
  void NotChecked(std::string_view id, std::string seen, std::string wanted);

  bool AnyFailed() const;
  const verify::Checks& checks() const { return checks_; }

 private:
  void Put(verify::Check check);
  verify::Checks checks_;
};

}  // namespace attestml::policy
