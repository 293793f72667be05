// Writing TOML values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace attestml::policy {

// A basic string with its quotes.
std::string TomlString(std::string_view text);
std::string TomlStrings(const std::vector<std::string>& texts);
// A JSON value as an inline TOML value; numbers are integers, null is not written and gives "".
std::string TomlValue(const Json& value);
// [{ column = "sex", value = "Female" }, …], which no column name can make ambiguous; a single one without the
// brackets.
std::string TomlPairs(const std::map<std::string, std::string>& pairs);

}  // namespace attestml::policy
