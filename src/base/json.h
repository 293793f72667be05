// Strict JSON on top of nlohmann-json.
//
// What other readers let pass and signatures do not cover is refused: duplicate keys, nesting deeper than 32,
// numbers that are not integers of at most 53 bits (numbers of claims are decimal strings), invalid UTF-8,
// trailing bytes. Objects keep their members sorted by name, so Dump gives one text for one value.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml {

using Json = nlohmann::json;

struct JsonLimits {
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t max_depth = 32;
  // Values in all, since "[[],[],…" grows about thirtyfold in memory.
  std::size_t max_values = std::size_t{1} << 20;
  bool allow_floats = false;
};

// ParseJson error ids: json.size, json.syntax, json.duplicate_key, json.depth, json.number.
Result<Json> ParseJson(std::string_view text, const JsonLimits& limits = {});

// DumpJson writes the compact canonical text: members sorted by name (bytewise), no white space, UTF-8 as it is.
std::string DumpJson(const Json& value);
// AppendJsonString appends the canonical text of one string, quotes included.
void AppendJsonString(std::string_view text, std::string* out);
// PrettyJson indents by two spaces, for people, and ends with a newline.
std::string PrettyJson(const Json& value);

// JsonObject reads one object strictly: each member is asked for by name, and Finish refuses those nobody asked for.
// Errors have id "<id>" and say where: `what` is the name of the object in messages. Borrows `value`.
class JsonObject {
 public:
  // Fails (on first use) when `value` is not an object.
  JsonObject(const Json& value, std::string id, std::string what);

  // Each returns the member or an Error of kind malformed: missing, or of another type.
  Result<std::string> String(std::string_view name);
  Result<std::uint64_t> Unsigned(std::string_view name);
  Result<bool> Bool(std::string_view name);
  Result<const Json*> Object(std::string_view name);
  Result<const Json*> Array(std::string_view name);
  // Optional: null pointer when absent; the type is the caller's to check.
  const Json* Optional(std::string_view name);
  bool Has(std::string_view name) const;

  // Refuses members that were never asked for, naming the first.
  Status Finish() const;

 private:
  Result<const Json*> Find(std::string_view name, Json::value_t type, std::string_view type_name);

  const Json* value_;
  std::string id_;
  std::string what_;
  std::vector<std::string> asked_;
};

}  // namespace attestml
