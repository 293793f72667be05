// Strict reading of one object of a JsonDocument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/json_document.h"
#include "base/result.h"

namespace attestml {

// JsonFields reads one object strictly, as JsonObject does for Json, with the same errors: each member is asked for by
// name, and Finish refuses those nobody asked for. Borrows `value`, `id`, `what` and the names. Asking in order of the
// names is fastest. At most 63 names may be asked for.
class JsonFields {
 public:
  // Fails (on first use) when `value` is not an object.
  JsonFields(JsonView value, std::string_view id, std::string_view what);

  Result<std::string_view> String(std::string_view name);  // borrows from the document
  Result<std::uint64_t> Unsigned(std::string_view name);
  Result<bool> Bool(std::string_view name);
  Result<JsonView> Object(std::string_view name);
  Result<JsonView> Array(std::string_view name);
  // No value when absent; the kind is the caller's to check.
  JsonView Optional(std::string_view name);
  // An error as those of the functions above give it: `name` is there and not `kind_name`.
  Error NotA(std::string_view name, std::string_view kind_name) const;

  // Refuses members that were never asked for, naming the first.
  Status Finish() const;

 private:
  Result<JsonView> Find(std::string_view name, JsonKind kind, std::string_view kind_name);

  JsonView value_;
  std::string_view id_;
  std::string_view what_;
  std::string_view last_;         // the name asked for last: the caller's, for as long as this
  const JsonNode* at_ = nullptr;  // the first member whose name is not smaller than that
  std::size_t index_ = 0;         // of that member
  std::uint64_t asked_ = 0;       // one bit for each of the first 64 members
};

}  // namespace attestml
