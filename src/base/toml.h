// Strict reading of TOML tables: every key is asked for by name, and those nobody asked for are errors with their line
// and the nearest known name. Job files and policies are read through it, so a typo is never an ignored rule.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

namespace attestml {

// A table as JSON: floats become shortest decimal strings; dates and non-finite floats, which jobs cannot hold, become
// null.
Json TomlToJson(const toml::table& table);

// TomlDocument owns a parsed file.
class TomlDocument {
 public:
  // At most 1 MiB. `file` is the name used in messages. Error ids <prefix>.size and <prefix>.syntax, kind usage.
  static Result<TomlDocument> Parse(std::string_view text, std::string file, std::string prefix);

  // Sets the dotted key to a value written as TOML ("3", "\"x\"", "[1, 2]"), or to a string when it is not valid TOML.
  // Tables on the way are made; array elements are named by number from 0. Error id <prefix>.set.
  Status Set(std::string_view dotted_key, std::string_view value);

  const toml::table& root() const { return *root_; }
  const std::string& file() const { return file_; }
  const std::string& prefix() const { return prefix_; }

 private:
  TomlDocument(std::shared_ptr<toml::table> root, std::string file, std::string prefix);
  std::shared_ptr<toml::table> root_;
  std::string file_, prefix_;
};

// TomlTable reads one table of a document. Borrows from the document. Getters return an Error of kind usage, id
// <prefix>.type, when the key is there with another type; absence is "nothing" or the default given.
class TomlTable {
 public:
  explicit TomlTable(const TomlDocument& document);

  Result<std::optional<std::string>> String(std::string_view key);
  Result<std::string> String(std::string_view key, std::string_view fallback);
  Result<std::string> RequiredString(std::string_view key);  // <prefix>.missing
  Result<std::optional<std::int64_t>> Integer(std::string_view key);
  // Within [low, high], else <prefix>.value.
  Result<std::int64_t> Integer(std::string_view key, std::int64_t fallback, std::int64_t low, std::int64_t high);
  Result<std::optional<double>> Number(std::string_view key);  // integer or float, finite
  Result<double> Number(std::string_view key, double fallback, double low, double high);
  Result<bool> Bool(std::string_view key, bool fallback);
  Result<std::vector<std::string>> Strings(std::string_view key);  // empty when absent
  Result<std::vector<std::int64_t>> Integers(std::string_view key);
  Result<std::optional<TomlTable>> Table(std::string_view key);
  Result<std::vector<TomlTable>> Tables(
      std::string_view key);  // array of tables, or array of inline tables; empty when absent
  // The members of this table, in order of their names; asking counts them all as known.
  std::vector<std::string> Keys();
  bool Has(std::string_view key) const;
  // Marks a key as known without reading it.
  void Allow(std::string_view key);
  // The value as JSON (floats become shortest decimal strings; dates are refused).
  Result<std::optional<Json>> Value(std::string_view key);

  // Refuses keys that were never asked for: id <prefix>.unknown_key.
  Status Finish() const;

  // An Error of kind usage at the place of `key` in this table: "FILE:LINE: [path] key: message".
  Error At(std::string_view key, std::string_view id, std::string_view message) const;
  const std::string& path() const { return path_; }

 private:
  TomlTable(const TomlDocument& document, const toml::table& table, std::string path);
  const toml::node* Find(std::string_view key);
  Error WrongType(std::string_view key, std::string_view wanted) const;
  std::string Name(std::string_view key) const;

  const TomlDocument* document_;
  const toml::table* table_;
  std::string path_;
  std::vector<std::string> asked_;
};

}  // namespace attestml
