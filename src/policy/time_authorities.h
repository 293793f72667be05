// What a policy says of time: whether an earlier one counts, and whose time stamps do (spec/policy.md 2, 4.1).
#pragma once

#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "policy/policy.h"
#include "verify/timestamps.h"

namespace attestml::policy {

// trust.as-of: false, true or "stamped"; false when absent. Error ids policy.type, policy.value.
Result<AsOf> ReadAsOf(TomlTable& trust);

// [[time-authority]]: name, root, certificates (PEM), policies. Error ids policy.*.
Result<std::vector<verify::TimeAuthority>> ReadTimeAuthorities(std::vector<TomlTable>& tables);

}  // namespace attestml::policy
